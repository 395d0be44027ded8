"""Accepted resources of Microsoft Azure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION

GROUP = {"resourceGroupName": "${group.name}"}
SPACE = {**GROUP, "workspaceName": "${workspace.name}"}
ASSETS = {**GROUP, "registryName": "${mlregistry.name}"}
ML = "azure-native:machinelearningservices"
SUBSCRIPTION_ID = f"/subscriptions/{SUBSCRIPTION}"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SYSTEM = {"type": "SystemAssigned"}
# A run of the tests may begin in one month and end in the next.
NEXT_MONTH = f"{datetime.now(timezone.utc).replace(day=28) + timedelta(days=4):%Y-%m}"
COMMAND = {
    "type": "command",
    "name": "train",
    "version": "1",
    "command": "python -m x",
    "environment": "azureml://registries/azureml/environments/sklearn-1.5/versions/54",
}


def _assets(kind: str, path: str, **properties: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    name = kind.lower()
    shared = {key: value for key, value in properties.items() if key == "dataType"}
    return {
        f"{name}container": (
            f"{ML}:{kind}Container",
            {**SPACE, "name": path, "properties": shared},
        ),
        f"{name}version": (
            f"{ML}:{kind}Version",
            {**SPACE, "name": path, "version": "1", "properties": properties},
        ),
    }


AZURE = {
    "group": ("azure-native:resources:ResourceGroup", {"resourceGroupName": "sim"}),
    "identity": (
        "azure-native:managedidentity:UserAssignedIdentity",
        {**GROUP, "resourceName": "steps"},
    ),
    "federated": (
        "azure-native:managedidentity:FederatedIdentityCredential",
        {
            **GROUP,
            "resourceName": "${identity.name}",
            "federatedIdentityCredentialResourceName": "main",
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:o/r:ref:refs/heads/main",
            "audiences": ["api://AzureADTokenExchange"],
        },
    ),
    "account": (
        "azure-native:storage:StorageAccount",
        {
            **GROUP,
            "accountName": "simaccount",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "minimumTlsVersion": "TLS1_2",
        },
    ),
    "container": (
        "azure-native:storage:BlobContainer",
        {**GROUP, "accountName": "${account.name}", "containerName": "artifacts"},
    ),
    "blobs": (
        "azure-native:storage:BlobServiceProperties",
        {
            **GROUP,
            "accountName": "${account.name}",
            "blobServicesName": "default",
            "isVersioningEnabled": True,
            "deleteRetentionPolicy": {"enabled": True, "days": 7},
        },
    ),
    "lifecycle": (
        "azure-native:storage:ManagementPolicy",
        {
            **GROUP,
            "accountName": "${account.name}",
            "managementPolicyName": "default",
            "policy": {
                "rules": [
                    {
                        "name": "old",
                        "type": "Lifecycle",
                        "definition": {
                            "actions": {
                                "baseBlob": {"delete": {"daysAfterModificationGreaterThan": 90}}
                            },
                            "filters": {"blobTypes": ["blockBlob"]},
                        },
                    }
                ]
            },
        },
    ),
    "blob": (
        "azure-native:storage:Blob",
        {
            **GROUP,
            "accountName": "${account.name}",
            "containerName": "${container.name}",
            "blobName": "a.txt",
        },
    ),
    "vault": (
        "azure-native:keyvault:Vault",
        {
            **GROUP,
            "vaultName": "sim-vault",
            "properties": {
                "tenantId": "7e4a47aa-0000-4000-8000-00000c10d000",
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "softDeleteRetentionInDays": 7,
            },
        },
    ),
    "key": (
        "azure-native:keyvault:Key",
        {
            **GROUP,
            "vaultName": "${vault.name}",
            "keyName": "sim",
            "properties": {"kty": "RSA", "keySize": 2048},
        },
    ),
    "registry": (
        "azure-native:containerregistry:Registry",
        {**GROUP, "registryName": "simregistry", "sku": {"name": "Basic"}},
    ),
    "logs": (
        "azure-native:operationalinsights:Workspace",
        {
            **GROUP,
            "workspaceName": "sim-logs",
            "retentionInDays": 30,
            "sku": {"name": "PerGB2018"},
        },
    ),
    "table": (
        "azure-native:operationalinsights:Table",
        {**GROUP, "workspaceName": "${logs.name}", "tableName": "Drift_CL"},
    ),
    "search": (
        "azure-native:operationalinsights:SavedSearch",
        {
            **GROUP,
            "workspaceName": "${logs.name}",
            "savedSearchId": "drift",
            "category": "ml",
            "displayName": "drift",
            "query": "Drift_CL",
        },
    ),
    "insights": (
        "azure-native:applicationinsights:Component",
        {
            **GROUP,
            "resourceName": "sim",
            "applicationType": "web",
            "kind": "web",
            "workspaceResourceId": "${logs.id}",
        },
    ),
    "workspace": (
        f"{ML}:Workspace",
        {
            **GROUP,
            "workspaceName": "sim",
            "storageAccount": "${account.id}",
            "keyVault": "${vault.id}",
            "applicationInsights": "${insights.id}",
            "identity": SYSTEM,
        },
    ),
    "mlregistry": (
        f"{ML}:Registry",
        {**GROUP, "registryName": "sim-registry", "identity": SYSTEM},
    ),
    "registrymodel": (
        f"{ML}:RegistryModelContainer",
        {**ASSETS, "modelName": "flights", "properties": {}},
    ),
    "registryversion": (
        f"{ML}:RegistryModelVersion",
        {
            **ASSETS,
            "modelName": "${registrymodel.name}",
            "version": "1",
            "properties": {"modelUri": "azureml://x/y", "modelType": "custom_model"},
        },
    ),
    **_assets("Model", "flights", modelUri="azureml://datastores/workspaceblobstore/paths/m"),
    **_assets("Code", "code", codeUri="https://simaccount.blob.core.windows.net/artifacts/c"),
    **_assets("Environment", "sklearn", image="mcr.microsoft.com/x"),
    **_assets("Component", "train", componentSpec=COMMAND),
    "store": (
        f"{ML}:Datastore",
        {
            **SPACE,
            "name": "sim",
            "properties": {
                "datastoreType": "AzureBlob",
                "accountName": "simaccount",
                "containerName": "artifacts",
                "credentials": {"credentialsType": "None"},
            },
        },
    ),
    **_assets("Data", "flights", dataType="uri_folder", dataUri="azureml://datastores/sim/paths/"),
    "compute": (
        f"{ML}:Compute",
        {
            **SPACE,
            "computeName": "cluster",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_DS3_v2",
                    "scaleSettings": {
                        "minNodeCount": 0,
                        "maxNodeCount": 2,
                        "nodeIdleTimeBeforeScaleDown": "PT120S",
                    },
                },
            },
        },
    ),
    "schedule": (
        f"{ML}:Schedule",
        {
            **SPACE,
            "name": "weekly",
            "properties": {
                "isEnabled": False,
                "trigger": {
                    "triggerType": "Cron",
                    "expression": "0 3 * * 1",
                    "timeZone": "W. Europe Standard Time",
                },
                "action": {
                    "actionType": "CreateJob",
                    "jobDefinition": {
                        "jobType": "Pipeline",
                        "componentId": "${componentversion.id}",
                    },
                },
            },
        },
    ),
    "endpoint": (
        f"{ML}:OnlineEndpoint",
        {
            **SPACE,
            "endpointName": "flights",
            "properties": {"authMode": "AADToken"},
            "identity": SYSTEM,
        },
    ),
    "deployment": (
        f"{ML}:OnlineDeployment",
        {
            **SPACE,
            "endpointName": "${endpoint.name}",
            "deploymentName": "blue",
            "sku": {"name": "Default", "capacity": 1},
            "properties": {
                "endpointComputeType": "Managed",
                "instanceType": "Standard_DS3_v2",
                "model": "${modelversion.id}",
                "dataCollector": {
                    "collections": {"model_inputs": {"dataCollectionMode": "Enabled"}}
                },
            },
        },
    ),
    "role": (
        "azure-native:authorization:RoleDefinition",
        {
            "roleDefinitionId": "11111111-2222-4333-8444-555555555555",
            "roleName": "steps",
            "scope": "${group.id}",
            "assignableScopes": ["${group.id}"],
            "permissions": [
                {"actions": ["Microsoft.MachineLearningServices/workspaces/jobs/read"]}
            ],
        },
    ),
    "assignment": (
        "azure-native:authorization:RoleAssignment",
        {
            "scope": "${workspace.id}",
            "principalId": "${identity.principalId}",
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"{SUBSCRIPTION_ID}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{READER}",
        },
    ),
    "actions": (
        "azure-native:monitor:ActionGroup",
        {
            **GROUP,
            "actionGroupName": "sim",
            "groupShortName": "sim",
            "enabled": True,
            "location": "global",
            "emailReceivers": [{"name": "a", "emailAddress": "a@example.org"}],
        },
    ),
    "alert": (
        "azure-native:monitor:MetricAlert",
        {
            **GROUP,
            "ruleName": "latency",
            "location": "global",
            "enabled": True,
            "severity": 2,
            "evaluationFrequency": "PT5M",
            "windowSize": "PT15M",
            "scopes": ["${endpoint.id}"],
            "actions": [{"actionGroupId": "${actions.id}"}],
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [
                    {
                        "criterionType": "StaticThresholdCriterion",
                        "name": "p95",
                        "metricName": "RequestLatency_P95",
                        "operator": "GreaterThan",
                        "threshold": 500,
                        "timeAggregation": "Average",
                    }
                ],
            },
        },
    ),
    "query": (
        "azure-native:monitor:ScheduledQueryRule",
        {
            **GROUP,
            "ruleName": "drift",
            "severity": 2,
            "evaluationFrequency": "PT5M",
            "windowSize": "PT1H",
            "scopes": ["${logs.id}"],
            "criteria": {
                "allOf": [
                    {
                        "query": "Drift_CL",
                        "timeAggregation": "Count",
                        "operator": "GreaterThan",
                        "threshold": 0,
                    }
                ]
            },
        },
    ),
    "diagnostics": (
        "azure-native:monitor:DiagnosticSetting",
        {
            "name": "sim",
            "resourceUri": "${workspace.id}",
            "workspaceId": "${logs.id}",
            "logs": [{"categoryGroup": "allLogs", "enabled": True}],
        },
    ),
    "autoscale": (
        "azure-native:monitor:AutoscaleSetting",
        {
            **GROUP,
            "autoscaleSettingName": "sim",
            "targetResourceUri": "${deployment.id}",
            "profiles": [
                {
                    "name": "all",
                    "capacity": {"default": "1", "minimum": "1", "maximum": "2"},
                    "rules": [],
                }
            ],
        },
    ),
    "activity": (
        "azure-native:monitor:ActivityLogAlert",
        {
            **GROUP,
            "activityLogAlertName": "deleted",
            "location": "global",
            "scopes": ["${workspace.id}"],
            "actions": {"actionGroups": [{"actionGroupId": "${actions.id}"}]},
            "condition": {
                "allOf": [
                    {"field": "category", "equals": "Administrative"},
                    {
                        "field": "operationName",
                        "equals": "Microsoft.MachineLearningServices/workspaces/delete",
                    },
                ]
            },
        },
    ),
    "workbook": (
        "azure-native:applicationinsights:Workbook",
        {
            **GROUP,
            "category": "workbook",
            "displayName": "flights",
            "serializedData": json.dumps({"version": "Notebook/1.0", "items": []}),
        },
    ),
    "dashboard": (
        "azure-native:portal:Dashboard",
        {**GROUP, "dashboardName": "sim-board", "properties": {"lenses": []}},
    ),
    "topic": (
        "azure-native:eventgrid:SystemTopic",
        {
            **GROUP,
            "systemTopicName": "sim-topic",
            "source": "${workspace.id}",
            "topicType": "Microsoft.MachineLearningServices.Workspaces",
        },
    ),
    "logic": (
        "azure-native:logic:Workflow",
        {
            **GROUP,
            "workflowName": "retrain",
            "identity": SYSTEM,
            "definition": {
                "$schema": "x",
                "triggers": {},
                "actions": {
                    "run": {
                        "type": "Http",
                        "inputs": {"method": "GET", "uri": "https://example.org"},
                    }
                },
            },
        },
    ),
    "events": (
        "azure-native:eventgrid:SystemTopicEventSubscription",
        {
            **GROUP,
            "systemTopicName": "${topic.name}",
            "eventSubscriptionName": "drift",
            "destination": {"endpointType": "WebHook", "endpointUrl": "https://example.org"},
        },
    ),
    "budget": (
        "azure-native:consumption:Budget",
        {
            "budgetName": "monthly",
            "scope": "${group.id}",
            "amount": 100,
            "category": "Cost",
            "timeGrain": "Monthly",
            "timePeriod": {"startDate": f"{NEXT_MONTH}-01T00:00:00Z"},
        },
    ),
    "network": (
        "azure-native:network:VirtualNetwork",
        {
            **GROUP,
            "virtualNetworkName": "sim",
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        },
    ),
    "subnet": (
        "azure-native:network:Subnet",
        {
            **GROUP,
            "virtualNetworkName": "${network.name}",
            "subnetName": "a",
            "addressPrefix": "10.0.1.0/24",
        },
    ),
}
