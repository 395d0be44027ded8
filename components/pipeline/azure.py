"""The pipelines on Azure: the code asset, each pipeline's components, and what starts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pulumi
import pulumi_azure_native as azure

from components import package
from components.azure_blobs import CodePackage, Document
from components.azure_resources import Place, after, grant
from components.capability import INTERNAL, retained
from components.names import name, prefix
from components.pipeline import Pipeline, PipelineArgs, PipelineModel, PipelineShared
from components.pipeline.azure_assets import Code, new_version
from components.pipeline.azure_components import Made, make
from components.pipeline.azure_compute import Compute, compute, environment
from components.pipeline.azure_definition import data_type
from components.registry.azure import foundation
from components.settings import Model
from training import pipeline as neutral

ml = azure.machinelearningservices


@dataclass(frozen=True)
class Jobs(PipelineModel):
    """The pipelines of a model by the ids of their components, and where their jobs run.

    `versions` are the ids with the version that a job runs, by the pipeline's name.
    """

    versions: dict[str, pulumi.Output[str]] = field(metadata=INTERNAL)
    compute: Compute = field(metadata=INTERNAL)


def jobs(pipeline: Pipeline, model: Model) -> Jobs:
    """The pipelines of a model on Azure."""
    return cast(Jobs, pipeline.models[model.name])


def shared(args: PipelineArgs, opts: pulumi.ResourceOptions) -> Code:
    """The code package, and the asset that jobs find it by."""
    settings, registry = args.settings, args.registry.shared
    place, opts = Place.of(registry), retained(opts)
    digest = package.digest(package.contents(Path.cwd()))
    folder = f"code/{digest[:16]}"
    key = f"{folder}/{package.file_name(digest)}"
    code = CodePackage("code", store=registry.store, key=key, digest=digest, opts=opts)
    version = new_version("code", "CodeVersion", digest[:16])
    asset = ml.CodeVersion(
        "code",
        ml.CodeVersionArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=prefix(settings),
            version=version,
            properties=ml.CodeVersionPropertiesArgs(
                code_uri=pulumi.Output.concat(registry.store, f"/{folder}"),
            ),
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[code])),
    )
    # Unlike its id, its URN is known in a preview, and with it all that is made of the code.
    address = pulumi.Output.concat(f"/codes/{prefix(settings)}/versions/", version)
    return Code(
        digest=digest,
        package=after(key, asset.urn),
        code=after(pulumi.Output.concat(place.workspace_id, address), asset.urn),
    )


def model(
    args: PipelineArgs, settings: Model, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> Jobs:
    """Both pipelines of a model, and where their jobs run."""
    place = Place.of(args.registry.shared)
    base = foundation(args.registry)
    identity = base.steps[settings.name]
    grants = grant(
        "steps",
        args.settings,
        place,
        identity.principal_id,
        opts,
        name=f"{settings.name}-steps",
        registry=base.published,
    )
    where = compute(args, settings, place, identity, list(grants), opts)
    image = environment(args, settings, place, opts)
    made = {
        pipeline.name: make(pipeline, args, settings, cast(Code, shared), where, image, opts)
        for pipeline in neutral.PIPELINES
    }
    for pipeline in neutral.PIPELINES:
        _document(pipeline, args, settings, shared, where, made[pipeline.name], opts)
    return Jobs(
        training=made[neutral.TRAINING.name].id,
        drift_check=made[neutral.DRIFT_CHECK.name].id,
        versions={each: found.version for each, found in made.items()},
        compute=where,
    )


def _document(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    settings: Model,
    shared: PipelineShared,
    where: Compute,
    made: Made,
    opts: pulumi.ResourceOptions,
) -> None:
    """What a job of the pipeline is started with."""
    registry = args.registry.shared
    data = {
        "jobInputType": data_type(settings.data.location),
        "uri": settings.data.location,
        "mode": "ReadOnlyMount",
    }
    Document(
        f"{settings.name}-{pipeline.name}",
        store=registry.store,
        key=f"models/{settings.name}/pipelines/{pipeline.name}.json",
        content={
            "component": made.version,
            "package": shared.package,
            "experiment": name(args.settings, settings),
            "parameters": {k: v for k, v in pipeline.parameters.items() if k != neutral.RUN},
            "steps": [step.name for step in pipeline.steps],
            "inputs": {"data": data},
            "settings": where.settings(Place.of(registry)),
            "identity": where.identity(),
        },
        opts=opts,
    )
