"""A sixteenth round on Azure: alerts, events, workflows and learning."""

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

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
SERVICES = f"{TERRAFORM}/blob/main/internal/services"
GRID = f"{SERVICES}/eventgrid/eventgrid_system_topic_event_subscription_resource.go"
WEB_TEST = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers/microsoft.insights/webtests/ping"
)
SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas"
    "/2016-06-01/workflowdefinition.json#"
)
RUN = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
STOP = {"type": "Terminate", "inputs": {"runStatus": "Failed", "runError": {"code": "9"}}}
SYSTEM = {"type": "SystemAssigned"}
TOPICED = (
    "topiced",
    "topic",
    {
        "systemTopicName": "sim-owned",
        "identity": SYSTEM,
        "source": "${account.id}",
        "topicType": "Microsoft.Storage.StorageAccounts",
    },
)


def _flow(actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {
            "start": {"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}
        },
        "actions": actions,
        **more,
    }


def _each(action: dict[str, Any]) -> dict[str, Any]:
    loop = {"type": "Foreach", "foreach": "@range(0,3)", "actions": {"step": action}}
    return {"definition": _flow({"each": loop})}


def _measured(scopes: list[str], kind: str = "Single", **more: Any) -> dict[str, Any]:
    return {
        "scopes": scopes,
        "criteria": {
            "odataType": f"Microsoft.Azure.Monitor.{kind}ResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "c",
                    "metricName": "Transactions",
                    "metricNamespace": "Microsoft.Storage/storageAccounts",
                    "operator": "GreaterThan",
                    "threshold": 10,
                    "timeAggregation": "Total",
                    **more,
                }
            ],
        },
    }


def _pinged(scopes: list[str]) -> dict[str, Any]:
    return {
        "scopes": scopes,
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria",
            "webTestId": WEB_TEST,
            "componentId": "${insights.id}",
            "failedLocationCount": 2,
        },
    }


def _scaled(window: str = "PT10M", cooldown: str = "PT5M") -> dict[str, Any]:
    rule = {
        "metricTrigger": {
            "metricName": "CpuUtilizationPercentage",
            "metricResourceUri": "${deployment.id}",
            "timeGrain": "PT1M",
            "statistic": "Average",
            "timeWindow": window,
            "timeAggregation": "Average",
            "operator": "GreaterThan",
            "threshold": 70,
        },
        "scaleAction": {
            "direction": "Increase",
            "type": "ChangeCount",
            "value": "1",
            "cooldown": cooldown,
        },
    }
    return {"profiles[0].rules": [rule]}


def _recurring(**more: Any) -> dict[str, Any]:
    schedule = {
        "timeZone": "Pacific Standard Time",
        "days": ["Monday"],
        "hours": [8],
        "minutes": [0],
    }
    capacity = {"default": "1", "minimum": "1", "maximum": "2"}
    profiles = [
        {"name": "all", "capacity": capacity, "rules": []},
        {
            "name": "mornings",
            "capacity": capacity,
            "rules": [],
            "recurrence": {"frequency": "Week", "schedule": schedule},
            **more,
        },
    ]
    return {"profiles": profiles}


