"""Properties that hold the id of a resource of one type, for every type that has some.

Each stands as "resource ID of ..." at the property in https://learn.microsoft.com/rest/api;
services answer LinkedInvalidPropertyId, or in words of their own.
"""

from __future__ import annotations

import re
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Rule
from pulumi_simcloud.rules.azure import type_of
from pulumi_simcloud.rules.basic import check

NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
SPACE = "Microsoft.MachineLearningServices/workspaces"
STORAGE, VAULT = "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"
LOGS, GROUPS = "Microsoft.OperationalInsights/workspaces", "Microsoft.Insights/actionGroups"
REGISTRY = "Microsoft.ContainerRegistry/registries"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ML, MONITOR = "azure-native:machinelearningservices", "azure-native:monitor"
SHAPE = re.compile(r"/subscriptions/[^/\s]+/.+|/providers/.+", re.IGNORECASE)

TYPED: dict[str, dict[str, tuple[str, ...]]] = {
    "azure-native:storage:StorageAccount": {
        "networkRuleSet.virtualNetworkRules[*].virtualNetworkResourceId": (SUBNET,),
        "encryption.encryptionIdentity.encryptionUserAssignedIdentity": (IDENTITY,),
    },
    "azure-native:keyvault:Vault": {"properties.networkAcls.virtualNetworkRules[*].id": (SUBNET,)},
    f"{ML}:Workspace": {
        "storageAccount": (STORAGE,),
        "keyVault": (VAULT,),
        "containerRegistry": (REGISTRY,),
        "applicationInsights": ("Microsoft.Insights/components",),
        "hubResourceId": (SPACE,),
        "primaryUserAssignedIdentity": (IDENTITY,),
        "serverlessComputeSettings.serverlessComputeCustomSubnet": (SUBNET,),
    },
    f"{ML}:Compute": {"properties.properties.subnet.id": (SUBNET,)},
    f"{MONITOR}:ActionGroup": {
        "logicAppReceivers[*].resourceId": ("Microsoft.Logic/workflows",),
        "azureFunctionReceivers[*].functionAppResourceId": ("Microsoft.Web/sites",),
        "automationRunbookReceivers[*].automationAccountId": (
            "Microsoft.Automation/automationAccounts",
        ),
    },
    f"{MONITOR}:MetricAlert": {
        "actions[*].actionGroupId": (GROUPS,),
        "criteria.componentId": ("Microsoft.Insights/components",),
        "criteria.webTestId": ("Microsoft.Insights/webtests",),
    },
    "azure-native:logic:Workflow": {
        "integrationAccount.id": ("Microsoft.Logic/integrationAccounts",),
    },
    "azure-native:operationalinsights:Workspace": {
        "features.clusterResourceId": ("Microsoft.OperationalInsights/clusters",),
    },
    f"{MONITOR}:ScheduledQueryRule": {"actions.actionGroups[*]": (GROUPS,)},
    f"{MONITOR}:ActivityLogAlert": {"actions.actionGroups[*].actionGroupId": (GROUPS,)},
    f"{MONITOR}:DiagnosticSetting": {
        "storageAccountId": (STORAGE, "Microsoft.ClassicStorage/storageAccounts"),
        "workspaceId": (LOGS,),
    },
    "azure-native:network:Subnet": {
        "networkSecurityGroup.id": ("Microsoft.Network/networkSecurityGroups",),
        "routeTable.id": ("Microsoft.Network/routeTables",),
        "natGateway.id": ("Microsoft.Network/natGateways",),
    },
    "azure-native:network:VirtualNetwork": {
        "virtualNetworkPeerings[*].remoteVirtualNetwork.id": (NETWORK,),
        "subnets[*].networkSecurityGroup.id": ("Microsoft.Network/networkSecurityGroups",),
        "ddosProtectionPlan.id": ("Microsoft.Network/ddosProtectionPlans",),
    },
    "azure-native:eventgrid:SystemTopicEventSubscription": {
        "deadLetterDestination.resourceId": (STORAGE,),
    },
}


def _id_of(kinds: tuple[str, ...]) -> Any:
    names = " or ".join(kinds)

    def test(value: Any) -> str | None:
        if not isinstance(value, str) or not SHAPE.fullmatch(value):
            return f"LinkedInvalidPropertyId: {excerpt(value)} is no id of a {names}"
        kind = str(type_of(value)).lower()
        return (
            None if kind in {name.lower() for name in kinds} else f"{value!r} is no id of a {names}"
        )

    return test


# Properties that hold the id of a resource of many types.
ANY: dict[str, tuple[str, ...]] = {
    "azure-native:eventgrid:SystemTopic": ("source",),
    f"{MONITOR}:MetricAlert": ("scopes[*]",),
    f"{MONITOR}:ScheduledQueryRule": ("scopes[*]",),
    f"{MONITOR}:AutoscaleSetting": (
        "targetResourceUri",
        "profiles[*].rules[*].metricTrigger.metricResourceUri",
    ),
    "azure-native:authorization:RoleAssignment": ("delegatedManagedIdentityResourceId",),
    f"{ML}:OnlineDeployment": ("properties.codeConfiguration.codeId",),
    "azure-native:operationalinsights:Workspace": ("defaultDataCollectionRuleResourceId",),
}
WHOLE = re.compile(r"/subscriptions/[^/\s]+(/.*)?|/providers/.+|azureml:\S+", re.IGNORECASE)


def _is_id(value: Any) -> str | None:
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return None
    return f"LinkedInvalidPropertyId: {excerpt(value)} is no id of a resource"


RULES: dict[str, tuple[Rule, ...]] = {
    token: (
        *(check(path, _id_of(kinds)) for path, kinds in TYPED.get(token, {}).items()),
        *(check(path, _is_id) for path in ANY.get(token, ())),
    )
    for token in {**TYPED, **ANY}
}
DEMANDS: dict[str, tuple[Any, ...]] = {}
