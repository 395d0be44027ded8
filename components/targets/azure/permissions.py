"""Calls of each actor of an Azure stack, by scope: the only source of its role definitions.

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

# What submitting a job takes, whoever submits: learn.microsoft.com, "Manage access to Azure Machine
# Learning workspaces", common scenarios, "Submitting any type of run (V2)". A schedule submits its
# jobs with the rights of whoever wrote it last.
_RUNS = (
    f"{_ML}/*/read",
    f"{_ML}/environments/write",
    f"{_ML}/environments/build/action",
    f"{_ML}/environments/readSecrets/action",
    f"{_ML}/jobs/*",
    f"{_ML}/metadata/artifacts/write",
)
# What a release does: the record in the store, then the endpoint (training/endpoint/azure.py). What
# a deployment names (model, code, data, environment, datastore), its writer has to be able to read.
_RELEASES = (
    f"{_ML}/*/read",
    f"{_ML}/codes/versions/write",
    f"{_ML}/data/versions/write",
    f"{_ML}/models/versions/write",
    f"{_ML}/onlineEndpoints/write",
    f"{_ML}/onlineEndpoints/deployments/write",
    f"{_ML}/onlineEndpoints/deployments/delete",
    f"{_ML}/onlineEndpoints/score/action",
)
_AT_RELEASE = Permission(
    actions=(
        "Microsoft.AlertsManagement/alerts/read",
        "Microsoft.Insights/autoscaleSettings/write",
        "Microsoft.Insights/autoscaleSettings/delete",
        # What each deployment answers, without the delay of logs.
        "Microsoft.Insights/metrics/read",
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
# The types of resources that a stack is made of, but for roles.
TYPES = (
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
# What has no operation of its own to delete it, as a part of what it belongs to ("Azure permissions
# for Storage").
_PARTS = ("Microsoft.Storage/storageAccounts/blobServices",)
# A rule on logs has no identity of its own: it queries with the rights of whoever wrote it last, as
# they were then (learn.microsoft.com, "Create or edit a log search alert rule", identity; "Manage
# access to Log Analytics workspaces", workspace permissions). Without them it never fires.
_QUERIES = (
    "Microsoft.OperationalInsights/workspaces/query/read",
    "Microsoft.OperationalInsights/workspaces/query/*/read",
)
_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
_ROLES = (_ASSIGNMENTS, "Microsoft.Authorization/roleDefinitions")
_READS = tuple(f"{kind}/read" for kind in (*_ROLES, *TYPES))
_MAKES = tuple(
    f"{kind}/{verb}"
    for kind in TYPES
    for verb in ("read", "write", "delete")
    if (kind, verb) not in [(part, "delete") for part in _PARTS]
)
# Roles of the stack that its `deploy` may give: those of principals that come with a model. It
# gives none to itself, and defines none: a change of this table is brought up by a person.
ASSIGNABLE = ("steps", "endpoint")

PERMISSIONS: dict[str, dict[str, Permission]] = {
    # The jobs of both pipelines.
    "steps": {
        "store": _WRITES,
        "workspace": Permission(actions=tuple(dict.fromkeys((*_RELEASES, *_RUNS)))),
        "group": _AT_RELEASE,
        REGISTRY: _PUBLISHES,
        "insights": Permission(
            actions=("Microsoft.Insights/components/read",),
            data_actions=("Microsoft.Insights/Telemetry/Write",),
        ),
    },
    # A model's endpoint: reads model and code, writes what it was asked.
    "endpoint": {
        "store": Permission(data_actions=(_READ, f"{_BLOBS}/write", f"{_BLOBS}/add/action")),
        # A system-assigned identity is given this as the role "AzureML Metrics Writer (preview)"
        # (learn.microsoft.com, "Authentication and authorization for online endpoints").
        "workspace": Permission(actions=(f"{_ML}/metrics/*/write",)),
    },
    # Whoever brings the stack up writes documents and the code package.
    "deployer": {"store": _WRITES},
    # Workflows of the code host.
    "preview": {
        "group": Permission(actions=_READS),
        "store": Permission(data_actions=(_READ,)),
        REGISTRY: Permission(actions=(f"{_ASSIGNMENTS}/read",)),
    },
    "deploy": {
        "group": Permission(
            actions=(
                *_READS,
                *(action for action in _MAKES if action not in _READS),
                *(f"{kind}/delete" for kind in _ROLES),
                f"{_ASSIGNMENTS}/write",
                "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
                "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
                *_QUERIES,
            )
        ),
        # It is the author of the schedules that it writes, with whose rights they run.
        "workspace": Permission(actions=_RUNS),
        "store": _WRITES,
        # A new model's steps release, and so copy to the registry.
        REGISTRY: Permission(
            actions=tuple(f"{_ASSIGNMENTS}/{verb}" for verb in ("read", "write", "delete"))
        ),
    },
    "promote": {
        "store": _WRITES,
        "workspace": Permission(actions=tuple(dict.fromkeys((*_RELEASES, *_RUNS)))),
        "group": _AT_RELEASE,
        REGISTRY: _PUBLISHES,
    },
}
