"""Permissions on Azure: what the general evaluator does not know by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.permissions import Call, Need
from pulumi_simcloud.permissions.azure import AzureAuthority, within
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

ML = "azure-native:machinelearningservices"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
WORKSPACE_KEYS = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
QUERY = "Microsoft.OperationalInsights/workspaces/query/read"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"


def _reach(row: Row, world: World, verbs: tuple[str, ...]) -> Iterator[tuple[str, Need]]:
    """Data of the workspace that the identities of a resource are to read and write."""
    workspace = row.id.rsplit("/", 2)[0]
    for name in (row.inputs.get("identity") or {}).get("userAssignedIdentities") or []:
        identity = world.find([IDENTITY], name, ("id",))
        if identity is None:
            continue
        for datastore in world.of(f"{ML}:Datastore"):
            if not within(datastore.id, workspace):
                continue
            for verb in verbs:
                call = Call(f"{BLOBS}/{verb}", _container(datastore, world), {"data": True})
                yield identity.outputs["principalId"], (call,)


def _container(datastore: Row, world: World) -> str:
    """The id of the container that a datastore names, in the group it says or its own."""
    properties = datastore.inputs["properties"]
    group = properties.get("resourceGroup") or datastore.inputs["resourceGroupName"]
    scope = f"/subscriptions/{world.variables['subscription']}/resourceGroups/{group}"
    account = f"{scope}/providers/Microsoft.Storage/storageAccounts/{properties['accountName']}"
    return f"{account}/blobServices/default/containers/{properties['containerName']}"


def _cluster(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    return _reach(row, world, ("read", "write"))


def _endpoint(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    return _reach(row, world, ("read",))


AUTHORITY = AzureAuthority(
    linked={
        # "The client has permission to perform action ... on the linked scope(s)":
        # learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings (required roles).
        "azure-native:monitor:DiagnosticSetting": (("workspaceId", WORKSPACE_KEYS),),
        # learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule, "Identity": a
        # rule queries with the permissions of who wrote it last. Azure takes a rule that may not,
        # and then it fails at each evaluation; here it is refused at once.
        "azure-native:monitor:ScheduledQueryRule": (("scopes[*]", QUERY),),
        "azure-native:machinelearningservices:Compute": (
            ("properties.properties.subnet.id", JOIN),
        ),
    },
    # What identities need on the data of datastores, which have no key of their own here.
    running={
        # learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication,
        # "Compute cluster": Storage Blob Data Reader to read, Contributor to write outputs.
        f"{ML}:Compute": _cluster,
        # learn.microsoft.com/azure/machine-learning/how-to-access-resources-from-endpoints-managed-
        # identities: the identity reads the model's and the code's blobs.
        f"{ML}:OnlineEndpoint": _endpoint,
    },
)

__all__ = ["AUTHORITY"]
