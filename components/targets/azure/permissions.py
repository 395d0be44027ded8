"""What each actor of an Azure stack calls, by scope: the only source of its role definitions.

Names of operations: learn.microsoft.com, "Azure permissions for AI + machine learning", "for
Storage", "for Monitor". A test holds the calls that each actor's code makes against this table,
both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

_ML = "Microsoft.MachineLearningServices/workspaces"
_REGISTRIES = "Microsoft.MachineLearningServices/registries"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_READ = f"{_BLOBS}/read"

# The scope that is there only if the settings name a shared registry.
REGISTRY = "registry"


@dataclass(frozen=True)
class Permission:
    """Operations of Azure Resource Manager, and of a service's own data."""

    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()


_WRITES = Permission(data_actions=(_READ, f"{_BLOBS}/write", f"{_BLOBS}/delete"))

# What a release does: the record in the store, then the endpoint (training/endpoint/azure.py).
_RELEASES = (
    f"{_ML}/codes/versions/write",
    f"{_ML}/data/versions/write",
    f"{_ML}/models/versions/read",
    f"{_ML}/models/versions/write",
    f"{_ML}/onlineEndpoints/read",
    f"{_ML}/onlineEndpoints/write",
    f"{_ML}/onlineEndpoints/deployments/read",
    f"{_ML}/onlineEndpoints/deployments/write",
    f"{_ML}/onlineEndpoints/deployments/delete",
    f"{_ML}/onlineEndpoints/score/action",
)
_AT_RELEASE = Permission(
    actions=(
        "Microsoft.AlertsManagement/alerts/read",
        "Microsoft.Insights/autoscaleSettings/write",
        "Microsoft.Insights/autoscaleSettings/delete",
        # The endpoint acts as an identity of the stack.
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    )
)
# What a release copies to the registry that several workspaces share, if there is one.
_PUBLISHES = Permission(
    actions=(
        f"{_REGISTRIES}/read",
        f"{_REGISTRIES}/assets/read",
        f"{_REGISTRIES}/assets/write",
    )
)
_RUNS = (f"{_ML}/jobs/read", f"{_ML}/jobs/write")

# The types of resources that a stack is made of.
TYPES = (
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Consumption/budgets",
    "Microsoft.Insights/actionGroups",
    "Microsoft.Insights/components",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Insights/workbooks",
    "Microsoft.KeyVault/vaults",
    _REGISTRIES,
    _ML,
    f"{_ML}/codes/versions",
    f"{_ML}/components/versions",
    f"{_ML}/computes",
    f"{_ML}/datastores",
    f"{_ML}/environments/versions",
    f"{_ML}/models",
    f"{_ML}/onlineEndpoints",
    f"{_ML}/schedules",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Resources/subscriptions/resourceGroups",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/managementPolicies",
)
_READS = tuple(f"{kind}/read" for kind in TYPES)
_MAKES = tuple(f"{kind}/{verb}" for kind in TYPES for verb in ("read", "write", "delete"))

PERMISSIONS: dict[str, dict[str, Permission]] = {
    # The jobs of both pipelines.
    "steps": {
        "store": _WRITES,
        "workspace": Permission(actions=(*_RELEASES, *_RUNS)),
        "group": _AT_RELEASE,
        REGISTRY: _PUBLISHES,
        "insights": Permission(
            actions=("Microsoft.Insights/components/read",),
            data_actions=("Microsoft.Insights/Telemetry/Write",),
        ),
    },
    # A model's endpoint: reads model and code, writes what it was asked.
    "endpoint": {
        "store": Permission(data_actions=(_READ, f"{_BLOBS}/write", f"{_BLOBS}/add/action"))
    },
    # Whoever brings the stack up writes documents and the code package.
    "deployer": {"store": _WRITES},
    # Workflows of the code host.
    "preview": {
        "group": Permission(actions=_READS),
        "store": Permission(data_actions=(_READ,)),
    },
    "deploy": {
        "group": Permission(
            actions=(
                *_MAKES,
                "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
                "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
            )
        ),
        "store": _WRITES,
    },
    "promote": {
        "store": _WRITES,
        "workspace": Permission(actions=(*_RELEASES, *_RUNS)),
        "group": _AT_RELEASE,
        REGISTRY: _PUBLISHES,
    },
}
