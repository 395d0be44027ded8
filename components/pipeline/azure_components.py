"""A pipeline as Azure ML's components, each of a version that its content names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_azure_native as azure

from components import package
from components.capability import retained
from components.pipeline import PipelineArgs, step_settings
from components.pipeline.azure_assets import Code, new_version
from components.pipeline.azure_compute import Compute
from components.pipeline.azure_definition import (
    Spec,
    command_component,
    component_name,
    content_version,
    data_type,
    pipeline_component,
)
from components.scope import ModelScope
from components.targets.azure.machines import image
from components.targets.azure.resources import ResourceIds, known_after
from training import pipeline as neutral

ml = azure.machinelearningservices

# What is known once the stack is up: the text, by the name that stands for it in a version.
Texts = Mapping[str, str]


@dataclass(frozen=True)
class PipelineComponent:
    """A pipeline's component by its id, and with the version that is made of the settings."""

    id: pulumi.Output[str]
    version: pulumi.Output[str]


def make(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    scope: ModelScope,
    shared: Code,
    compute: Compute,
    environment: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> PipelineComponent:
    """A component per step, and the pipeline that is made of them.

    A version is named by the digest of what the component is made of, with names in the place of
    what is known only when the stack is up. So it changes with the content, also in a preview.
    """
    registry, resource_ids = args.registry.shared, ResourceIds.of(args.registry.shared)
    stem = component_name(scope.name(), pipeline.name)
    outputs = {
        "store": registry.store,
        "registry": registry.registry,
        "environment": pulumi.Output.from_input(environment),
        "code": shared.code,
        **({} if compute.client is None else {"client": compute.client}),
    }
    symbols = {name: name for name in outputs}
    symbols["environment"] = image(scope.model)
    ids: pulumi.Output[Texts] = pulumi.Output.all(**outputs)
    spec = _specs(pipeline, stem, scope, shared.digest)
    versions = {step.name: content_version(spec(step, symbols)) for step in pipeline.steps}
    components = {
        step.name: _component(
            f"{scope.model.name}-{step.name}",
            component_name(stem, step.name),
            versions[step.name],
            ids.apply(lambda values, step=step: spec(step, values)),
            resource_ids,
            opts,
        )
        for step in pipeline.steps
    }

    def whole(ids: Mapping[str, str], values: Texts) -> Spec:
        machines = compute.serverless(values.get("client"))
        return pipeline_component(
            stem, pipeline, ids, data_type(scope.model.data.location), machines
        )

    version = _component(
        f"{scope.model.name}-{pipeline.name}",
        stem,
        content_version(whole(versions, symbols)),
        pulumi.Output.all(pulumi.Output.all(**components), ids).apply(lambda texts: whole(*texts)),
        resource_ids,
        opts,
    )
    unversioned = pulumi.Output.concat(resource_ids.workspace_id, f"/components/{stem}")
    return PipelineComponent(id=unversioned, version=version)


def _specs(
    pipeline: neutral.Pipeline, stem: str, scope: ModelScope, digest: str
) -> Callable[[neutral.Step, Texts], Spec]:
    """The component of a step, made of what is known."""

    def spec(step: neutral.Step, ids: Texts) -> Spec:
        values = step_settings(
            scope.model, digest, ids["store"], ids["registry"], ids["environment"]
        )
        return command_component(
            component_name(stem, step.name),
            pipeline,
            step,
            # All of them are texts, since what is known is.
            cast("dict[str, str | None]", values),
            captures=f"{ids['store']}/models/{scope.model.name}/captures",
            data=data_type(scope.model.data.location),
            wheel=package.file_name(digest),
            code=ids["code"],
            environment=ids["environment"],
            retrain=step.name == "drift" and scope.model.retraining.on_drift,
        )

    return spec


def _component(
    resource: str,
    component: str,
    digest: str,
    spec: pulumi.Output[Spec],
    resource_ids: ResourceIds,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    version = new_version(resource, "ComponentVersion", digest)
    resource_version = ml.ComponentVersion(
        resource,
        ml.ComponentVersionArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            name=component,
            version=version,
            properties=ml.ComponentVersionPropertiesArgs(
                component_spec=pulumi.Output.all(spec, version).apply(
                    lambda pair: {**pair[0], "version": pair[1]}
                ),
            ),
        ),
        retained(opts),
    )
    # Unlike its id, its URN is known in a preview.
    asset = pulumi.Output.concat(f"/components/{component}/versions/", version)
    address = pulumi.Output.concat(resource_ids.workspace_id, asset)
    return known_after(address, resource_version.urn)
