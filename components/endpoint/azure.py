"""The endpoint on Azure: a managed online endpoint; releases bring its deployments."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.azure_blobs import Document
from components.azure_resources import Place, after, grant
from components.endpoint import EndpointArgs, EndpointModel, EndpointShared, release_settings
from components.names import name, tags
from components.registry.azure import foundation
from components.settings import Model
from components.targets.azure import endpoint_type, image

ml = azure.machinelearningservices


def shared(args: EndpointArgs, opts: pulumi.ResourceOptions) -> EndpointShared:
    """Nothing."""
    return EndpointShared()


def model(
    args: EndpointArgs, settings: Model, shared: EndpointShared, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint, without a deployment until the first release, and what a release needs."""
    registry, base = args.registry.shared, foundation(args.registry)
    place, stem = Place.of(registry), name(args.settings, settings)
    identity = azure.managedidentity.UserAssignedIdentity(
        f"{settings.name}-endpoint",
        opts,
        resource_group_name=place.group,
        resource_name_=f"{stem}-endpoint",
        tags=tags(args.settings, settings),
    )
    grants = grant(
        "endpoint",
        args.settings,
        place,
        identity.principal_id,
        opts,
        name=f"{settings.name}-endpoint",
    )
    acting = after(identity.id, *(each.id for each in grants))
    endpoint = ml.OnlineEndpoint(
        # Unique in the region, by random digits at the end.
        stem,
        ml.OnlineEndpointArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            kind="Managed",
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[acting]
            ),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode=ml.EndpointAuthMode.AAD_TOKEN,
                description=f"{settings.data.task} of {settings.data.target}",
                public_network_access=ml.PublicNetworkAccessType.ENABLED,
            ),
            tags=tags(args.settings, settings),
        ),
        # Which deployment gets which share is the releases' business, and an update would send
        # the endpoint without any; so the next release brings new tags too.
        pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["properties", "tags"])
        ),
    )
    Document(
        f"{settings.name}-endpoint",
        store=registry.store,
        key=f"models/{settings.name}/endpoint.json",
        content={
            "endpoint": endpoint.name,
            "location": endpoint.location,
            "identity": identity.id,
            "instance_type": endpoint_type(settings),
            "instances": settings.endpoint.instances,
            "max_instances": settings.endpoint.max_instances or settings.endpoint.instances,
            "environment": image(settings),
            **release_settings(args.settings, settings),
            "alarms": list(settings.endpoint.rollback_alarms),
            "capture": {
                "percent": settings.endpoint.capture_percent,
                "datastore": place.datastore_id,
                "folder": f"models/{settings.name}/captures",
            },
            "tags": tags(args.settings, settings),
            "published": None
            if base.published is None
            else {"registry": base.published, "name": stem, "workspace": base.workspace},
        },
        opts=opts,
    )
    return EndpointModel(endpoint=endpoint.name)
