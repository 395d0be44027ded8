"""The pipelines on Azure: the code asset, components by content, and a cluster for the jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pulumi
import pulumi_azure_native as azure

from components import package
from components.azure_blobs import CodePackage, Document
from components.azure_resources import Place, after, grant
from components.names import name, prefix, tags
from components.pipeline import PipelineArgs, PipelineModel, PipelineShared, step_settings
from components.pipeline.azure_definition import (
    Spec,
    command_component,
    component_name,
    content_version,
    data_type,
    pipeline_component,
)
from components.settings import Model
from components.targets.azure import ASSET, ENVIRONMENT, INSTANCE_TYPE
from training import pipeline as neutral

ml = azure.machinelearningservices

# A cluster costs nothing while no job runs.
MOST_NODES, IDLE = 2, "PT120S"


def shared(args: PipelineArgs, opts: pulumi.ResourceOptions) -> PipelineShared:
    """The code package, and the asset that jobs find it by."""
    settings, registry = args.settings, args.registry.shared
    place = Place.of(registry)
    digest = package.digest(package.contents(Path.cwd()))
    folder = f"code/{digest[:16]}"
    key = f"{folder}/{package.file_name(digest)}"
    code = CodePackage(
        "code",
        store=registry.store,
        key=key,
        digest=digest,
        # Versions name the code that made them; it goes with the store, not with the next change.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    asset = ml.CodeVersion(
        "code",
        ml.CodeVersionArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=prefix(settings),
            version=digest[:16],
            properties=ml.CodeVersionPropertiesArgs(
                code_uri=pulumi.Output.concat(registry.store, f"/{folder}"),
            ),
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[code])),
    )
    # Unlike its id, its URN is known in a preview, and with it all that is made of the code.
    return PipelineShared(digest=digest, package=after(key, asset.urn))


def model(
    args: PipelineArgs, settings: Model, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> PipelineModel:
    """Both pipelines of a model, and the cluster that their jobs run on."""
    place = Place.of(args.registry.shared)
    identity = azure.managedidentity.UserAssignedIdentity(
        f"{settings.name}-steps",
        opts,
        resource_group_name=place.group,
        resource_name_=f"{name(args.settings, settings)}-steps",
        tags=tags(args.settings),
    )
    grants = grant(
        "steps",
        args.settings,
        place,
        identity.principal_id,
        opts,
        name=f"{settings.name}-steps",
    )
    cluster = _cluster(args, settings, place, after(identity.id, *(g.id for g in grants)), opts)
    image = _environment(args, settings, place, opts)
    documents = [
        _pipeline(pipeline, args, settings, shared, cluster.id, image, opts)
        for pipeline in neutral.PIPELINES
    ]
    training, drift_check = documents
    return PipelineModel(training=training, drift_check=drift_check)


def _cluster(
    args: PipelineArgs,
    settings: Model,
    place: Place,
    identity: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> Any:
    """Nodes that are there while jobs run, and act as the steps' identity."""
    return ml.Compute(
        f"{settings.name}-cluster",
        ml.ComputeArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            compute_name=name(args.settings, settings),
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[identity],
            ),
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                disable_local_auth=True,
                properties=ml.AmlComputePropertiesArgs(
                    vm_size=settings.compute.instance_type or INSTANCE_TYPE,
                    vm_priority=ml.VmPriority.DEDICATED,
                    remote_login_port_public_access=ml.RemoteLoginPortPublicAccess.DISABLED,
                    scale_settings=ml.ScaleSettingsArgs(
                        min_node_count=0,
                        max_node_count=MOST_NODES,
                        node_idle_time_before_scale_down=IDLE,
                    ),
                ),
            ),
            tags=tags(args.settings),
        ),
        opts,
    )


