"""A fifteenth round on Azure: stores, vaults and roles."""

from __future__ import annotations

from typing import Any

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
SERVICES = f"{TERRAFORM}/blob/main/internal/services"
LEARN = "https://learn.microsoft.com/azure"
ROLES = f"{LEARN}/role-based-access-control/troubleshooting"
NAMES = f"{LEARN}/azure-resource-manager/troubleshooting/error-reserved-resource-name"
GROUPS = "/providers/Microsoft.Management/managementGroups"
STORED = {"service": "Microsoft.Storage"}
OPEN = ("open", "subnet", {"subnetName": "open", "addressPrefix": "10.0.2.0/24"})
SERVED = (
    "served",
    "subnet",
    {"subnetName": "served", "addressPrefix": "10.0.3.0/24", "serviceEndpoints": [STORED]},
)
PURGED = {"properties.enablePurgeProtection": True, "vaultName": "sim-purged"}
ASSIGNED = {"type": "UserAssigned", "userAssignedIdentities": ["${identity.id}"]}
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def _ruled(subnet: str) -> dict[str, Any]:
    rules = [{"virtualNetworkResourceId": subnet, "action": "Allow"}]
    return {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": rules}}


def _encrypted(identity: bool, encrypting: bool) -> dict[str, Any]:
    user = {"encryptionUserAssignedIdentity": "${identity.id}"}
    encryption: dict[str, Any] = {
        "keySource": "Microsoft.Keyvault",
        "keyVaultProperties": {
            "keyName": "sim",
            "keyVaultUri": "https://sim-purged.vault.azure.net",
        },
    }
    if encrypting:
        encryption["encryptionIdentity"] = user
    return {"encryption": encryption, **({"identity": ASSIGNED} if identity else {})}


def _restored(days: int, kept: int, **more: Any) -> dict[str, Any]:
    return {
        "restorePolicy": {"enabled": True, "days": days},
        "deleteRetentionPolicy": {"enabled": True, "days": kept},
        "changeFeed": {"enabled": True},
        **more,
    }


def _permitted(scopes: list[str], **permissions: Any) -> dict[str, Any]:
    return {"scope": scopes[0], "assignableScopes": scopes, "permissions": [permissions]}


def _aged(**more: Any) -> dict[str, Any]:
    return {"policy.rules[0].definition": more}


STORAGE = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/23318",
        PATTERN,
        "account",
        "Values for request parameters are invalid: networkAcls.virtualNetworkRules[*].id",
        _ruled("served"),
        _ruled("${served.id}"),
        (SERVED,),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/14404",
        PATTERN,
        "account",
        "the id has a part of the file system in front",
        _ruled("C:/Program Files/Git${served.id}"),
        _ruled("${served.id}"),
        (SERVED,),
    ),
    Refusal(
        f"{GITHUB}/18F/piipan/issues/2331",
        MISSING,
        "account",
        "a subnet of a rule has the service endpoint",
        _ruled("${open.id}"),
        _ruled("${served.id}"),
        (OPEN, SERVED),
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-azurerm-avm-res-storage-storageaccount/issues/55",
        MISSING,
        "account",
        "Values for request parameters are invalid: properties.encryption.identity",
        _encrypted(identity=False, encrypting=True),
        _encrypted(identity=True, encrypting=True),
        (("purged", "vault", PURGED), ("keyed", "key", {"vaultName": "${purged.name}"})),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/issues/4122",
        MISSING,
        "account",
        "Missing pre-requisites to enable EncryptionAtRest/Customer Managed Key",
        _encrypted(identity=True, encrypting=False),
        _encrypted(identity=True, encrypting=True),
        (("purged", "vault", PURGED), ("keyed", "key", {"vaultName": "${purged.name}"})),
    ),
    Refusal(
        f"{SERVICES}/storage/storage_account_resource_test.go#immutabilityPolicy",
        ENUM,
        "account",
        "initial value of immutability policy state can be Disabled or Unlocked, got Locked",
        {
            "immutableStorageWithVersioning": {
                "enabled": True,
                "immutabilityPolicy": {
                    "state": "Locked",
                    "immutabilityPeriodSinceCreationInDays": 3,
                    "allowProtectedAppendWrites": True,
                },
            }
        },
        {
            "immutableStorageWithVersioning": {
                "enabled": True,
                "immutabilityPolicy": {
                    "state": "Unlocked",
                    "immutabilityPeriodSinceCreationInDays": 3,
                    "allowProtectedAppendWrites": True,
                },
            }
        },
    ),
    Refusal(
        f"{SERVICES}/storage/storage_account_resource.go#nfsv3",
        MISSING,
        "account",
        "NFS needs a hierarchical namespace",
        {"enableNfsV3": True},
        {"enableNfsV3": True, "isHnsEnabled": True, **_ruled("${served.id}")},
        (SERVED,),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/11236",
        RANGE,
        "blobs",
        "Delete Retention policy days should be longer than Point In Time Restore policy days",
        _restored(7, 5),
        _restored(5, 7),
    ),
    Refusal(
        f"{TERRAFORM}/issues/19799",
        MISSING,
        "blobs",
        "a restore needs the change feed",
        _restored(5, 7, changeFeed={"enabled": False}),
        _restored(5, 7),
    ),
    Refusal(
        f"{SERVICES}/storage/storage_management_policy_resource.go#match",
        EXCLUSIVE,
        "lifecycle",
        "index tags are no filter for versions and snapshots",
        _aged(
            actions={"snapshot": {"delete": {"daysAfterCreationGreaterThan": 30}}},
            filters={
                "blobTypes": ["blockBlob"],
                "blobIndexMatch": [{"name": "a", "op": "==", "value": "b"}],
            },
        ),
        _aged(
            actions={"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
            filters={
                "blobTypes": ["blockBlob"],
                "blobIndexMatch": [{"name": "a", "op": "==", "value": "b"}],
            },
        ),
    ),
    Refusal(
        f"{SERVICES}/storage/storage_management_policy_resource.go#auto",
        MISSING,
        "lifecycle",
        "back to hot goes with cool since the last access",
        _aged(
            actions={
                "baseBlob": {
                    "enableAutoTierToHotFromCool": True,
                    "tierToCool": {"daysAfterModificationGreaterThan": 30},
                }
            },
            filters={"blobTypes": ["blockBlob"]},
        ),
        _aged(
            actions={"baseBlob": {"tierToCool": {"daysAfterModificationGreaterThan": 30}}},
            filters={"blobTypes": ["blockBlob"]},
        ),
    ),
    Refusal(
        NAMES,
        PATTERN,
        "account",
        "the name or a part of it is a trademarked or reserved word",
        {"accountName": "windowsdata01"},
        {"accountName": "winddata01"},
    ),
]
IDENTITY = [
    Refusal(
        f"{GITHUB}/Azure/azure-workload-identity/pull/372",
        RANGE,
        "federated",
        "a name has at most 120 characters",
        {"federatedIdentityCredentialResourceName": "n" * 121},
        {"federatedIdentityCredentialResourceName": "n" * 120},
    ),
    Refusal(
        f"{ROLES}#more-than-one-management-group",
        RANGE,
        "role",
        "one management group can be in the assignable scopes",
        _permitted(
            [f"{GROUPS}/a", f"{GROUPS}/b"], actions=["Microsoft.Storage/storageAccounts/read"]
        ),
        _permitted([f"{GROUPS}/a"], actions=["Microsoft.Storage/storageAccounts/read"]),
    ),
    Refusal(
        f"{ROLES}#data-actions",
        EXCLUSIVE,
        "role",
        "no data actions with a management group as an assignable scope",
        _permitted([f"{GROUPS}/a"], actions=[], dataActions=[f"{BLOBS}/read"]),
        _permitted(["${group.id}"], actions=[], dataActions=[f"{BLOBS}/read"]),
    ),
    Refusal(
        f"{LEARN}/role-based-access-control/conditions-troubleshoot",
        TEXT,
        "assignment",
        "Resource attribute tags:Project<$> is not valid",
        {
            "conditionVersion": "2.0",
            "condition": f"((!(ActionMatches{{'{BLOBS}/read'}})) OR "
            f"(@Resource[{BLOBS}/tags:Project<$>] StringEquals 'Cascade'))",
        },
        {
            "conditionVersion": "2.0",
            "condition": f"((!(ActionMatches{{'{BLOBS}/read'}})) OR "
            f"(@Resource[{BLOBS}/tags:Project<$key_case_sensitive$>] StringEquals 'Cascade'))",
        },
    ),
    Refusal(
        f"{SERVICES}/authorization/role_assignment_resource.go",
        MISSING,
        "assignment",
        "a version goes with a condition",
        {"conditionVersion": "2.0"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-resource-manager-schemas/issues/521",
        MISSING,
        "vault",
        "An invalid value was provided for 'accessPolicies'",
        {"properties.enableRbacAuthorization": False},
        {"properties.enableRbacAuthorization": False, "properties.accessPolicies": []},
    ),
    Refusal(
        f"{TERRAFORM}/pull/30453",
        PATTERN,
        "vault",
        "a name has no two hyphens in a row",
        {"vaultName": "hello--world"},
        {"vaultName": "hello-world"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/30665",
        RANGE,
        "key",
        "a name has at most 127 characters",
        {"keyName": "k" * 128},
        {"keyName": "k" * 127},
    ),
    Refusal(
        f"{SERVICES}/keyvault/key_vault_key_resource_test.go",
        EXCLUSIVE,
        "key",
        "a release policy needs a key in hardware",
        {"properties.releasePolicy": {"data": "e30"}},
    ),
]
STORES = [*STORAGE, *IDENTITY]
