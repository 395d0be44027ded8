"""A twentieth round on Azure: logs and machine learning."""

from __future__ import annotations

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
MODEL = {"name": "Model", "type": "string"}
TIME = {"name": "TimeGenerated", "type": "dateTime"}
CONDA = "name: x\ndependencies:\n- python=3.10\n"


def _table(name: str, *columns: dict[str, str]) -> dict[str, object]:
    """A custom table with columns."""
    return {"tableName": name, "schema": {"name": name, "columns": list(columns)}}


def _instance(name: str) -> dict[str, object]:
    """A compute instance in the place of a cluster."""
    properties = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}
    return {"computeName": name, "properties": properties}


def _probe(timeout: str) -> dict[str, object]:
    """A probe of a deployment, with how long it waits."""
    return {
        "properties.livenessProbe": {
            "failureThreshold": 30,
            "initialDelay": "PT10S",
            "period": "PT10S",
            "successThreshold": 1,
            "timeout": timeout,
        }
    }


LOGS = [
    Refusal(
        f"{GITHUB}/Azure/Azurite/issues/322",
        PATTERN,
        "blob",
        "400: a blob in $root has no slash in its name",
        {"containerName": "${root.name}", "blobName": "a/b.txt"},
        {"containerName": "${root.name}", "blobName": "b.txt"},
        (("root", "container", {"containerName": "$root"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/12524",
        RANGE,
        "logs",
        "a retention of 7 days is invalid for the SKU; it is 30 to 730",
        {"retentionInDays": 7},
        {"retentionInDays": 30},
    ),
    Refusal(
        f"{TERRAFORM}/issues/26410",
        ENUM,
        "logs",
        "the SKU Free is no longer valid for a workspace",
        {"sku": {"name": "Free"}, "retentionInDays": 7},
        {"sku": {"name": "PerGB2018"}, "retentionInDays": 30},
    ),
    Refusal(
        f"{GITHUB}/Azure/AzureMonitorStarterPacks/issues/173",
        PATTERN,
        "logs",
        "the name of a workspace has no underscores",
        {"workspaceName": "AzureMonitorStarterPacks_LAW01"},
        {"workspaceName": "AzureMonitorStarterPacks-LAW01"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/23368",
        MISSING,
        "table",
        "a custom table needs the column TimeGenerated",
        _table("Drift_CL", MODEL),
        _table("Drift_CL", TIME, MODEL),
    ),
    Refusal(
        f"{DOCS}/issues/113114",
        PATTERN,
        "table",
        "the name of a custom table ends in _CL",
        _table("Drift", TIME, MODEL),
        _table("Drift2_CL", TIME, MODEL),
    ),
    Refusal(
        f"{DOCS}/issues/49275",
        EXCLUSIVE,
        "search",
        "409: conflict with an existing saved search",
        {"savedSearchId": "drift"},
        {"savedSearchId": "drift2"},
        (("earlier", "search", {}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/Azure-Sentinel/issues/10058",
        TEXT,
        "search",
        "InvalidOperationArgument: invalid function parameters (a negative default)",
        {"functionAlias": "drift", "functionParameters": "days:int=-1"},
        {"functionAlias": "drift", "functionParameters": "days:int=1"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/14320",
        REFERENCE,
        "insights",
        "BadRequest: WorkspaceResourceId is not in a valid format (the id of a component)",
        {"workspaceResourceId": "${other.id}"},
        {"workspaceResourceId": "${logs.id}"},
        (("other", "insights", {"resourceName": "other"}),),
    ),
]

LEARNING = [
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/issues/5696",
        MISSING,
        "workspace",
        "ValidationError: Missing dependent resources in workspace json",
        {"storageAccount": None, "keyVault": None, "applicationInsights": None},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-js/issues/10473",
        MISSING,
        "workspace",
        "Make sure to create your workspace using a client which support MSI",
        {"identity": None},
        {"identity": {"type": "SystemAssigned"}},
    ),
    Refusal(
        f"{GITHUB}/microsoft/AzureTRE/issues/1920",
        EXCLUSIVE,
        "workspace",
        "BadRequest: Cannot use storage with HNS enabled.",
        {"storageAccount": "${lake.id}"},
        {"storageAccount": "${flat.id}"},
        (
            ("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),
            ("flat", "account", {"accountName": "simflat"}),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-examples/issues/2725",
        PATTERN,
        "modelversion",
        "the version of a model must be a positive integer",
        {"version": "1.0.0"},
        {"version": "2"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/30036",
        REFERENCE,
        "modelversion",
        "a model in a datastore which does not exist",
        {"properties.modelUri": "azureml://datastores/fake_blobstore/paths/m"},
        {"properties.modelUri": "azureml://datastores/workspaceblobstore/paths/m"},
    ),
    Refusal(
        f"{GITHUB}/mlflow/mlflow/issues/15329",
        PATTERN,
        "modelversion",
        "ValidationError: the source must be an azureml:// URI; provided: dummy-source",
        {"properties.modelUri": "dummy-source"},
        {"properties.modelUri": "azureml://datastores/workspaceblobstore/paths/m"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/42281",
        PATTERN,
        "codeversion",
        "the URI of code is an https one of a blob, not azureml://",
        {"properties.codeUri": "azureml://datastores/workspaceblobstore/paths/c"},
        {"properties.codeUri": "https://simaccount.blob.core.windows.net/artifacts/c"},
    ),
    Refusal(
        f"{DOCS}/issues/83465",
        PATTERN,
        "environmentcontainer",
        "the name of an environment has no dots",
        {"name": "transformers-torch-1.9"},
        {"name": "transformers-torch-1-9"},
    ),
    Refusal(
        f"{DOCS}/issues/65770",
        PATTERN,
        "environmentcontainer",
        "Environment name can not start with the prefix AzureML",
        {"name": "AzureML-sklearn"},
        {"name": "My-sklearn"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-previews/issues/213",
        MISSING,
        "environmentversion",
        "an environment must provide a base image or a Dockerfile",
        {"properties": {"condaFile": CONDA}},
        {"properties": {"condaFile": CONDA, "image": "mcr.microsoft.com/x"}},
    ),
    Refusal(
        f"{GITHUB}/microsoft/promptflow/issues/828",
        PATTERN,
        "componentcontainer",
        "the name of a component has letters, digits and _.- only",
        {"name": "Template Standard Flow"},
        {"name": "template_standard_flow"},
    ),
    Refusal(
        f"{DOCS}/issues/110869",
        PATTERN,
        "store",
        "the name of a datastore has no hyphens",
        {"name": "blob-protocol-example"},
        {"name": "blob_protocol_example"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-assets/issues/295",
        RANGE,
        "dataversion",
        "the version of an asset has at most 30 characters",
        {"version": "0.0.1-preview-azureml-staging.1669926498"},
        {"version": "0.0.1-preview"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/mslearn-aml-labs/issues/12",
        PATTERN,
        "compute",
        "the name of a compute has no underscores",
        {"computeName": "my_new_cluster"},
        {"computeName": "my-new-cluster"},
    ),
    Refusal(
        f"{GITHUB}/dotnet/machinelearning-modelbuilder/issues/2386",
        MISSING,
        "compute",
        "MinNodeCount and MaxNodeCount must be specified",
        {"properties.properties.scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT120S"}},
        {
            "properties.properties.scaleSettings": {
                "minNodeCount": 0,
                "maxNodeCount": 2,
                "nodeIdleTimeBeforeScaleDown": "PT120S",
            }
        },
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/pipelines-azureml/issues/19",
        PATTERN,
        "compute",
        "the name of a compute instance: a letter has to follow a hyphen",
        _instance("cpu-cluster-1"),
        _instance("cpu-cluster"),
    ),
    Refusal(
        f"{GITHUB}/Azure/mlops-project-template/issues/29",
        EXCLUSIVE,
        "endpoint",
        "There is already an endpoint with this name; it needs to be unique within a region",
        {"endpointName": "flights"},
        {"endpointName": "flights2"},
        (
            ("space", "workspace", {"workspaceName": "other"}),
            ("earlier", "endpoint", {"workspaceName": "${space.name}"}),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/33660",
        RANGE,
        "deployment",
        "the timeout <360> of a probe should be less than 300",
        _probe("PT360S"),
        _probe("PT299S"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/35387",
        MISSING,
        "deployment",
        "MissingDriverProgram: a custom model with an environment needs code",
        {
            "properties.model": "${custom.id}",
            "properties.environmentId": "${environmentversion.id}",
        },
        {
            "properties.model": "${custom.id}",
            "properties.environmentId": "${environmentversion.id}",
            "properties.codeConfiguration": {
                "codeId": "${codeversion.id}",
                "scoringScript": "score.py",
            },
        },
        (("custom", "modelversion", {"version": "2", "properties.modelType": "custom_model"}),),
    ),
]

MORE = [*LOGS, *LEARNING]