ALERTS = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli-extensions/issues/6274",
        MISSING,
        "alert",
        "a test of places has the test and the component as scopes",
        _pinged(["${insights.id}"]),
        _pinged([WEB_TEST, "${insights.id}"]),
        accepted="the thread shows what the portal writes, not that the service takes no less",
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/10348",
        EXCLUSIVE,
        "alert",
        "Only single resource is allowed for criteria type SingleResourceMultipleMetricCriteria",
        _measured(["${account.id}", "${second.id}"]),
        _measured(["${account.id}"]),
        (("second", "account", {"accountName": "simsecond"}),),
    ),
    Refusal(
        f"{TERRAFORM}/issues/21260",
        MISSING,
        "alert",
        "a type and a region go with a subscription as a scope",
        _measured([f"/subscriptions/{SUBSCRIPTION}"], "Multiple"),
        {
            **_measured([f"/subscriptions/{SUBSCRIPTION}"], "Multiple"),
            "targetResourceType": "Microsoft.Storage/storageAccounts",
            "targetResourceRegion": "westeurope",
        },
    ),
    Refusal(
        f"{TERRAFORM}/issues/10644",
        REFERENCE,
        "alert",
        "a metric has no such dimension",
        _measured(
            ["${account.id}"],
            dimensions=[{"name": "ApiNames", "operator": "Include", "values": ["*"]}],
        ),
        _measured(
            ["${account.id}"],
            dimensions=[{"name": "ApiName", "operator": "Include", "values": ["*"]}],
        ),
    ),
    Refusal(
        f"{TERRAFORM}/issues/6424",
        REFERENCE,
        "alert",
        "Detect invalid value for query parameter: 'metricnamespace'",
        _measured(["${account.id}"], metricNamespace="microsoft.insights/components"),
        _measured(["${account.id}"]),
    ),
    Refusal(
        f"{SERVICES}/monitor/monitor_metric_alert_resource.go#criteria",
        MISSING,
        "alert",
        "nil or empty contained criteria",
        {
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
                "allOf": [],
            }
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/21258",
        ENUM,
        "query",
        "Supported granularities are: 5, 10, 15, 30, 45, 60, 120, ..., 1440, 2880",
        {"windowSize": "P3D"},
        {"windowSize": "P2D", "evaluationFrequency": "P1D"},
    ),
    Refusal(
        f"{SERVICES}/monitor/monitor_activity_log_alert_resource.go",
        ENUM,
        "activity",
        "these alerts are in global, westeurope and northeurope only",
        {"location": "eastus"},
        {"location": "westeurope"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/135",
        RANGE,
        "autoscale",
        "a window is at most 12 hours",
        _scaled(window="PT13H"),
        _scaled(window="PT12H"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/135#cooldown",
        RANGE,
        "autoscale",
        "a cooldown is at most a week",
        _scaled(cooldown="P8D"),
        _scaled(cooldown="P7D"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/5810",
        EXCLUSIVE,
        "autoscale",
        "a recurrence has no end: it is one or the other",
        _recurring(
            fixedDate={
                "timeZone": "Pacific Standard Time",
                "start": "2031-01-06T08:00:00Z",
                "end": "2031-01-06T11:00:00Z",
            }
        ),
        _recurring(),
    ),
    Refusal(
        f"{TERRAFORM}/pull/20204",
        PATTERN,
        "actions",
        "PhoneNumberIsNotValid",
        {"smsReceivers": [{"name": "s", "countryCode": "1", "phoneNumber": "1231231234"}]},
        {"smsReceivers": [{"name": "s", "countryCode": "1", "phoneNumber": "2123456789"}]},
    ),
    Refusal(
        f"{TERRAFORM}/pull/14411",
        RANGE,
        "budget",
        "a threshold is between 0 and 1000",
        {
            "notifications": {
                "high": {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": 1001,
                    "contactEmails": ["a@example.org"],
                }
            }
        },
        {
            "notifications": {
                "high": {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": 1000,
                    "contactEmails": ["a@example.org"],
                }
            }
        },
    ),
    Refusal(
        f"{SERVICES}/portal/validate/dashboard_name_test.go",
        PATTERN,
        "dashboard",
        "no number sign in a name",
        {"dashboardName": "hello#"},
        {"dashboardName": "hello-world"},
    ),
]
EVENTS = [
    Refusal(
        f"{TERRAFORM}/issues/17127",
        REFERENCE,
        "topic",
        "the topic type is of another source",
        {"topicType": "Microsoft.Devices.IoTHubs"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure/issues/1237",
        RANGE,
        "events",
        "a name has at most 64 characters",
        {"eventSubscriptionName": "e" * 65},
        {"eventSubscriptionName": "e" * 64},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure/issues/1237#topic",
        PATTERN,
        "topic",
        "a name has letters, digits and hyphens",
        {"systemTopicName": "sim_topic"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/20056",
        MISSING,
        "events",
        "a dynamic mapping has the field it comes from",
        {
            "destination.deliveryAttributeMappings": [{"name": "kind", "type": "Dynamic"}],
        },
        {
            "destination.deliveryAttributeMappings": [
                {"name": "kind", "type": "Dynamic", "sourceField": "data.kind"}
            ],
        },
    ),
    Refusal(
        f"{GRID}#identity",
        MISSING,
        "events",
        "an identity for dead letters goes with a store for them",
        {
            "systemTopicName": "${topiced.name}",
            "deadLetterWithResourceIdentity": {"identity": SYSTEM},
        },
        {
            "systemTopicName": "${topiced.name}",
            "deadLetterWithResourceIdentity": {
                "identity": SYSTEM,
                "deadLetterDestination": {
                    "endpointType": "StorageBlob",
                    "resourceId": "${account.id}",
                    "blobContainerName": "${container.name}",
                },
            },
        },
        (TOPICED, ("sink", "container", {"containerName": "letters"})),
    ),
    Refusal(
        f"{GRID}#endpoint",
        MISSING,
        "events",
        "a subscription goes to an endpoint",
        {"destination": REMOVED},
    ),
]
FLOWS = [
    Refusal(
        f"{GITHUB}/Azure/LogicAppsUX/issues/5666",
        TEXT,
        "logic",
        "no end of the run within a loop",
        _each(STOP),
        _each(RUN),
    ),
    Refusal(
        f"{TERRAFORM}/issues/27139",
        TEXT,
        "logic",
        "a definition within the definition",
        {"definition": {"definition": _flow({"run": RUN})}},
        {"definition": _flow({"run": RUN})},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-net/issues/2979",
        TEXT,
        "logic",
        "Could not find member 'variables' on object of type 'FlowTemplate'",
        {"definition": _flow({"run": RUN}, variables={})},
        {"definition": _flow({"run": RUN}, outputs={})},
    ),
]
INSTANCE = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}
LEARNING = [
    Refusal(
        f"{GITHUB}/MicrosoftLearning/mslearn-aml-labs/issues/12",
        PATTERN,
        "compute",
        "a name has letters, digits and hyphens",
        {"computeName": "my_new_cluster"},
        {"computeName": "my-new-cluster"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/MCW-ML-Ops/issues/28",
        ORDERING,
        "compute",
        "an instance's name is unique in the region",
        {"computeName": "shared", "properties": INSTANCE},
        {"computeName": "single", "properties": INSTANCE},
        (
            ("kept", "account", {"accountName": "simkept"}),
            ("safe", "vault", {"vaultName": "sim-safe"}),
            (
                "other",
                "workspace",
                {
                    "workspaceName": "other",
                    "storageAccount": "${kept.id}",
                    "keyVault": "${safe.id}",
                },
            ),
            (
                "shared",
                "compute",
                {
                    "workspaceName": "${other.name}",
                    "computeName": "shared",
                    "properties": INSTANCE,
                },
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/34362",
        MISSING,
        "compute",
        "nodes without a public address are in a network",
        {"properties.properties.enableNodePublicIp": False},
        {"properties.properties.enableNodePublicIp": True},
    ),
    Refusal(
        f"{SERVICES}/machinelearning/machine_learning_workspace_resource.go#features",
        EXCLUSIVE,
        "workspace",
        "settings of a store of features go with its kind",
        {
            "kind": "Default",
            "featureStoreSettings": {"computeRuntime": {"sparkRuntimeVersion": "3.4"}},
        },
        {
            "kind": "FeatureStore",
            "featureStoreSettings": {"computeRuntime": {"sparkRuntimeVersion": "3.4"}},
        },
    ),
    Refusal(
        f"{SERVICES}/machinelearning/validate/datastore_name_test.go",
        PATTERN,
        "store",
        "no dot in a name",
        {"name": "hello.world"},
        {"name": "hello"},
    ),
    Refusal(
        f"{SERVICES}/machinelearning/validate/workspace_name_test.go",
        RANGE,
        "workspace",
        "a name has at most 33 characters",
        {"workspaceName": "a" * 34},
        {"workspaceName": "a" * 33},
    ),
]
SERVICES_IN_USE = [*ALERTS, *EVENTS, *FLOWS, *LEARNING]
