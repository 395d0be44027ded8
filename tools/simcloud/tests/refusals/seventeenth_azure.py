"""A seventeenth round on Azure: stores, vaults, networks, identities and learning."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import TENANT

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    Change,
    Refusal,
)
from refusals.seventeenth_azure_services import SERVICES

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
SPECS = f"{GITHUB}/Azure/azure-rest-api-specs"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382d24dd"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BUILT_IN = "/providers/Microsoft.Authorization/roleDefinitions"
WORM = {
    "immutabilityPeriodSinceCreationInDays": 5,
    "state": "Unlocked",
    "allowProtectedAppendWrites": False,
}
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 user@host"
OWN = (
    ("kept", "account", {"accountName": "simkept"}),
    ("safe", "vault", {"vaultName": "sim-safe"}),
)


def _own_space(name: str, **more: Any) -> tuple[tuple[str, str, Change], ...]:
    """A workspace beside the sample, with a store and a vault of its own."""
    change = {
        "workspaceName": name,
        "storageAccount": "${kept.id}",
        "keyVault": "${safe.id}",
        **more,
    }
    return (*OWN, (name, "workspace", change))


def _project(**more: Any) -> dict[str, Any]:
    return {
        "workspaceName": "project",
        "kind": "Project",
        "hubResourceId": "${hub.id}",
        "storageAccount": REMOVED,
        "keyVault": REMOVED,
        "applicationInsights": REMOVED,
        **more,
    }


def _isolated(mode: str) -> dict[str, Any]:
    rules = {"packages": {"type": "FQDN", "destination": "pypi.org"}}
    return {"managedNetwork": {"isolationMode": mode, "outboundRules": rules}}


def _versioned(enabled: bool) -> dict[str, Any]:
    return {"immutableStorageWithVersioning": {"enabled": enabled, "immutabilityPolicy": WORM}}


def _turned(action: str, expiry: str = "P90D", **trigger: str) -> dict[str, Any]:
    return {
        "properties.rotationPolicy": {
            "attributes": {"expiryTime": expiry},
            "lifetimeActions": [{"action": {"type": action}, "trigger": trigger}],
        }
    }


def _instance(**more: Any) -> dict[str, Any]:
    fields = {"vmSize": "Standard_DS3_v2", **more}
    return {"properties": {"computeType": "ComputeInstance", "properties": fields}}


def _columns(name: str) -> dict[str, Any]:
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": name, "type": "real"}]
    return {"schema": {"name": "Drift_CL", "columns": columns}}


STORES = [
    Refusal(
        f"{SPECS}/pull/15627",
        EXCLUSIVE,
        "account",
        "InvalidStorageAccountImmutabilityPolicy: account level WORM is disabled",
        _versioned(False),
        _versioned(True),
    ),
    Refusal(
        f"{DOCS}/pull/17649",
        EXCLUSIVE,
        "account",
        "immutable blobs are not for the kind Storage",
        {"kind": "Storage", **_versioned(True)},
        {"kind": "StorageV2", **_versioned(True)},
    ),
    Refusal(
        f"{TERRAFORM}/issues/24915",
        EXCLUSIVE,
        "blobs",
        "an account with an immutability policy has versions of blobs",
        {"accountName": "${fixed.name}", "isVersioningEnabled": False},
        {"accountName": "${fixed.name}", "isVersioningEnabled": True},
        (("fixed", "account", {"accountName": "simfixed", **_versioned(True)}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/7417",
        RANGE,
        "account",
        "Values for request parameters are invalid: networkAcls.ipRule[*].value",
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "10.0.0.0/8", "action": "Allow"}],
            }
        },
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "20.0.0.0/8", "action": "Allow"}],
            }
        },
    ),
    Refusal(
        f"{GITHUB}/pivotal/paving/issues/89",
        EXCLUSIVE,
        "container",
        "PublicAccessNotPermitted: Public access is not permitted on this storage account",
        {"accountName": "${closed.name}", "publicAccess": "Blob"},
        {"accountName": "${closed.name}", "publicAccess": "None"},
        (("closed", "account", {"accountName": "simclosed", "allowBlobPublicAccess": False}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/9542",
        EXCLUSIVE,
        "container",
        "UnsupportedHeader: no public access in premium stores of page blobs",
        {"accountName": "${paged.name}", "publicAccess": "Container"},
        {"accountName": "${paged.name}", "publicAccess": "None"},
        (
            (
                "paged",
                "account",
                {
                    "accountName": "simpaged",
                    "sku": {"name": "Premium_LRS"},
                    "allowBlobPublicAccess": True,
                },
            ),
        ),
    ),
]
VAULTS = [
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/11471",
        RANGE,
        "vault",
        "10.0.0.0/8 belongs to forbidden range 10.0.0.0-10.255.255.255 (private IP addresses)",
        {"properties.networkAcls": {"ipRules": [{"value": "10.0.0.0/8"}]}},
        {"properties.networkAcls": {"ipRules": [{"value": "20.0.0.0/8"}]}},
    ),
    Refusal(
        f"{TERRAFORM}/pull/19113",
        RANGE,
        "key",
        "an expiry time is at least 28 days",
        _turned("rotate", expiry="P27D", timeAfterCreate="P10D"),
        _turned("rotate", expiry="P28D", timeAfterCreate="P10D"),
    ),
    Refusal(
        f"{GITHUB}/nagyesta/lowkey-vault/issues/181",
        RANGE,
        "key",
        "a trigger is at least 7 days",
        _turned("rotate", timeAfterCreate="P6D"),
        _turned("rotate", timeAfterCreate="P7D"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/pull/21093",
        EXCLUSIVE,
        "key",
        "a notification comes before the expiry",
        _turned("notify", timeAfterCreate="P60D"),
        _turned("notify", timeBeforeExpiry="P30D"),
    ),
]
IDENTITIES = [
    Refusal(
        f"{GITHUB}/Azure/azure-functions-ux/pull/7520",
        ENUM,
        "federated",
        "Support for federated identity credentials not enabled",
        {"resourceName": "${far.name}"},
        {"resourceName": "${near.name}"},
        (
            ("far", "identity", {"resourceName": "far", "location": "newzealandnorth"}),
            ("near", "identity", {"resourceName": "near", "location": "northeurope"}),
        ),
        accepted="the regions without credentials become fewer, so none is refused",
    ),
    Refusal(
        f"{GITHUB}/netr0m/az-pim-cli/issues/97",
        EXCLUSIVE,
        "assignment",
        "to Management Groups no custom role definitions with DataActions",
        {
            "scope": "/providers/Microsoft.Management/managementGroups/mg",
            "roleDefinitionId": "${reading.id}",
        },
        {
            "scope": "/providers/Microsoft.Management/managementGroups/mg",
            "roleDefinitionId": f"{BUILT_IN}/{READER}",
        },
        (
            (
                "reading",
                "role",
                {
                    "roleDefinitionId": "11111111-2222-4333-8444-666666666666",
                    "roleName": "reading",
                    "permissions": [
                        {
                            "dataActions": [
                                "Microsoft.Storage/storageAccounts/blobServices/containers"
                                "/blobs/read"
                            ]
                        }
                    ],
                },
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/ansible-collections/azure/issues/1137",
        ORDERING,
        "assignment",
        "RoleAssignmentExists: The role assignment already exists",
        {},
        {"roleDefinitionId": f"{BUILT_IN}/{CONTRIBUTOR}"},
        (("first", "assignment", {}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/2458",
        PATTERN,
        "assignment",
        "BadRequestFormat: The request was incorrectly formatted",
        {"roleDefinitionId": READER},
        {"roleDefinitionId": f"{BUILT_IN}/{READER}"},
    ),
]
LEARNING = [
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/33598",
        MISSING,
        "deployment",
        "InferenceContainerConfiguration.ServingContainer.Image: 'Image' must not be empty",
        {"properties.model": "${custom.id}"},
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
    Refusal(
        f"{GITHUB}/microsoft-foundry/foundry-samples/pull/961",
        EXCLUSIVE,
        "workspace",
        'Only "PrivateEndpoint" outbound rules are supported with "AllowInternetOutbound"',
        _isolated("AllowInternetOutbound"),
        _isolated("AllowOnlyApprovedOutbound"),
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/ai-studio-in-a-box/issues/5",
        EXCLUSIVE,
        "workspace",
        "Project workspace shouldn't define it's own managed network properties",
        _project(managedNetwork={"isolationMode": "AllowInternetOutbound"}),
        _project(),
        _own_space("hub", kind="Hub"),
    ),
    Refusal(
        f"{GITHUB}/microsoft/physical-ai-toolchain/issues/641",
        EXCLUSIVE,
        "compute",
        "a subnet goes with managed networking turned off",
        {
            "workspaceName": "${managed.name}",
            "properties.properties.subnet": {"id": "${subnet.id}"},
        },
        {
            "workspaceName": "${managed.name}",
            "properties.properties.enableNodePublicIp": False,
        },
        _own_space("managed", managedNetwork={"isolationMode": "AllowInternetOutbound"}),
    ),
    Refusal(
        f"{TERRAFORM}/issues/29074",
        MISSING,
        "workspace",
        "a project with identities of the user's names the primary one",
        _project(
            identity={"type": "UserAssigned", "userAssignedIdentities": ["${identity.id}"]},
        ),
        _project(
            identity={"type": "UserAssigned", "userAssignedIdentities": ["${identity.id}"]},
            primaryUserAssignedIdentity="${identity.id}",
        ),
        _own_space("hub", kind="Hub"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azureml-examples/issues/2725",
        PATTERN,
        "modelversion",
        "the version of a model is a positive integer",
        {"version": "1.0.0"},
        {"version": "100"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/vscode-tools-for-ai/issues/598",
        PATTERN,
        "environmentcontainer",
        "AzureML- is reserved for curated environments",
        {"name": "AzureML-mytest"},
        {"name": "mytest"},
    ),
    Refusal(
        f"{DOCS}/issues/109642",
        EXCLUSIVE,
        "compute",
        "no SSH key at creation time on behalf of another user",
        _instance(
            sshSettings={"sshPublicAccess": "Enabled", "adminPublicKey": KEY},
            personalComputeInstanceSettings={
                "assignedUser": {
                    "objectId": "11111111-2222-4333-8444-777777777777",
                    "tenantId": TENANT,
                }
            },
        ),
        _instance(sshSettings={"sshPublicAccess": "Enabled", "adminPublicKey": KEY}),
    ),
]
LOGS = [
    Refusal(
        f"{DOCS}/pull/105224",
        PATTERN,
        "table",
        "the name of a column starts with a letter",
        _columns("0score"),
        _columns("score_0"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/30083",
        ENUM,
        "logs",
        "the Standard and Premium prices are no longer supported",
        {"sku": {"name": "Standard"}},
        {"sku": {"name": "PerGB2018"}},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/2878",
        MISSING,
        "insights",
        "Cannot set LogAnalytics as IngestionMode without a workspace",
        {"ingestionMode": "LogAnalytics", "workspaceResourceId": REMOVED},
        {"ingestionMode": "LogAnalytics"},
    ),
]
NETWORKS = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/17702",
        RANGE,
        "network",
        "a timeout of flows is 4 to 30 minutes",
        {"flowTimeoutInMinutes": 3},
        {"flowTimeoutInMinutes": 4},
    ),
]
SEVENTEENTH_AZURE = [
    *STORES,
    *VAULTS,
    *IDENTITIES,
    *LEARNING,
    *LOGS,
    *NETWORKS,
    *SERVICES,
]
