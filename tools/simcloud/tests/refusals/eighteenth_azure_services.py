"""An eighteenth round on Azure: logs, alerts, events, workflows, dashboards and learning."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    Change,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
DESIGNER = f"{GITHUB}/Azure/LogicAppsUX"
PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers"
HTTP = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
OWN = (
    ("kept", "account", {"accountName": "simkept"}),
    ("safe", "vault", {"vaultName": "sim-safe"}),
)
BLOBS = {"categoryGroup": "allLogs", "enabled": True}


def _own_space(name: str, **more: Any) -> tuple[tuple[str, str, Change], ...]:
    """A workspace beside the sample, with a store and a vault of its own."""
    change = {"workspaceName": name, "storageAccount": "${kept.id}", "keyVault": "${safe.id}"}
    return (*OWN, (name, "workspace", {**change, **more}))


def _logged_to(account: str, name: str, **more: Any) -> dict[str, Any]:
    """Logs of the sample account's blobs that go to an account, and that account."""
    change = {
        "resourceUri": "${account.id}/blobServices/default",
        "workspaceId": REMOVED,
        "storageAccountId": account,
        "logs": [BLOBS],
    }
    return {"change": change, "before": ((name, "account", {"accountName": f"sim{name}", **more}),)}


def _variables(count: int) -> dict[str, Any]:
    variables = [{"name": f"v{number}", "type": "string"} for number in range(count)]
    inputs = {"variables": variables}
    return {"definition.actions": {"init": {"type": "InitializeVariable", "inputs": inputs}}}


def _first_value(value: Any) -> dict[str, Any]:
    inputs = {"variables": [{"name": "list", "type": "array", "value": value}]}
    return {"definition.actions": {"init": {"type": "InitializeVariable", "inputs": inputs}}}


def _case_of(value: Any) -> dict[str, Any]:
    choice = {
        "type": "Switch",
        "expression": "@triggerBody()",
        "cases": {"Case": {"case": value, "actions": {"run": HTTP}}},
        "default": {"actions": {}},
    }
    manual = {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}
    return {
        "definition.triggers": {"manual": manual},
        "definition.actions": {"choice": choice},
    }


def _every(frequency: str) -> dict[str, Any]:
    recurrence = {
        "frequency": frequency,
        "interval": 1,
        "schedule": {"hours": [8], "minutes": [30]},
    }
    return {"definition.triggers": {"often": {"type": "Recurrence", "recurrence": recurrence}}}


def _watched(emails: dict[str, Any]) -> dict[str, Any]:
    return {
        "properties.action": {
            "actionType": "CreateMonitor",
            "monitorDefinition": {
                "computeConfiguration": {
                    "computeType": "ServerlessSpark",
                    "instanceType": "standard_e4s_v3",
                    "runtimeVersion": "3.3",
                    "computeIdentity": {"computeIdentityType": "AmlToken"},
                },
                "monitoringTarget": {"taskType": "Classification", "modelId": "${modelversion.id}"},
                "signals": {},
                "alertNotificationSettings": {"emailNotificationSettings": emails},
            },
        }
    }


def _reached(**destinations: str) -> dict[str, Any]:
    rules = {
        name: {
            "type": "PrivateEndpoint",
            "destination": {
                "serviceResourceId": "${account.id}",
                "subresourceTarget": target,
                "sparkEnabled": False,
            },
        }
        for name, target in destinations.items()
    }
    return {"managedNetwork": {"isolationMode": "AllowInternetOutbound", "outboundRules": rules}}


def _in_region(region: str) -> dict[str, Any]:
    return {
        "scopes": ["${north.id}"],
        "targetResourceType": "Microsoft.KeyVault/vaults",
        "targetResourceRegion": region,
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "up",
                    "metricName": "Availability",
                    "operator": "LessThan",
                    "threshold": 99,
                    "timeAggregation": "Average",
                }
            ],
        },
    }


def _part(metadata: dict[str, Any]) -> dict[str, Any]:
    position = {"x": 0, "y": 0, "colSpan": 2, "rowSpan": 2}
    return {
        "properties.lenses": [{"order": 0, "parts": [{"position": position, "metadata": metadata}]}]
    }


