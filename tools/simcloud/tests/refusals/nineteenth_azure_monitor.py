"""A nineteenth round on Azure: alerts, diagnostics, scaling, workbooks and dashboards."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION

from refusals.case import (
    ENUM,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
CLI = f"{GITHUB}/Azure/azure-cli"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers"
AUTOMATION = f"{GROUP}/Microsoft.Automation/automationAccounts/auto"
RUNBOOK = {
    "automationAccountId": AUTOMATION,
    "runbookName": "retrain",
    "webhookResourceId": f"{AUTOMATION}/webhooks/hook",
    "isGlobalRunbook": False,
    "serviceUri": "https://example.org/hook",
}
TWIN = (("twin", "diagnostics", {"name": "twin"}),)
BOOK = (("book", "workbook", {"resourceName": "56d1bc51-4b35-4a3a-8e20-d4a6a1a5a0f1"}),)


def _capacity(least: str, default: str, most: str) -> dict[str, Any]:
    return {"profiles[0].capacity": {"minimum": least, "default": default, "maximum": most}}


def _mute(frequency: str, silence: str) -> dict[str, Any]:
    return {
        "autoMitigate": False,
        "evaluationFrequency": frequency,
        "muteActionsDuration": silence,
    }


MONITOR = [
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/2840",
        RANGE,
        "actions",
        "GroupShortNameIsTooLong: at most 12 characters",
        {"groupShortName": "simpleActionGr"},
        {"groupShortName": "simpleAction"},
    ),
    Refusal(
        f"{DOCS}/issues/37405",
        MISSING,
        "actions",
        "AutomationRunbookReceiverNameIsNullOrEmpty",
        {"automationRunbookReceivers": [RUNBOOK]},
        {"automationRunbookReceivers": [{**RUNBOOK, "name": "retrain"}]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/4337",
        RANGE,
        "alert",
        "Only single resource is allowed for criteria type SingleResourceMultipleMetricCriteria",
        {"scopes": ["${endpoint.id}", "${account.id}"]},
        {"scopes": ["${endpoint.id}"]},
    ),
    Refusal(
        f"{CLI}/issues/31138",
        ENUM,
        "alert",
        "Window-size is limited to 1m, 5m, 15m, 30m, 1h, 6h, 12h, 1D",
        {"windowSize": "PT10M"},
        {"windowSize": "PT30M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/15086",
        REFERENCE,
        "alert",
        "Couldn't find a metric named SqlDbDtuUsageMetric",
        {"criteria.allOf[0].metricName": "SqlDbDtuUsageMetric"},
        {"criteria.allOf[0].metricName": "RequestLatency_P99"},
    ),
    Refusal(
        f"{CLI}/issues/26581",
        ORDERING,
        "query",
        "EvaluationFrequency cannot be greater than MuteActionsDuration",
        _mute("PT1H", "PT30M"),
        _mute("PT1H", "PT1H"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/19342",
        MISSING,
        "query",
        "Invalid Input : EvaluationFrequency: Property is missing",
        {"evaluationFrequency": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/10929",
        RANGE,
        "query",
        "timeWindowInMinutes was specified as 3, it should be a value between 5 and 2880",
        {"windowSize": "PT3M"},
        {"windowSize": "PT5M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/Mission-Critical-Online/issues/1018",
        ENUM,
        "diagnostics",
        "Diagnostic settings does not support retention for new diagnostic settings",
        {"logs[0].retentionPolicy": {"enabled": True, "days": 30}},
        {"logs[0].retentionPolicy": {"enabled": False, "days": 0}},
    ),
    Refusal(
        f"{GITHUB}/TaoYang-Cloud/azurepolicy/issues/19",
        ENUM,
        "diagnostics",
        "Metric category 'Gateway Requests' is not supported, supported: 'AllMetrics'",
        {"metrics": [{"category": "Gateway Requests", "enabled": True}]},
        {"metrics": [{"category": "AllMetrics", "enabled": True}]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/21161",
        REFERENCE,
        "diagnostics",
        "409: another diagnostic setting sends the same category to the same place",
        {},
        {"logs": [], "metrics": [{"category": "AllMetrics", "enabled": True}]},
        TWIN,
    ),
    Refusal(
        f"{GITHUB}/microsoft/onefuzz/issues/2249",
        ORDERING,
        "autoscale",
        "The minimum capacity value '6' is greater than the default capacity of '1'",
        _capacity("6", "1", "10"),
        _capacity("1", "6", "10"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-net/issues/43948",
        MISSING,
        "autoscale",
        "the target resource is missing",
        {"targetResourceUri": REMOVED},
    ),
    Refusal(
        f"{CLI}/issues/8732",
        MISSING,
        "activity",
        "UnsupportedCondition: Specify additional conditions for this category: Administrative",
        {"condition.allOf": [{"field": "category", "equals": "Administrative"}]},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/35342",
        MISSING,
        "activity",
        "LocationRequired: The location property is required for this definition",
        {"location": REMOVED},
        accepted="the provider for Pulumi puts in the location of its configuration",
    ),
    Refusal(
        f"{DOCS}/issues/52844",
        PATTERN,
        "workbook",
        "Invalid Workbook resource name: 'nginxtst'",
        {"resourceName": "nginxtst"},
        {"resourceName": "96c11918-506e-4bae-974b-5f2dc44398f7"},
    ),
    Refusal(
        f"{DOCS}/issues/52844#same-name",
        REFERENCE,
        "workbook",
        "A workbook with the same name already exists",
        {},
        {"displayName": "flights of the next year"},
        BOOK,
    ),
    Refusal(
        f"{TERRAFORM}/pull/16406",
        RANGE,
        "dashboard",
        "The dashboard name is longer than 160 characters",
        {"dashboardName": "h" + "e" * 160},
        {"dashboardName": "hello"},
    ),
]
