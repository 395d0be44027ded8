"""An eighteenth round on Azure: groups, stores, vaults, networks, identities and roles."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import TENANT

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
from refusals.eighteenth_azure_more import MORE
from refusals.eighteenth_azure_services import SERVICES

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
STORAGE_SOURCE = f"{TERRAFORM}/blob/main/internal/services/storage"
SDK_TESTS = f"{GITHUB}/Azure/azure-sdk-for-net"
STORAGE_ERRORS = "https://learn.microsoft.com/rest/api/storagerp/srp_error_codes_create"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
READING = {"actions": ["Microsoft.MachineLearningServices/workspaces/jobs/read"]}
WRITING = {"actions": ["Microsoft.MachineLearningServices/workspaces/jobs/write"]}
LAKE = {"isHnsEnabled": True, "enableNfsV3": True, "enableHttpsTrafficOnly": False}


def _share(**more: Any) -> dict[str, Any]:
    """An account with a share over NFS, closed to other networks."""
    return {**LAKE, "networkRuleSet": {"defaultAction": "Deny", "bypass": "AzureServices"}, **more}


def _policies(count: int) -> dict[str, Any]:
    policies = [
        {
            "tenantId": TENANT,
            "objectId": f"11111111-2222-4333-8444-{number:012d}",
            "permissions": {"keys": ["get"]},
        }
        for number in range(count)
    ]
    return {"properties.enableRbacAuthorization": False, "properties.accessPolicies": policies}


def _credentials(count: int) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    return tuple(
        (
            f"branch{number}",
            "federated",
            {
                "federatedIdentityCredentialResourceName": f"branch{number}",
                "subject": f"repo:o/r:ref:refs/heads/branch{number}",
            },
        )
        for number in range(count)
    )


GROUPS = [
    Refusal(
        f"{GITHUB}/microsoft/microsoft-foundry-for-vscode/issues/53",
        PATTERN,
        "group",
        "InvalidResourceGroup: 'Create new resource group' has these invalid characters: ' '",
        {"resourceGroupName": "Create new resource group"},
        {"resourceGroupName": "create-new_(resource).group"},
    ),
    Refusal(
        f"{GITHUB}/osbuild/image-builder-frontend/pull/526",
        PATTERN,
        "group",
        "the name of a group does not end in a period",
        {"resourceGroupName": "images."},
        {"resourceGroupName": "images.x"},
    ),
]
STORES = [
    Refusal(
        f"{TERRAFORM}/pull/21654",
        EXCLUSIVE,
        "account",
        "The value 'True' is not allowed for property isNfsv3Enabled",
        _share(sku={"name": "Standard_GRS"}),
        _share(sku={"name": "Standard_LRS"}),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/817",
        EXCLUSIVE,
        "account",
        "The value 'True' is not allowed for property isNfsv3Enabled",
        {
            "kind": "FileStorage",
            "sku": {"name": "Premium_LRS"},
            "enableNfsV3": True,
            "enableHttpsTrafficOnly": False,
        },
        {"kind": "FileStorage", "sku": {"name": "Premium_LRS"}},
    ),
    Refusal(
        f"{STORAGE_SOURCE}/storage_account_resource.go#largeFileSharesState",
        ENUM,
        "account",
        "The value 'Disabled' is not allowed for property largeFileSharesState",
        {"largeFileSharesState": "Disabled"},
        {"largeFileSharesState": "Enabled"},
        accepted="templates of Azure's own modules deploy it with local redundancy",
    ),
    Refusal(
        f"{TERRAFORM}/issues/24566",
        PATTERN,
        "account",
        "Values for request parameters are invalid: networkAcls.resourceAccessRules[*].resourceId",
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "resourceAccessRules": [{"resourceId": "search", "tenantId": TENANT}],
            }
        },
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "resourceAccessRules": [{"resourceId": "${workspace.id}", "tenantId": TENANT}],
            }
        },
    ),
    Refusal(
        f"{TERRAFORM}/issues/1511",
        RANGE,
        "account",
        "MaxTagKeyLengthExceeded: the key of a store's tag has at most 128 characters",
        {"tags": {"t" * 129: "value"}},
        {"tags": {"t" * 128: "value"}},
    ),
    Refusal(
        f"{STORAGE_ERRORS}#TooManyTags",
        RANGE,
        "account",
        "TooManyTags: too many tags are specified for the storage account",
        {"tags": {f"tag{number}": "value" for number in range(51)}},
        {"tags": {f"tag{number}": "value" for number in range(50)}},
    ),
    Refusal(
        f"{STORAGE_ERRORS}#StorageCustomDomainNameNotValid",
        PATTERN,
        "account",
        "StorageCustomDomainNameNotValid: the domain name specified is not valid",
        {"customDomain": {"name": "not a domain"}},
        {"customDomain": {"name": "data.example.org"}},
    ),
    Refusal(
        f"{TERRAFORM}/pull/19418",
        EXCLUSIVE,
        "blobs",
        "no versions of blobs with a hierarchical namespace",
        {"accountName": "${lake.name}", "isVersioningEnabled": True},
        {"accountName": "${lake.name}", "isVersioningEnabled": False},
        (("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),),
    ),
    Refusal(
        f"{STORAGE_SOURCE}/validate/storage_blob_properties_default_service_version.go",
        ENUM,
        "blobs",
        "a version of the service is one that there was",
        {"defaultServiceVersion": "2012-02-13"},
        {"defaultServiceVersion": "2020-06-12"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-nextgen/issues/222",
        MISSING,
        "container",
        "x-ms-default-encryption-scope and x-ms-deny-encryption-scope-override are required",
        {"defaultEncryptionScope": "$account-encryption-key"},
        {
            "defaultEncryptionScope": "$account-encryption-key",
            "denyEncryptionScopeOverride": False,
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/5062",
        PATTERN,
        "container",
        "a space with one of the container name",
        {"containerName": "raw data"},
        {"containerName": "raw-data"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/17248",
        ENUM,
        "registry",
        "ClassicSkuDeprecated: Classic SKU is now deprecated. Please select a managed SKU.",
        {"sku": {"name": "Classic"}},
        {"sku": {"name": "Standard"}},
    ),
]
VAULTS = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/27516",
        PATTERN,
        "vault",
        "a rule of networks names a subnet by its id",
        {"properties.networkAcls": {"virtualNetworkRules": [{"id": "${network.id}"}]}},
        {"properties.networkAcls": {"virtualNetworkRules": [{"id": "${open.id}"}]}},
        (
            (
                "open",
                "subnet",
                {
                    "subnetName": "open",
                    "addressPrefix": "10.0.2.0/24",
                    "serviceEndpoints": [{"service": "Microsoft.KeyVault"}],
                },
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/pull/780",
        ENUM,
        "vault",
        "LocationNotAvailableForResourceType: The provided location 'notreal' is not available",
        {"location": "notreal"},
        {"location": "northeurope"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/5303",
        RANGE,
        "vault",
        "a vault has at most 1024 access policies",
        _policies(1025),
        _policies(1024),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/29945",
        MISSING,
        "key",
        "BadParameter: Exportable keys must have release policy",
        {
            "vaultName": "${hard.name}",
            "properties.kty": "RSA-HSM",
            "properties.attributes": {"exportable": True},
        },
        {
            "vaultName": "${hard.name}",
            "properties.kty": "RSA-HSM",
            "properties.attributes": {"exportable": False},
        },
        (
            (
                "hard",
                "vault",
                {
                    "vaultName": "sim-hard",
                    "properties.sku": {"family": "A", "name": "premium"},
                },
            ),
        ),
    ),
]
NETWORKS = [
    Refusal(
        f"{GITHUB}/Azure/Azure-Landing-Zones/issues/3420",
        RANGE,
        "subnet",
        "NetcfgInvalidSubnet: Subnet 'AzureFirewallManagementSubnet' is not valid",
        {"subnetName": "AzureFirewallManagementSubnet", "addressPrefix": "10.0.3.0/27"},
        {"subnetName": "AzureFirewallManagementSubnet", "addressPrefix": "10.0.3.0/26"},
        accepted="the thread does not say why: a small one is refused by the firewall, later",
    ),
    Refusal(
        "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
        "#microsoftnetwork",
        PATTERN,
        "network",
        "NetcfgInvalidVirtualNetworkSite: the name of a network has at least two characters",
        {"virtualNetworkName": "v"},
        {"virtualNetworkName": "vn"},
    ),
]
IDENTITIES = [
    Refusal(
        f"{GITHUB}/aztfmod/terraform-provider-azurecaf/issues/50",
        PATTERN,
        "identity",
        "a name begins with a letter or a number and has 3 to 128 characters",
        {"resourceName": "_steps"},
        {"resourceName": "st_eps"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-workload-identity/issues/575",
        RANGE,
        "federated",
        "at most 20 federated identity credentials per managed identity",
        {},
        {"resourceName": "${other.name}"},
        (*_credentials(20), ("other", "identity", {"resourceName": "other"})),
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/ai-studio-in-a-box/issues/2",
        MISSING,
        "assignment",
        "InvalidPrincipalId: A valid principal ID must be provided for role assignment",
        {"principalId": ""},
        {"principalId": "${identity.principalId}"},
    ),
]
ROLES = [
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/pull/29060",
        RANGE,
        "role",
        "role definitions with more than one permission entry are not accepted",
        {"permissions": [READING, WRITING]},
        {"permissions": [{"actions": [*READING["actions"], *WRITING["actions"]]}]},
    ),
    Refusal(
        f"{SDK_TESTS}#RoleDefinitionExists",
        REFERENCE,
        "role",
        "RoleDefinitionExists: the id is one of a built-in role",
        {"roleDefinitionId": READER},
        {"roleDefinitionId": "22222222-3333-4444-8555-666666666666"},
    ),
    Refusal(
        f"{SDK_TESTS}#InvalidRoleDefinitionType",
        ENUM,
        "role",
        "InvalidRoleDefinitionType: nobody makes a built-in role",
        {"roleType": "BuiltInRole"},
        {"roleType": "CustomRole"},
    ),
    Refusal(
        f"{SDK_TESTS}#RoleDefinitionNameNullOrEmpty",
        MISSING,
        "role",
        "RoleDefinitionNameNullOrEmpty",
        {"roleName": ""},
        {"roleName": "s"},
    ),
    Refusal(
        f"{SDK_TESTS}#MissingAssignableScopes",
        MISSING,
        "role",
        "MissingAssignableScopes",
        {"assignableScopes": []},
        {"assignableScopes": ["${group.id}"]},
    ),
    Refusal(
        f"{SDK_TESTS}#LinkedInvalidPropertyId",
        PATTERN,
        "role",
        "LinkedInvalidPropertyId: a scope is an id",
        {"assignableScopes": ["Invalid_Scope"]},
        {"assignableScopes": ["${group.id}"]},
    ),
]
EIGHTEENTH_AZURE = [
    *GROUPS,
    *STORES,
    *VAULTS,
    *NETWORKS,
    *IDENTITIES,
    *ROLES,
    *SERVICES,
    *MORE,
]
