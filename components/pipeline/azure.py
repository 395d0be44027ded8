"""The pipelines on Azure: the code asset, each pipeline's components, and what starts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pulumi
import pulumi_azure_native as azure

from components import package
from components.capability import INTERNAL, retained
from components.pipeline import Pipeline, PipelineArgs, PipelineModel, PipelineShared
from components.pipeline.azure_assets import Code, new_version
from components.pipeline.azure_components import PipelineComponent, make
from components.pipeline.azure_compute import Compute, compute, environment
from components.pipeline.azure_definition import data_type
from components.registry.azure import foundation
from components.scope import ModelScope, StackScope
from components.targets.azure.dynamic import CodePackage, Document
from components.targets.azure.resources import ResourceIds, grant, known_after
from training import pipeline as neutral

ml = azure.machinelearningservices


@dataclass(frozen=True)
class PipelineJobs(PipelineModel):
    """The pipelines of a model by the ids of their components, and where their jobs run.

    `versions` are the ids with the version that a job runs, by the pipeline's name.
    """

    versions: dict[str, pulumi.Output[str]] = field(metadata=INTERNAL)
    compute: Compute = field(metadata=INTERNAL)


def pipeline_jobs(pipeline: Pipeline, scope: ModelScope) -> PipelineJobs:
    """The pipelines of a model on Azure."""
    return cast(PipelineJobs, pipeline.models[scope.model.name])


def create_shared(scope: StackScope, args: PipelineArgs, opts: pulumi.ResourceOptions) -> Code:
    """The code package, and the asset that jobs find it by."""
    registry = args.registry.shared
    resource_ids, opts = ResourceIds.of(registry), retained(opts)
    digest = package.digest(package.contents(Path.cwd()))
    folder = f"code/{digest[:16]}"
    key = f"{folder}/{package.file_name(digest)}"
    code = CodePackage("code", store=registry.store, key=key, digest=digest, opts=opts)
    version = new_version("code", "CodeVersion", digest[:16])
    asset = ml.CodeVersion(
        "code",
        ml.CodeVersionArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            name=scope.prefix,
            version=version,
            properties=ml.CodeVersionPropertiesArgs(
                code_uri=pulumi.Output.concat(registry.store, f"/{folder}"),
            ),
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[code])),
    )
    # Unlike its id, its URN is known in a preview, and with it all that is made of the code.
    address = pulumi.Output.concat(f"/codes/{scope.prefix}/versions/", version)
    return Code(
        digest=digest,
        package=known_after(key, asset.urn),
        code=known_after(pulumi.Output.concat(resource_ids.workspace_id, address), asset.urn),
    )


def create_model(
    scope: ModelScope, args: PipelineArgs, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> PipelineJobs:
    """Both pipelines of a model, and where their jobs run."""
    resource_ids = ResourceIds.of(args.registry.shared)
    base = foundation(args.registry)
    identity = base.steps[scope.model.name]
    grants = grant(
        "steps",
        base.roles,
        scope.stack,
        resource_ids,
        identity.principal_id,
        opts,
        name=f"{scope.model.name}-steps",
        registry=base.published,
    )
    compute_target = compute(args, scope, resource_ids, identity, list(grants), opts)
    image = environment(args, scope, resource_ids, opts)
    versions = {
        pipeline.name: make(pipeline, args, scope, cast(Code, shared), compute_target, image, opts)
        for pipeline in neutral.PIPELINES
    }
    for pipeline in neutral.PIPELINES:
        _document(pipeline, args, scope, shared, compute_target, versions[pipeline.name], opts)
    return PipelineJobs(
        training=versions[neutral.TRAINING.name].id,
        drift_check=versions[neutral.DRIFT_CHECK.name].id,
        versions={name: component.version for name, component in versions.items()},
        compute=compute_target,
    )


def _document(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    scope: ModelScope,
    shared: PipelineShared,
    compute_target: Compute,
    job: PipelineComponent,
    opts: pulumi.ResourceOptions,
) -> None:
    """The document that a job of the pipeline is started with."""
    registry = args.registry.shared
    data = {
        "jobInputType": data_type(scope.model.data.location),
        "uri": scope.model.data.location,
        "mode": "ReadOnlyMount",
    }
    Document(
        f"{scope.model.name}-{pipeline.name}",
        store=registry.store,
        key=f"models/{scope.model.name}/pipelines/{pipeline.name}.json",
        content={
            "component": job.version,
            "package": shared.package,
            "experiment": scope.name(),
            "parameters": {k: v for k, v in pipeline.parameters.items() if k != neutral.RUN},
            "steps": [step.name for step in pipeline.steps],
            "inputs": {"data": data},
            "settings": compute_target.settings(ResourceIds.of(registry)),
            "identity": compute_target.identity(),
        },
        opts=opts,
    )
