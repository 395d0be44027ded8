"""The compute of a model's jobs: a cluster that scales to zero, or serverless compute."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.capability import retained
from components.pipeline import PipelineArgs
from components.pipeline.azure_assets import new_version
from components.pipeline.azure_definition import Serverless, content_version
from components.scope import ModelScope
from components.settings import Model
from components.targets.azure.machines import ASSET, compute_type, image
from components.targets.azure.resources import ResourceIds, known_after

ml = azure.machinelearningservices

# A cluster costs nothing while no job runs.
LEAST_NODES, MOST_NODES, IDLE = 0, 2, "PT120S"
# What Azure ML calls compute that is nobody's own.
SERVERLESS = "serverless"


@dataclass(frozen=True)
class Compute:
    """`target` is a cluster's id or ``serverless``; `client` whom jobs act as, if that is to say.

    A cluster's jobs act as the identity that the cluster has.
    """

    target: pulumi.Output[str]
    client: pulumi.Output[str] | None
    size: str

    def serverless(self, client: str | None) -> Serverless | None:
        """The compute of a node, with the client id as it is known."""
        return None if client is None else Serverless(self.size, client)

    def settings(self, resource_ids: ResourceIds) -> dict[str, pulumi.Input[str]]:
        """The settings of a pipeline job: where it runs, and where its nodes' outputs go."""
        return {"default_compute": self.target, "default_datastore": resource_ids.datastore_id}

    def identity(self) -> dict[str, pulumi.Input[str]]:
        """The identity that a pipeline job acts as, as the REST API takes it."""
        client_id = {} if self.client is None else {"clientId": self.client}
        return {"identityType": "Managed", **client_id}


def compute(
    args: PipelineArgs,
    scope: ModelScope,
    resource_ids: ResourceIds,
    identity: azure.managedidentity.UserAssignedIdentity,
    granted: list[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> Compute:
    """The compute of a model's settings, once `identity` has what is `granted` to it."""
    size = compute_type(scope.model)
    if scope.model.compute.serverless:
        target = known_after(SERVERLESS, *(assignment.urn for assignment in granted))
        return Compute(target=target, client=identity.client_id, size=size)
    compute_name = cluster_name(scope.model, size)
    cluster = ml.Compute(
        f"{scope.model.name}-cluster",
        ml.ComputeArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            compute_name=compute_name,
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[identity.id],
            ),
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                disable_local_auth=True,
                properties=ml.AmlComputePropertiesArgs(
                    vm_size=size,
                    vm_priority=ml.VmPriority.DEDICATED,
                    remote_login_port_public_access=ml.RemoteLoginPortPublicAccess.DISABLED,
                    scale_settings=ml.ScaleSettingsArgs(
                        min_node_count=LEAST_NODES,
                        max_node_count=MOST_NODES,
                        node_idle_time_before_scale_down=IDLE,
                    ),
                ),
            ),
            tags=scope.tags,
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=granted)),
    )
    # Unlike its id, its URN is known in a preview.
    target = known_after(
        pulumi.Output.concat(resource_ids.workspace_id, "/computes/", compute_name), cluster.urn
    )
    return Compute(target=target, client=None, size=size)


def cluster_name(model: Model, size: str) -> str:
    """The name of the model's cluster of this size, at most 24 characters.

    One of another size is another cluster, there before what names the old one moves to it: of
    the sizes that there are, no two have the same three digits.
    """
    digits = base64.b32encode(hashlib.sha256(size.encode()).digest())[:3].decode().lower()
    # "the name ... can't end in - and digits": "Computes - Create Or Update", the name's pattern.
    digits = f"x{digits[1:]}" if digits.isdigit() else digits
    return f"{model.name}-{digits}"


def environment(
    args: PipelineArgs, scope: ModelScope, resource_ids: ResourceIds, opts: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    """The environment's id: the curated one, or one of the team's own image."""
    reference = image(scope.model)
    if reference.startswith(ASSET):
        return reference
    resource, stem = f"{scope.model.name}-environment", scope.name()
    version = new_version(resource, "EnvironmentVersion", content_version(reference))
    asset_version = ml.EnvironmentVersion(
        resource,
        ml.EnvironmentVersionArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            name=stem,
            version=version,
            properties=ml.EnvironmentVersionPropertiesArgs(
                image=reference, os_type=ml.OperatingSystemType.LINUX
            ),
        ),
        retained(opts),
    )
    asset = pulumi.Output.concat(f"/environments/{stem}/versions/", version)
    return known_after(
        pulumi.Output.concat("azureml:", resource_ids.workspace_id, asset), asset_version.urn
    )
