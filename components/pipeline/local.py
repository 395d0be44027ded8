"""The pipelines on this computer: definitions for the local runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi

from components import package
from components.capability import retained
from components.pipeline import PipelineArgs, PipelineModel, PipelineShared, step_settings
from components.scope import ModelScope, StackScope
from components.targets.local.dynamic import CodePackage, Document
from training import pipeline as neutral


def create_shared(
    scope: StackScope, args: PipelineArgs, opts: pulumi.ResourceOptions
) -> PipelineShared:
    """The code package, in the store by its digest."""
    contents = package.contents(Path.cwd())
    digest = package.digest(contents)
    code = CodePackage(
        "code",
        store=args.registry.shared.store,
        package=f"code/{package.file_name(digest)}",
        digest=digest,
        # Versions name the code that made them; it goes with the store, not with the next change.
        opts=retained(opts),
    )
    return PipelineShared(digest=digest, package=code.package)


def create_model(
    scope: ModelScope, args: PipelineArgs, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> PipelineModel:
    """Both pipelines of a model, compiled."""
    folder = args.registry.models[scope.model.name].folder
    documents = {
        pipeline.name: Document(
            f"{scope.model.name}-{pipeline.name}",
            path=pulumi.Output.concat(folder, f"/pipelines/{pipeline.name}.json"),
            content=_compiled(pipeline, args, scope, shared),
            opts=opts,
        )
        for pipeline in neutral.PIPELINES
    }
    return PipelineModel(
        training=documents[neutral.TRAINING.name].path,
        drift_check=documents[neutral.DRIFT_CHECK.name].path,
    )


def _compiled(
    pipeline: neutral.Pipeline, args: PipelineArgs, scope: ModelScope, shared: PipelineShared
) -> dict[str, Any]:
    registry = args.registry
    values = step_settings(
        scope.model, shared.digest, registry.shared.store, registry.shared.registry, image=None
    )
    sources = {
        "data": scope.model.data.location,
        "captures": pulumi.Output.concat(registry.models[scope.model.name].folder, "/captures"),
    }

    def path(name: str) -> Any:
        return sources.get(name, f"{{outputs.{name}}}")

    return {
        "package": shared.package,
        "parameters": dict(pipeline.parameters),
        "steps": [
            {
                "name": step.name,
                "arguments": step.arguments(values, path, "{{parameters.{}}}".format),
                "after": list(step.after),
                "when": [{"step": c.step, "field": c.field} for c in step.when],
                "repeat": step.repeat,
            }
            for step in pipeline.steps
        ],
    }
