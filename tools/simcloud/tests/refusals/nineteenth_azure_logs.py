"""A nineteenth round on Azure: logs, and what machine learning has."""

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
    Refusal,
)

DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
TIME = {"name": "TimeGenerated", "type": "dateTime"}
LAKE = (("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),)
ACCOUNTS = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers/Microsoft.Storage/storageAccounts"
)
SPACES = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers/Microsoft.OperationalInsights"


def _table(name: str, *columns: dict[str, str]) -> dict[str, Any]:
    return {"tableName": name, "schema": {"name": name, "columns": list(columns)}}


def _tags(count: int) -> dict[str, Any]:
    return {"tags": [{"name": f"tag{number}", "value": "a"} for number in range(count)]}


def _instance(name: str) -> dict[str, Any]:
    properties = {"vmSize": "Standard_DS3_v2"}
    return {
        "computeName": name,
        "properties": {"computeType": "ComputeInstance", "properties": properties},
    }


LOGS = [
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/12524",
        RANGE,
        "logs",
        "The value provided for retention is invalid. the expected value: between 30 to 730",
        {"retentionInDays": 7},
        {"retentionInDays": 730},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/27024",
        EXCLUSIVE,
        "logs",
        "You can't change 'Daily cap' for free tier. It's set to 500 MB",
        {"sku.name": "Free", "retentionInDays": 7, "workspaceCapping": {"dailyQuotaGb": 0.5}},
        {"workspaceCapping": {"dailyQuotaGb": 0.5}},
    ),
    Refusal(
        f"{GITHUB}/Azure/AzureMonitorStarterPacks/issues/173",
        PATTERN,
        "logs",
        "Workspace name may contain only alphanumeric and hyphen characters",
        {"workspaceName": "AzureMonitorStarterPacks_LAW01"},
        {"workspaceName": "AzureMonitorStarterPacks-LAW01"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/23368",
        MISSING,
        "table",
        "MSG 1005: Table missing mandatory 'TimeGenerated' column",
        _table("Drift_CL", {"name": "Value", "type": "int"}),
        _table("Drift_CL", {"name": "Value", "type": "int"}, TIME),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/21897",
        ENUM,
        "table",
        "TimeGenerated: field type not matching system configuration, Type: DateTime",
        _table("Drift_CL", {"name": "TimeGenerated", "type": "string"}),
        _table("Drift_CL", TIME),
    ),
    Refusal(
        f"{DOCS}/issues/113114",
        PATTERN,
        "table",
        "a new table's name ends in _CL",
        _table("MyTable", TIME),
        _table("MyTable_CL", TIME),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/21506",
        RANGE,
        "search",
        "The element 'Tags' has invalid child element 'Tag': at most 15",
        _tags(16),
        _tags(15),
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/keyvault-rotation-storageaccountkey-powershell/issues/2",
        REFERENCE,
        "insights",
        "Provided WorkspaceResourceId is invalid",
        {"workspaceResourceId": f"{SPACES}/workspaces/missing"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/AzureTRE/issues/1920",
        EXCLUSIVE,
        "workspace",
        "Cannot use storage with HNS enabled",
        {"storageAccount": f"{ACCOUNTS}/simlake"},
        {},
        LAKE,
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-js/issues/10473",
        MISSING,
        "workspace",
        "Make sure to create your workspace using a client which support MSI",
        {"identity": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/28980",
        MISSING,
        "workspace",
        "Missing dependent resources in workspace json",
        {"storageAccount": REMOVED, "keyVault": REMOVED, "applicationInsights": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-examples/issues/2725",
        PATTERN,
        "modelversion",
        "the version of a registered model must be a positive integer",
        {"version": "1.0.0"},
        {"version": "100"},
    ),
    Refusal(
        f"{DOCS}/issues/65770",
        PATTERN,
        "environmentcontainer",
        "Environment name can not start with the prefix AzureML",
        {"name": "AzureML-Tutorial"},
        {"name": "Tutorial"},
    ),
    Refusal(
        f"{DOCS}/issues/83465",
        PATTERN,
        "environmentcontainer",
        "Resource name can only contain alphanumeric characters, dashes, and underscores",
        {"name": "transformers-torch-1.9"},
        {"name": "transformers-torch-1_9"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-previews/issues/213",
        MISSING,
        "environmentversion",
        "You must provide a base image or Dockerfile",
        {"properties": {"condaFile": "name: a\ndependencies: [python=3.10]\n"}},
        {
            "properties": {
                "condaFile": "name: a\ndependencies: [python=3.10]\n",
                "image": "mcr.microsoft.com/x",
            }
        },
    ),
    Refusal(
        f"{DOCS}/issues/110869",
        PATTERN,
        "store",
        "a datastore's name has no hyphen",
        {"name": "blob-protocol-example"},
        {"name": "blob_protocol_example"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-assets/issues/295",
        RANGE,
        "dataversion",
        "Argument 'version' exceeded maximum length of 30 for DatasetId",
        {"version": "0.0.1-preview-azureml-staging.1669926498"},
        {"version": "0.0.1-preview.1669926498"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/pipelines-azureml/issues/19",
        PATTERN,
        "compute",
        "Numbers cannot be the ending of the name if the previous character is a minus",
        _instance("cpu-cluster-1"),
        _instance("cpu-cluster-a"),
    ),
    Refusal(
        f"{GITHUB}/dotnet/machinelearning-modelbuilder/issues/2386",
        MISSING,
        "compute",
        "ScaleSettings.MaxNodeCount and ScaleSettings.MinNodeCount must be specified",
        {"properties.properties.scaleSettings": {}},
        {"properties.properties.scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-assets/pull/1538",
        RANGE,
        "endpoint",
        "Endpoint names can be up to 32 characters long",
        {"endpointName": "benchmark-" + "a" * 23},
        {"endpointName": "benchmark-" + "a" * 22},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/33660",
        RANGE,
        "deployment",
        "Invalid value for Timeout Seconds for Probe: <360>. It should be less than 300",
        {"properties.livenessProbe": {"timeout": "PT360S"}},
        {"properties.livenessProbe": {"timeout": "PT10S"}},
    ),
]