def _environment(
    args: PipelineArgs, settings: Model, place: Place, opts: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    """The environment's id: the curated one, or one of the team's own image."""
    image = settings.compute.image or ENVIRONMENT
    if image.startswith(ASSET):
        return image
    made = ml.EnvironmentVersion(
        f"{settings.name}-environment",
        ml.EnvironmentVersionArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=name(args.settings, settings),
            version=content_version(image),
            properties=ml.EnvironmentVersionPropertiesArgs(
                image=image, os_type=ml.OperatingSystemType.LINUX
            ),
        ),
        opts,
    )
    return pulumi.Output.concat("azureml:", made.id)


def _pipeline(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    settings: Model,
    shared: PipelineShared,
    cluster: pulumi.Output[str],
    environment: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The components of a pipeline, and its document; the id of the pipeline component.

    A version is the digest of what the component is made of, with names in the place of what is
    known only when the stack is up. So it is known in a preview, and changes with the content.
    """
    registry = args.registry.shared
    place = Place.of(registry)
    stem = component_name(name(args.settings, settings), pipeline.name)
    data = data_type(settings.data.location)
    code = place.id(
        "Microsoft.MachineLearningServices/workspaces",
        pulumi.Output.concat(
            place.workspace, f"/codes/{prefix(args.settings)}/versions/{shared.digest[:16]}"
        ),
    )
    wheel = package.file_name(shared.digest)

    def spec(step: neutral.Step, known: dict[str, str]) -> Spec:
        values = step_settings(
            settings, shared.digest, known["store"], known["registry"], known["environment"]
        )
        return command_component(
            component_name(stem, step.name),
            pipeline,
            step,
            # All of them are texts, since what is known is.
            cast("dict[str, str | None]", values),
            captures=f"{known['store']}/models/{settings.name}/captures",
            data=data,
            wheel=wheel,
            code=known["code"],
            environment=known["environment"],
            retrain=step.name == "drift" and settings.retraining.on_drift,
        )

    outputs = {
        "store": registry.store,
        "registry": registry.registry,
        "environment": environment,
        "code": after(code, shared.package),
    }
    symbols = {each: each for each in outputs}
    symbols["environment"] = settings.compute.image or ENVIRONMENT
    known = pulumi.Output.all(**outputs)
    steps = {step.name: content_version(spec(step, symbols)) for step in pipeline.steps}
    components = {
        step.name: _component(
            f"{settings.name}-{step.name}",
            component_name(stem, step.name),
            steps[step.name],
            known.apply(lambda found, step=step: spec(step, found)),
            place,
            opts,
        )
        for step in pipeline.steps
    }
    whole = _component(
        f"{settings.name}-{pipeline.name}",
        stem,
        content_version(pipeline_component(stem, pipeline, steps, data)),
        pulumi.Output.all(**components).apply(
            lambda found: pipeline_component(stem, pipeline, found, data)
        ),
        place,
        opts,
    )
    Document(
        f"{settings.name}-{pipeline.name}",
        store=registry.store,
        key=f"models/{settings.name}/pipelines/{pipeline.name}.json",
        content={
            "component": whole,
            "package": shared.package,
            "experiment": name(args.settings, settings),
            "parameters": {k: v for k, v in pipeline.parameters.items() if k != neutral.RUN},
            "steps": [step.name for step in pipeline.steps],
            "inputs": {
                "data": {
                    "jobInputType": data,
                    "uri": settings.data.location,
                    "mode": "ReadOnlyMount",
                }
            },
            "settings": job_settings(cluster, place),
        },
        opts=opts,
    )
    return whole


def _component(
    resource: str,
    name: str,
    version: str,
    spec: pulumi.Output[Spec],
    place: Place,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    made = ml.ComponentVersion(
        resource,
        ml.ComponentVersionArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=name,
            version=version,
            properties=ml.ComponentVersionPropertiesArgs(
                component_spec=spec.apply(lambda found: {**found, "version": version}),
            ),
        ),
        opts,
    )
    address = pulumi.Output.concat(place.workspace_id, f"/components/{name}/versions/{version}")
    return after(address, made.urn)


def job_settings(cluster: pulumi.Input[str], place: Place) -> dict[str, pulumi.Input[str]]:
    """Where a pipeline job runs, and where its nodes' outputs go."""
    return {"default_compute": cluster, "default_datastore": place.datastore_id}
