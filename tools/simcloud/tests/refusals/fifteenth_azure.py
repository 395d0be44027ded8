"""A fifteenth round on Azure: acceptance tests, troubleshooting pages, threads of tools."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fifteenth_azure_stores import STORES

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
SERVICES = f"{TERRAFORM}/blob/main/internal/services"
LEARN = "https://learn.microsoft.com/azure"
LOGS = f"{LEARN}/azure-monitor/alerts/alerts-troubleshoot-log"
METRICS = f"{LEARN}/azure-monitor/alerts/alerts-troubleshoot-metric"
STORED = {"service": "Microsoft.Storage"}


def _flow(trigger: dict[str, Any], **actions: Any) -> dict[str, Any]:
    run = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
    schema = (
        "https://schema.management.azure.com/providers/Microsoft.Logic/schemas"
        "/2016-06-01/workflowdefinition.json#"
    )
    return {
        "definition": {
            "$schema": schema,
            "contentVersion": "1.0.0.0",
            "triggers": {"start": trigger},
            "actions": actions or {"run": run},
        }
    }


def _timed(**recurrence: Any) -> dict[str, Any]:
    return {"type": "Recurrence", "recurrence": recurrence}


def _requested(**inputs: Any) -> dict[str, Any]:
    return {"type": "Request", "kind": "Http", "inputs": {"schema": {}, **inputs}}


def _logged(query: str, frequency: str = "PT5M") -> dict[str, Any]:
    return {
        "evaluationFrequency": frequency,
        "windowSize": "PT5M",
        "criteria.allOf[0].query": query,
    }


def _measured(metric: str, aggregation: str, **more: Any) -> dict[str, Any]:
    criterion = {
        "criterionType": "StaticThresholdCriterion",
        "name": "c",
        "metricName": metric,
        "operator": "GreaterThan",
        "threshold": 50,
        "timeAggregation": aggregation,
        **more,
    }
    return {"scopes": ["${insights.id}"], "criteria.allOf": [criterion]}


def _texted(number: str) -> dict[str, Any]:
    return {"smsReceivers": [{"name": "s", "countryCode": "1", "phoneNumber": number}]}


def _ticketed(workspace: str, configuration: str) -> dict[str, Any]:
    receiver = {
        "name": "i",
        "connectionId": "53de6956-42b4-41ba-be3c-b154cdf17b13",
        "region": "westeurope",
        "workspaceId": workspace,
        "ticketConfiguration": configuration,
    }
    return {"itsmReceivers": [receiver]}


TICKET = '{"PayloadRevision":0,"WorkItemType":"Incident","UseTemplate":false,"WorkItemData":"{}"}'
DESK = "5def922a-3ed4-49c1-b9fd-05ec533819a3|55dfd1f8-7e59-4f89-bf56-4c82f5ace23c"


def _columns(*names: str) -> dict[str, Any]:
    columns = [{"name": "TimeGenerated", "type": "datetime"}]
    columns += [{"name": name, "type": "string"} for name in names]
    return {"schema": {"name": "Drift_CL", "columns": columns}}


MONITOR = [
    Refusal(
        f"{TERRAFORM}/pull/20075",
        PATTERN,
        "actions",
        "PhoneNumberIsNotValid",
        _texted("1231231234"),
        _texted("2123456789"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/18190",
        TEXT,
        "actions",
        "a ticket's configuration has a revision and a type",
        _ticketed(DESK, "{}"),
        _ticketed(DESK, TICKET),
    ),
    Refusal(
        f"{TERRAFORM}/issues/9405",
        PATTERN,
        "actions",
        "the workspace of a ticket has its subscription in front",
        _ticketed("6eee3a18-aac3-40e4-b98e-1f309f329816", TICKET),
        _ticketed(DESK, TICKET),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/8944",
        ENUM,
        "alert",
        "Time aggregation must be one of [Count]",
        _measured("requests/failed", "Average"),
        _measured("requests/failed", "Count"),
    ),
    Refusal(
        METRICS,
        REFERENCE,
        "alert",
        "a metric that is not emitted yet needs skipMetricValidation",
        _measured("myCustomMetric", "Average", metricNamespace="azure.applicationinsights"),
        _measured(
            "myCustomMetric",
            "Average",
            metricNamespace="azure.applicationinsights",
            skipMetricValidation=True,
        ),
    ),
    Refusal(
        f"{LOGS}#failed-to-resolve-scalar-expression",
        TEXT,
        "query",
        "Failed to resolve scalar expression named",
        _logged("AppRequests | project Name | where DurationMs > 5"),
        _logged("AppRequests | project Name, DurationMs | where DurationMs > 5"),
    ),
    Refusal(
        f"{LOGS}#one-minute-frequency",
        EXCLUSIVE,
        "query",
        "One-minute frequency isn't supported for this query",
        _logged("union AppRequests, AppTraces | where TimeGenerated > ago(5m)", "PT1M"),
        _logged("union AppRequests, AppTraces | where TimeGenerated > ago(5m)"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/21331",
        REFERENCE,
        "activity",
        "an alert on the health of services is for the subscription",
        {"condition.allOf": [{"field": "category", "equals": "ServiceHealth"}]},
        {
            "scopes": [f"/subscriptions/{SUBSCRIPTION}"],
            "condition.allOf": [{"field": "category", "equals": "ServiceHealth"}],
        },
    ),
    Refusal(
        f"{SERVICES}/monitor/monitor_activity_log_alert_resource_test.go",
        ENUM,
        "activity",
        "alerts on the activity log are in a few regions",
        {"location": "eastus"},
        {"location": "westeurope"},
    ),
    Refusal(
        f"{SERVICES}/monitor/monitor_diagnostic_setting_resource.go#enabled",
        MISSING,
        "diagnostics",
        "at least one type of log or metric is enabled",
        {"logs": REMOVED},
        {"logs": REMOVED, "metrics": [{"category": "AllMetrics", "enabled": True}]},
    ),
    Refusal(
        f"{SERVICES}/monitor/monitor_diagnostic_setting_resource.go#category",
        EXCLUSIVE,
        "diagnostics",
        "a log has a category or a group of them",
        {"logs": [{"category": "AmlComputeJobEvent", "categoryGroup": "allLogs", "enabled": True}]},
        {"logs": [{"category": "AmlComputeJobEvent", "enabled": True}]},
    ),
    Refusal(
        f"{SERVICES}/loganalytics/log_analytics_workspace_resource.go",
        ENUM,
        "logs",
        "a workspace is not made for a cluster",
        {"sku": {"name": "LACluster"}},
    ),
    Refusal(
        f"{TERRAFORM}/pull/26701",
        TEXT,
        "search",
        "a parameter of a function has a type",
        {"functionAlias": "drifted", "functionParameters": "threshold"},
        {"functionAlias": "drifted", "functionParameters": "threshold:int=1"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/113825",
        PATTERN,
        "table",
        "TenantId is a reserved column",
        _columns("TenantId"),
        _columns("Tenant"),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/52844",
        PATTERN,
        "workbook",
        "Invalid Workbook resource name: 'nginxtst'",
        {"resourceName": "nginxtst"},
        {"resourceName": "18a15b48-f071-4728-b954-54be8e85755d"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/ApplicationInsights-Home/issues/476",
        ORDERING,
        "workbook",
        "A Workbook with the same name already exists within this subscription",
        {"displayName": "drift of flights"},
        {"displayName": "other"},
        (("twin", "workbook", {"displayName": "drift of flights"}),),
    ),
    Refusal(
        f"{TERRAFORM}/pull/16406",
        RANGE,
        "dashboard",
        "a name has at most 160 characters",
        {"dashboardName": "h" * 161},
        {"dashboardName": "hello"},
    ),
]
OTHERS = [
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/53192",
        TEXT,
        "logic",
        "Could not find member 'weekDays' on object of type 'FlowRecurrence'",
        _flow(_timed(frequency="Week", interval=1, weekDays=["Monday"])),
        _flow(_timed(frequency="Week", interval=1, schedule={"weekDays": ["Monday"]})),
    ),
    Refusal(
        f"{GITHUB}/nihaue/TRex/issues/15",
        TEXT,
        "logic",
        "Required property 'frequency' not found in JSON",
        _flow(_timed(interval=1)),
        _flow(_timed(interval=1, frequency="Day")),
    ),
    Refusal(
        f"{GITHUB}/Azure/logicapps/issues/41",
        TEXT,
        "logic",
        "Could not find member 'recurrence' on object of type 'FlowTemplateAction'",
        _flow(_requested(), again=_timed(frequency="Day", interval=1)),
        _flow(
            _requested(),
            again={"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Day"}}},
        ),
    ),
    Refusal(
        f"{SERVICES}/logic/logic_app_trigger_http_request_resource.go",
        TEXT,
        "logic",
        "a method goes with a relative path",
        _flow(_requested(relativePath="/customers/{id}")),
        _flow(_requested(relativePath="/customers/{id}", method="POST")),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/24075",
        RANGE,
        "events",
        "an event lives at most 1440 minutes",
        {"retryPolicy": {"eventTimeToLiveInMinutes": 8640, "maxDeliveryAttempts": 3}},
        {"retryPolicy": {"eventTimeToLiveInMinutes": 1440, "maxDeliveryAttempts": 3}},
    ),
    Refusal(
        f"{SERVICES}/consumption/validate/time_period_test.go",
        RANGE,
        "budget",
        "a budget starts after June 2017",
        {"timePeriod": {"startDate": "2017-05-01T00:00:00Z"}},
    ),
    Refusal(
        f"{TERRAFORM}/pull/21814",
        PATTERN,
        "budget",
        "a name has letters, numbers, underscores and hyphens, at most 63",
        {"budgetName": "b" * 64},
        {"budgetName": "b" * 63},
    ),
    Refusal(
        f"{TERRAFORM}/pull/26060",
        PATTERN,
        "compute",
        "a cluster's name has at most 32 characters",
        {"computeName": "a" * 33},
        # The service's own description (Microsoft.MachineLearningServices 2025-12-01) says 24.
        {"computeName": "a" * 24},
    ),
    Refusal(
        f"{SERVICES}/machinelearning/machine_learning_workspace_resource.go",
        EXCLUSIVE,
        "workspace",
        "settings of a feature store are for one",
        {"featureStoreSettings": {"offlineStoreConnectionName": "offline"}},
        {"kind": "FeatureStore", "featureStoreSettings": {"offlineStoreConnectionName": "offline"}},
    ),
    Refusal(
        f"{SERVICES}/machinelearning/machine_learning_compute_instance_resource.go",
        MISSING,
        "compute",
        "without a public address an instance is in a subnet",
        {
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {"vmSize": "Standard_DS3_v2", "enableNodePublicIp": False},
            }
        },
        {
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {
                    "vmSize": "Standard_DS3_v2",
                    "enableNodePublicIp": False,
                    "subnet": {"id": "${subnet.id}"},
                },
            }
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/8984",
        PATTERN,
        "registry",
        "a name has no dots and hyphens",
        {"registryName": "microsoft.aks-20190403081426"},
        {"registryName": "aks20190403081426"},
    ),
    Refusal(
        f"{SERVICES}/containers/container_registry_resource.go#anonymous",
        EXCLUSIVE,
        "registry",
        "anonymous pull is for Standard and Premium",
        {"anonymousPullEnabled": True},
        {"anonymousPullEnabled": True, "sku": {"name": "Standard"}},
    ),
    Refusal(
        f"{SERVICES}/containers/container_registry_resource.go#endpoint",
        EXCLUSIVE,
        "registry",
        "data endpoints are for Premium",
        {"dataEndpointEnabled": True},
        {"dataEndpointEnabled": True, "sku": {"name": "Premium"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/3323",
        PATTERN,
        "subnet",
        "Could not cast or convert from String to ServiceTunnel",
        {"serviceEndpoints": ["Microsoft.Storage"]},
        {"serviceEndpoints": [STORED]},
    ),
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/83",
        PATTERN,
        "network",
        "InvalidAddressPrefixFormat: it should follow CIDR notation",
        {"addressSpace": {"addressPrefixes": ["[if(equals(a, true), b, '10.10.0.0/23')]"]}},
        {"addressSpace": {"addressPrefixes": ["10.10.0.0/23"]}},
    ),
    Refusal(
        "https://taourl.com/read-3758043.html",
        PATTERN,
        "network",
        "InvalidCIDRNotation",
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/33"]}},
        {"addressSpace": {"addressPrefixes": ["10.0.0.0/24"]}},
    ),
    Refusal(
        f"{GITHUB}/giantswarm/azure-operator/pull/146",
        PATTERN,
        "account",
        "Tag names can't contain these characters: <, >, %, &, \\, ?, /",
        {"tags": {"giantswarm.io/cluster": "a"}},
        {"tags": {"giantswarm.io-cluster": "a"}},
    ),
]
FIFTEENTH_AZURE = [*STORES, *MONITOR, *OTHERS]
