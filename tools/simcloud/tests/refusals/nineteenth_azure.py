"""A nineteenth round on Azure: groups, identities, stores, vaults, registries."""

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
    REFERENCE,
    Refusal,
)
from refusals.nineteenth_azure_logs import LOGS
from refusals.nineteenth_azure_monitor import MONITOR
from refusals.nineteenth_azure_services import ROLES, SERVICES

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
CLI = f"{GITHUB}/Azure/azure-cli"
CLOSED = (("closed", "account", {"accountName": "simclosed", "allowBlobPublicAccess": False}),)
TWIN = (("twin", "federated", {"federatedIdentityCredentialResourceName": "twin"}),)
FILTERS = "policy.rules[0].definition.filters"


def _restore(days: int, kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "isVersioningEnabled": True,
        "changeFeed": {"enabled": True},
        "deleteRetentionPolicy": kept,
        "restorePolicy": {"enabled": True, "days": days},
    }


def _policy(*keys: str) -> dict[str, Any]:
    policy = {
        "tenantId": TENANT,
        "objectId": "575c7318-6fd7-41f4-b339-4cea8ac23912",
        "permissions": {"keys": list(keys)},
    }
    return {"properties.enableRbacAuthorization": False, "properties.accessPolicies": [policy]}


IDENTITIES = [
    Refusal(
        f"{GITHUB}/microsoft/microsoft-foundry-for-vscode/issues/53",
        PATTERN,
        "group",
        "InvalidResourceGroup: 'Create new resource group' has these invalid characters: ' '",
        {"resourceGroupName": "Create new resource group"},
        {"resourceGroupName": "Create-new.resource_group"},
    ),
    Refusal(
        f"{CLI}/issues/14481",
        PATTERN,
        "group",
        "InvalidResourceGroup: the name '\"\"' has these invalid characters",
        {"resourceGroupName": '""'},
        {"resourceGroupName": "a"},
    ),
    Refusal(
        f"{GITHUB}/zioproto/istio-aks-example/issues/6",
        MISSING,
        "federated",
        "Federated Identity Credential must specify 'issuer', 'subject' and 'audience'",
        {"issuer": ""},
        {"issuer": "https://westeurope.oic.prod-aks.azure.com/a/b/"},
    ),
    Refusal(
        f"{CLI}/issues/31598",
        MISSING,
        "federated",
        "an audience is required",
        {"audiences": []},
        {"audiences": ["api://AzureADTokenExchange"]},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-types-az/issues/2029",
        REFERENCE,
        "federated",
        "Issuer and subject combination already exists for this Managed Identity",
        {},
        {"subject": "repo:o/r:ref:refs/heads/next"},
        TWIN,
    ),
]
STORES = [
    Refusal(
        f"{TERRAFORM}/issues/17528",
        RANGE,
        "account",
        "name can only consist of lowercase letters and numbers, 3 to 24 characters long",
        {"accountName": "bisappstgusage01eastus2prod"},
        {"accountName": "bisappstgusage01eastus2p"},
    ),
    Refusal(
        f"{CLI}/issues/25748",
        EXCLUSIVE,
        "account",
        "The value 'True' is not allowed for property isHnsEnabled",
        {"sku.name": "Premium_LRS", "isHnsEnabled": True},
        {"sku.name": "Premium_LRS", "isHnsEnabled": True, "kind": "BlockBlobStorage"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/15968",
        EXCLUSIVE,
        "account",
        "NetworkAclsDefaultActionMisconfigured: NFS needs an account closed to other networks",
        {"isHnsEnabled": True, "enableNfsV3": True, "enableHttpsTrafficOnly": False},
        {
            "isHnsEnabled": True,
            "enableNfsV3": True,
            "enableHttpsTrafficOnly": False,
            "networkRuleSet": {"defaultAction": "Deny", "bypass": "AzureServices"},
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-java/issues/19548",
        PATTERN,
        "container",
        "InvalidResourceName: The specifed resource name contains invalid characters",
        {"containerName": "Abc-123"},
        {"containerName": "abc-123"},
    ),
    Refusal(
        f"{CLI}/issues/11644",
        PATTERN,
        "container",
        "InvalidResourceName: The specifed resource name contains invalid characters",
        {"containerName": "foo.bar.something"},
        {"containerName": "foo-bar-something"},
    ),
    Refusal(
        f"{GITHUB}/pivotal/paving/issues/89",
        EXCLUSIVE,
        "container",
        "PublicAccessNotPermitted: Public access is not permitted on this storage account",
        {"accountName": "simclosed", "publicAccess": "Blob"},
        {"accountName": "simclosed", "publicAccess": "None"},
        CLOSED,
    ),
    Refusal(
        f"{GITHUB}/Azure/arm-template-whatif/issues/354",
        ORDERING,
        "blobs",
        "restorePolicy.days: 30 should be less than properties.deleteRetentionPolicy.days",
        _restore(30, {"enabled": True, "days": 30}),
        _restore(29, {"enabled": True, "days": 30}),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/36647",
        EXCLUSIVE,
        "blobs",
        "a restore policy needs the retention of deleted blobs",
        _restore(5, {"enabled": False}),
        _restore(5, {"enabled": True, "days": 7}),
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/6359",
        MISSING,
        "lifecycle",
        "InvalidManagementPolicyRule: Invalid value for parameter : filter is required",
        {FILTERS: REMOVED},
        {FILTERS: {"blobTypes": ["blockBlob"]}},
    ),
    Refusal(
        f"{TERRAFORM}/issues/16686",
        MISSING,
        "lifecycle",
        "a rule with filters needs blobTypes",
        {FILTERS: {"prefixMatch": ["artifacts/a"]}},
        {FILTERS: {"prefixMatch": ["artifacts/a"], "blobTypes": ["blockBlob"]}},
    ),
    Refusal(
        f"{CLI}/issues/22744",
        MISSING,
        "lifecycle",
        "Parameter 'ManagementPolicySchema.rules' can not be None",
        {"policy": {}},
    ),
]
VAULTS = [
    Refusal(
        f"{GITHUB}/adamhockemeyer/ai-agent-experience/issues/1",
        PATTERN,
        "vault",
        "VaultNameNotValid: The name must begin with a letter",
        {"vaultName": "5lxi-aiagentskv"},
        {"vaultName": "lxi5-aiagentskv"},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep/issues/5223",
        ENUM,
        "vault",
        'The property "enablePurgeProtection" cannot be set to false',
        {"properties.enablePurgeProtection": False},
        {"properties.enablePurgeProtection": True},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-libraries-for-net/issues/361",
        ENUM,
        "vault",
        "An invalid value was provided for 'accessPolicies'",
        _policy("get", " list"),
        _policy("get", "list"),
    ),
    Refusal(
        f"{CLI}/issues/2613",
        RANGE,
        "key",
        "Unsupported key size",
        {"properties.keySize": 1024},
        {"properties.keySize": 3072},
    ),
    Refusal(
        f"{CLI}/issues/26898",
        ENUM,
        "key",
        "Unsupported curve",
        {"properties": {"kty": "EC", "curveName": "Ed25519"}},
        {"properties": {"kty": "EC", "curveName": "P-256"}},
    ),
]
REGISTRIES = [
    Refusal(
        f"{TERRAFORM}/pull/4622",
        PATTERN,
        "registry",
        'alpha numeric characters only are allowed in "name"',
        {"registryName": "ttiqtm-registry"},
        {"registryName": "ttiqtmregistry"},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/1316",
        EXCLUSIVE,
        "registry",
        "SkuNotSupported: The SKU Basic is not supported",
        {"policies": {"quarantinePolicy": {"status": "enabled"}}},
        {"policies": {"quarantinePolicy": {"status": "enabled"}}, "sku.name": "Premium"},
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/dotNET-Frontend-AB-Testing-on-Azure-Container-Apps/issues/5",
        EXCLUSIVE,
        "registry",
        "Disabling public network access is not supported for the SKU Basic",
        {"publicNetworkAccess": "Disabled"},
        {"publicNetworkAccess": "Disabled", "sku.name": "Premium"},
    ),
]
NINETEENTH_AZURE = [
    *IDENTITIES,
    *STORES,
    *VAULTS,
    *REGISTRIES,
    *ROLES,
    *LOGS,
    *MONITOR,
    *SERVICES,
]