SAME = _logged_to("${account.id}", "other")
OTHER = _logged_to("${other.id}", "other")
QUICK = _logged_to("${quick.id}", "quick", kind="BlockBlobStorage", sku={"name": "Premium_LRS"})
FAR = _logged_to("${far.id}", "far", location="westus")
TEXT_PART = {
    "inputs": [],
    "type": "Extension/HubsExtension/PartType/MarkdownPart",
    "settings": {"content": {"settings": {"content": "# Flights"}}},
}
LOGS = [
    Refusal(
        f"{GITHUB}/localstack/localstack-docs/pull/579",
        EXCLUSIVE,
        "diagnostics",
        "the logs of an account do not go to the account itself",
        SAME["change"],
        OTHER["change"],
        SAME["before"],
    ),
    Refusal(
        f"{DOCS}/issues/80897",
        EXCLUSIVE,
        "diagnostics",
        "logs do not go to a premium account",
        QUICK["change"],
        OTHER["change"],
        (*QUICK["before"], *OTHER["before"]),
    ),
    Refusal(
        f"{DOCS}/issues/60218",
        EXCLUSIVE,
        "diagnostics",
        "Resources should be in the same region",
        FAR["change"],
        OTHER["change"],
        (*FAR["before"], *OTHER["before"]),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-quickstart-templates/issues/14210",
        MISSING,
        "insights",
        "Region doesn't support Classic resource mode for Application Insights resources",
        {"workspaceResourceId": REMOVED},
        {},
        accepted="a component without a workspace gets a managed one by now",
    ),
    Refusal(
        f"{GITHUB}/Azure/Azure-Sentinel/issues/10058",
        PATTERN,
        "search",
        "InvalidOperationArgument: Invalid function parameters string",
        {"functionAlias": "drift", "functionParameters": "days:int=-7"},
        {"functionAlias": "drift", "functionParameters": "days:int=7"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/28437",
        RANGE,
        "table",
        "above 2556 days a total retention is one of a few numbers of years",
        {"totalRetentionInDays": 4380},
        {"totalRetentionInDays": 4383},
    ),
    Refusal(
        f"{TERRAFORM}/issues/28272",
        RANGE,
        "table",
        "a table keeps 4 to 730 days",
        {"retentionInDays": 3},
        {"retentionInDays": 4},
    ),
]
ALERTS = [
    Refusal(
        f"{GITHUB}/Azure/azure-monitor-baseline-alerts/pull/192",
        ENUM,
        "alert",
        "BadRequest: Time aggregation must be one of [Average]",
        {"criteria.allOf[0].timeAggregation": "Total"},
        {"criteria.allOf[0].timeAggregation": "Average"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/16513",
        REFERENCE,
        "alert",
        "The following resources were not found under the region global",
        _in_region("westus"),
        _in_region("northeurope"),
        (("north", "vault", {"vaultName": "sim-north", "location": "northeurope"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/11710",
        REFERENCE,
        "autoscale",
        "TargetResourceNotFound",
        {
            "targetResourceUri": f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/sim"
            "/onlineEndpoints/flights/deployments/green"
        },
        {"targetResourceUri": "${deployment.id}"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/3015",
        MISSING,
        "dashboard",
        "missing required property 'lenses[0].parts[0].metadata.type'",
        _part({"inputs": []}),
        _part(TEXT_PART),
    ),
]
FLOWS = [
    Refusal(
        f"{TERRAFORM}/issues/28932",
        REFERENCE,
        "events",
        "an identity that delivers is one of the topic",
        {
            "destination": REMOVED,
            "deliveryWithResourceIdentity": {
                "identity": {"type": "SystemAssigned"},
                "destination": {
                    "endpointType": "StorageQueue",
                    "resourceId": "${account.id}",
                    "queueName": "drift",
                },
            },
        },
        {
            "destination": {
                "endpointType": "StorageQueue",
                "resourceId": "${account.id}",
                "queueName": "drift",
            }
        },
    ),
    Refusal(
        f"{GITHUB}/microsoft/vscode-azurelogicapps/issues/138",
        EXCLUSIVE,
        "logic",
        "a schedule goes with days and weeks",
        _every("Minute"),
        _every("Day"),
    ),
    Refusal(
        f"{DESIGNER}/issues/4934",
        ENUM,
        "logic",
        "a case is a number or a text, no list",
        _case_of([2, 3]),
        _case_of("[2,3]"),
    ),
    Refusal(
        f"{DESIGNER}/issues/4123",
        ENUM,
        "logic",
        "the value of an array is no text",
        _first_value("one, two"),
        _first_value(["one", "two"]),
    ),
    Refusal(
        f"{DESIGNER}/issues/8232",
        RANGE,
        "logic",
        "WorkflowRunActionInputsInvalidProperty: more than twenty variables in one action",
        _variables(21),
        _variables(1),
    ),
    Refusal(
        f"{DESIGNER}/issues/8543",
        MISSING,
        "logic",
        "WorkflowManagedIdentityConfigurationInvalid: missing 'authentication' property",
        {
            "definition.parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
            "parameters": {
                "$connections": {
                    "value": {
                        "servicebus": {
                            "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web"
                            "/locations/westeurope/managedApis/servicebus",
                            "connectionId": f"{PROVIDERS}/Microsoft.Web/connections/servicebus",
                            "connectionName": "servicebus",
                        }
                    }
                }
            },
        },
        {},
        accepted="what a connection is configured for stands in the connection alone",
    ),
]
LEARNING = [
    Refusal(
        f"{GITHUB}/Azure/azureml-previews/issues/213",
        MISSING,
        "environmentversion",
        "You must provide a base image or Dockerfile",
        {"properties": {"condaFile": "dependencies: [python=3.11]"}},
        {
            "properties": {
                "condaFile": "dependencies: [python=3.11]",
                "image": "mcr.microsoft.com/x",
            }
        },
    ),
    Refusal(
        f"{DOCS}/issues/118136",
        MISSING,
        "schedule",
        "UserError: The value for '.emails' is missing.",
        _watched({}),
        _watched({"emails": ["a@example.org"]}),
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-examples/pull/2990",
        EXCLUSIVE,
        "workspace",
        "a rule to this destination already exists",
        _reached(first="blob", second="blob"),
        _reached(first="blob", second="file"),
    ),
]
SERVICES = [*LOGS, *ALERTS, *FLOWS, *LEARNING]
