"""Refusals by Microsoft Azure."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.azure import NEXT_MONTH

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)

GITHUB = "https://github.com"
UNLISTED = "operations are listed only of the providers that the catalog's types belong to"
NO_MITIGATION = {"autoMitigate": False}


def _criteria(*values: str) -> dict[str, Any]:
    dimension = {"name": "deployment", "operator": "Include", "values": list(values)}
    criteria = [
        {
            "criterionType": "StaticThresholdCriterion",
            "name": name,
            "metricName": metric,
            "operator": "GreaterThan",
            "threshold": 500,
            "timeAggregation": "Average",
            "dimensions": [dimension],
        }
        for name, metric in (("p95", "RequestLatency_P95"), ("p99", "RequestLatency_P99"))
    ]
    return {"criteria.allOf": criteria}


def _failing(number: int) -> dict[str, Any]:
    periods = {"numberOfEvaluationPeriods": number, "minFailingPeriodsToAlert": number}
    return {"criteria.allOf[0].failingPeriods": periods}


def _logs(category: str) -> dict[str, Any]:
    return {"resourceUri": "${vault.id}", "logs": [{"category": category, "enabled": True}]}


def _availability(namespace: str) -> dict[str, Any]:
    return {
        "scopes": ["${insights.id}"],
        "criteria.allOf[0].metricNamespace": namespace,
        "criteria.allOf[0].metricName": "availabilityResults/availabilityPercentage",
        "criteria.allOf[0].operator": "LessThan",
    }


SCALE = "properties.properties.scaleSettings"


def _scaled_by(metric: str) -> dict[str, Any]:
    trigger = {
        "metricName": metric,
        "metricResourceUri": "${deployment.id}",
        "timeGrain": "PT1M",
        "statistic": "Average",
        "timeWindow": "PT10M",
        "timeAggregation": "Average",
        "operator": "GreaterThan",
        "threshold": 70,
    }
    action = {"direction": "Increase", "type": "ChangeCount", "value": "1", "cooldown": "PT10M"}
    return {"profiles[0].rules": [{"metricTrigger": trigger, "scaleAction": action}]}


AZURE = [
    Refusal(
        f"{GITHUB}/Azure/azure-resource-manager-schemas/issues/1753",
        RANGE,
        "query",
        "there is at least one evaluation period",
        _failing(0),
        _failing(1),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-resource-manager-schemas/issues/1753",
        ENUM,
        "query",
        "actions are not muted for twelve hours",
        {**NO_MITIGATION, "muteActionsDuration": "PT12H"},
        {**NO_MITIGATION, "muteActionsDuration": "PT6H"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/22583",
        EXCLUSIVE,
        "query",
        "actions are muted only without automatic mitigation",
        {"autoMitigate": True, "muteActionsDuration": "PT1H"},
        {**NO_MITIGATION, "muteActionsDuration": "PT1H"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/26581",
        ORDERING,
        "query",
        "actions are muted at least as long as the frequency",
        {**NO_MITIGATION, "evaluationFrequency": "PT1H", "muteActionsDuration": "PT30M"},
        {**NO_MITIGATION, "evaluationFrequency": "PT1H", "muteActionsDuration": "PT1H"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/18886",
        ENUM,
        "query",
        "a window of twenty minutes is none of the granularities",
        {"windowSize": "PT20M"},
        {"windowSize": "PT30M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/10929",
        RANGE,
        "query",
        "a window of three minutes is too short",
        {"windowSize": "PT3M"},
        {"windowSize": "PT5M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/31138",
        ENUM,
        "alert",
        "a metric alert is not evaluated every ten minutes",
        {"evaluationFrequency": "PT10M"},
        {"evaluationFrequency": "PT15M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/pull/13469",
        EXCLUSIVE,
        "alert",
        "with several criteria a dimension has one value",
        _criteria("blue", "green"),
        _criteria("blue"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/6424",
        REFERENCE,
        "alert",
        "the metric's namespace is that of the scope",
        _availability("microsoft.insights/webtests"),
        _availability("microsoft.insights/components"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/4594",
        ENUM,
        "role",
        "the operation is none of the provider's",
        {"permissions[0].actions": ["Microsoft.Compute/hosts/delete"]},
        {"permissions[0].actions": ["Microsoft.Compute/virtualMachines/read"]},
        accepted=UNLISTED,
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/24576",
        ENUM,
        "role",
        "an operation of the control plane is no data action",
        {"permissions[0].dataActions": ["Microsoft.DocumentDB/databaseAccounts/delete"]},
        {"permissions[0].actions": ["Microsoft.DocumentDB/databaseAccounts/delete"]},
    ),
    Refusal(
        f"{GITHUB}/Azure/modern-web-app-pattern-dotnet/pull/129",
        REFERENCE,
        "assignment",
        "the principal is of another type",
        {"principalType": "User"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/13006",
        EXCLUSIVE,
        "vault",
        "protection against purge is never set to false",
        {"properties.enablePurgeProtection": False},
        {"properties.enablePurgeProtection": True},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/pull/12121",
        RANGE,
        "budget",
        "a budget starts within a year",
        {"timePeriod.startDate": f"{int(NEXT_MONTH[:4]) + 2}-01-01T00:00:00Z"},
        {"timePeriod.startDate": f"{NEXT_MONTH}-01T00:00:00Z"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/4394",
        EXCLUSIVE,
        "account",
        "a premium account of this kind has no hierarchical namespace",
        {"isHnsEnabled": True, "sku": {"name": "Premium_LRS"}},
        {"isHnsEnabled": True, "sku": {"name": "Standard_LRS"}},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/2985",
        REFERENCE,
        "diagnostics",
        "the resource has no such category of logs",
        _logs("WorkflowRuntime"),
        _logs("AuditEvent"),
    ),
    Refusal(
        f"{GITHUB}/TaoYang-Cloud/azurepolicy/issues/19",
        ENUM,
        "diagnostics",
        "the only category of metrics is AllMetrics",
        {"metrics": [{"category": "Gateway Requests", "enabled": True}]},
        {"metrics": [{"category": "AllMetrics", "enabled": True}]},
    ),
    Refusal(
        f"{GITHUB}/microsoft/AzureTRE/issues/1920",
        REFERENCE,
        "workspace",
        "a workspace's storage has no hierarchical namespace",
        {"storageAccount": "${lake.id}"},
        {"storageAccount": "${account.id}"},
        (("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/pull/73788",
        REFERENCE,
        "workspace",
        "a workspace's storage is not of kind BlobStorage",
        {"storageAccount": "${blobs2.id}"},
        {"storageAccount": "${account.id}"},
        (
            (
                "blobs2",
                "account",
                {"accountName": "simblobs", "kind": "BlobStorage", "accessTier": "Hot"},
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-js/issues/10473",
        MISSING,
        "workspace",
        "a workspace has an identity",
        {"identity": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/12524",
        RANGE,
        "logs",
        "logs are retained for 30 to 730 days",
        {"retentionInDays": 7},
        {"retentionInDays": 31},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/27024",
        EXCLUSIVE,
        "logs",
        "the free tier's daily cap is fixed",
        {
            "sku": {"name": "Free"},
            "retentionInDays": 7,
            "workspaceCapping": {"dailyQuotaGb": 0.5},
        },
        {"workspaceCapping": {"dailyQuotaGb": 0.5}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/2840",
        RANGE,
        "actions",
        "a short name has at most 12 characters",
        {"groupShortName": "simpleActionGr"},
        {"groupShortName": "simpleAction"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-workload-identity/issues/434",
        REFERENCE,
        "federated",
        "issuer and subject are unique",
        {},
        {"subject": "repo:o/r:ref:refs/heads/dev"},
        (("twin", "federated", {"federatedIdentityCredentialResourceName": "twin"}),),
    ),
    Refusal(
        f"{GITHUB}/zioproto/istio-aks-example/issues/6",
        MISSING,
        "federated",
        "a credential has an issuer",
        {"issuer": ""},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/2164",
        PATTERN,
        "lifecycle",
        "the policy's name is default",
        {"managementPolicyName": "old"},
        {"managementPolicyName": "default"},
    ),
    Refusal(
        f"{GITHUB}/Azure/mlops-v2/issues/48",
        RANGE,
        "deployment",
        "a deployment has at least one instance",
        {"sku": {"name": "Default", "capacity": 0}},
        {"sku": {"name": "Default", "capacity": 2}},
    ),
    Refusal(
        f"{GITHUB}/Azure/mlops-project-template/issues/29",
        REFERENCE,
        "endpoint",
        "an endpoint's name is unique in a region",
        {},
        {"endpointName": "flights-2"},
        (
            ("space2", "workspace", {"workspaceName": "sim2"}),
            ("twin", "endpoint", {"workspaceName": "sim2"}),
        ),
    ),
    # A second round, written after the rules that the first one led to.
    Refusal(
        f"{GITHUB}/dotnet/machinelearning-modelbuilder/issues/2386",
        MISSING,
        "compute",
        "a cluster has a most number of nodes",
        {f"{SCALE}.maxNodeCount": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/pipelines-azureml/issues/19",
        PATTERN,
        "compute",
        "a name does not end in a hyphen and digits",
        {"computeName": "cpu-cluster-1"},
        {"computeName": "cpu-cluster1"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/physical-ai-toolchain/pull/687",
        PATTERN,
        "compute",
        "the idle time is an ISO 8601 duration",
        {f"{SCALE}.nodeIdleTimeBeforeScaleDown": "5 minutes"},
        {f"{SCALE}.nodeIdleTimeBeforeScaleDown": "PT5M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/8474",
        REFERENCE,
        "autoscale",
        "the resource has no such metric",
        _scaled_by("incredible metric name"),
        _scaled_by("CpuUtilizationPercentage"),
    ),
    # A third round, after the rules of the second.
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/1681",
        ENUM,
        "events",
        "the type of an event begins with its provider",
        {"filter": {"includedEventTypes": ["DatasetDriftDetected"]}},
        {
            "filter": {
                "includedEventTypes": ["Microsoft.MachineLearningServices.DatasetDriftDetected"]
            }
        },
    ),
]
