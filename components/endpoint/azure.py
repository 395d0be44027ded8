"""The endpoint on Azure: a managed online endpoint; releases bring its deployments."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.capability import NoOutputs
from components.endpoint import EndpointArgs, EndpointModel, release_settings
from components.registry.azure import foundation
from components.scope import ModelScope
from components.targets.azure.dynamic import Document
from components.targets.azure.machines import cores, endpoint_type, image
from components.targets.azure.resources import ResourceIds, grant, known_after

ml = azure.machinelearningservices


def create_model(
    scope: ModelScope, args: EndpointArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint, without a deployment until the first release, and what a release needs."""
    registry, base = args.registry.shared, foundation(args.registry)
    resource_ids, stem = ResourceIds.of(registry), scope.name()
    identity = azure.managedidentity.UserAssignedIdentity(
        f"{scope.model.name}-endpoint",
        opts,
        resource_group_name=resource_ids.group,
        resource_name_=f"{stem}-endpoint",
        tags=scope.tags,
    )
    grants = grant(
        "endpoint",
        base.roles,
        scope.stack,
        resource_ids,
        identity.principal_id,
        opts,
        name=f"{scope.model.name}-endpoint",
    )
    acting = known_after(identity.id, *(assignment.id for assignment in grants))
    endpoint = ml.OnlineEndpoint(
        # Unique in the region, by random digits at the end.
        stem,
        ml.OnlineEndpointArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            kind="Managed",
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[acting]
            ),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode=ml.EndpointAuthMode.AAD_TOKEN,
                description=f"{scope.model.data.task or 'prediction'} of {scope.model.data.target}",
                public_network_access=ml.PublicNetworkAccessType.ENABLED,
            ),
            tags=scope.tags,
        ),
        # Which deployment gets which share is the releases' business, and an update would send
        # the endpoint without any; so the next release brings new tags too.
        pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["properties", "tags"])
        ),
    )
    Document(
        f"{scope.model.name}-endpoint",
        store=registry.store,
        key=f"models/{scope.model.name}/endpoint.json",
        content={
            "endpoint": endpoint.name,
            "location": endpoint.location,
            "identity": identity.id,
            "instance_type": endpoint_type(scope.model),
            # The inference server's, each of which answers one request at a time (gunicorn, sync).
            "workers": cores(endpoint_type(scope.model)),
            "instances": scope.model.endpoint.instances,
            "max_instances": scope.model.endpoint.max_instances or scope.model.endpoint.instances,
            "environment": image(scope.model),
            **release_settings(scope),
            "alarms": list(scope.model.endpoint.rollback_alarms),
            "capture": {
                "percent": scope.model.endpoint.capture_percent,
                "datastore": resource_ids.datastore_id,
                "folder": f"models/{scope.model.name}/captures",
            },
            "tags": scope.tags,
            "published": None
            if base.published is None
            else {"registry": base.published, "name": stem, "workspace": base.workspace},
        },
        opts=opts,
    )
    return EndpointModel(endpoint=endpoint.name)
