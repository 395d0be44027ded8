"""A model's pipelines as requests to Vertex AI: the spec by its digest, and the job around it."""

from __future__ import annotations

import hashlib
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.capability import retained
from components.pipeline import PipelineArgs, PipelineShared, step_settings
from components.pipeline.gcp_definition import StepEnvironment, definition
from components.registry.gcp import foundation
from components.scope import ModelScope
from components.targets.gcp.machines import compute_type, image, machine
from components.targets.gcp.resources import canonical_json, project, readable, underscored, uri
from training import pipeline as neutral

# Where Vertex AI keeps what passes between steps; deleted with the runs.
ROOT = "pipeline-root"


def captures(scope: ModelScope) -> str:
    """The table that the endpoint of a model writes requests and answers to."""
    return f"bq://{project()}.{underscored(scope.prefix)}.{underscored(scope.model.name)}"


def spec_of(
    pipeline: neutral.Pipeline, args: PipelineArgs, scope: ModelScope, shared: PipelineShared
) -> pulumi.Output[str]:
    """The compiled pipeline as JSON."""
    base = foundation(args.registry)
    settings = step_settings(
        scope.model, shared.digest, base.store, base.registry, image(scope.model)
    )
    size = machine(compute_type(scope.model))
    assert size is not None, "components.targets.gcp has checked it"

    def compiled(values: dict[str, Any]) -> str:
        environment = StepEnvironment(
            name=scope.name(pipeline.name),
            image=image(scope.model),
            package=f"{values['store']}/{values['package']}",
            outputs=f"{values['store']}/models/{scope.model.name}/runs",
            sources={"data": scope.model.data.location, "captures": captures(scope)},
            processors=size[0],
            gigabytes=size[1],
        )
        return canonical_json(definition(pipeline, values["settings"], environment))

    values = {"store": base.store, "package": shared.package, "settings": settings}
    return pulumi.Output.from_input(values).apply(compiled)


def store_spec(
    pipeline: neutral.Pipeline,
    scope: ModelScope,
    spec: pulumi.Output[str],
    bucket: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The key of the spec in the store, which names its digest.

    It goes with the store: a change that is taken back may be to the same key, which the engine
    would delete as the one that was replaced.
    """
    folder = f"models/{scope.model.name}/pipelines/specs"
    spec_object = gcp.storage.BucketObject(
        f"{scope.model.name}-{pipeline.name}-spec",
        gcp.storage.BucketObjectArgs(
            bucket=bucket,
            name=spec.apply(
                lambda content: f"{folder}/{hashlib.sha256(content.encode()).hexdigest()[:16]}.json"
            ),
            content=spec,
            content_type="application/json",
        ),
        retained(readable(opts)),
    )
    return spec_object.name


def job_request(
    pipeline: neutral.Pipeline, args: PipelineArgs, scope: ModelScope, runner: pulumi.Output[str]
) -> pulumi.Output[dict[str, Any]]:
    """A PipelineJob of Vertex AI, without its spec, run as `runner`."""
    base = foundation(args.registry)
    return pulumi.Output.from_input(
        {
            "displayName": scope.name(pipeline.name),
            "serviceAccount": runner,
            "encryptionSpec": {"kmsKeyName": base.key},
            # A run is told by its labels from one of a stack of the same name before this one.
            "labels": {**scope.tags, "pipeline": pipeline.name, "store": base.bucket},
            "runtimeConfig": {"gcsOutputDirectory": uri(base.bucket, f"{ROOT}/{scope.model.name}")},
        }
    )
