"""A sixteenth round on Azure: what provider code refuses of stores, vaults, networks, roles."""

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
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
SERVICES = f"{TERRAFORM}/blob/main/internal/services"
ACCOUNT = f"{SERVICES}/storage/storage_account_resource.go"
REGISTRY = f"{SERVICES}/containers/container_registry_resource.go"
CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
OLD = {"accountName": "simold", "kind": "Storage", "minimumTlsVersion": REMOVED}
FILES = {"accountName": "simfiles", "kind": "FileStorage", "sku": {"name": "Premium_LRS"}}
PREMIUM_VAULT = {"vaultName": "sim-hsm", "properties.sku.name": "premium"}
POLICY = "eyJ2ZXJzaW9uIjoiMS4wLjAiLCJhbnlPZiI6W3siYXV0aG9yaXR5IjoiaHR0cHM6Ly94LmF0dGVzdC5henVyZS5uZXQiLCJhbGxPZiI6W3siY2xhaW0iOiJ4IiwiZXF1YWxzIjoieSJ9XX1dfQ"  # noqa: E501


def _ip(address: str) -> dict[str, Any]:
    rules = [{"iPAddressOrRange": address, "action": "Allow"}]
    return {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}


def _released(kind: str, exportable: bool) -> dict[str, Any]:
    return {
        "vaultName": "${strong.name}",
        "properties": {
            "kty": kind,
            "keySize": 2048,
            "attributes": {"enabled": True, "exportable": exportable},
            "releasePolicy": {"data": POLICY},
        },
    }


def _curved(curve: str) -> dict[str, Any]:
    return {"properties": {"kty": "EC", "curveName": curve}}


def _conditioned(condition: str) -> dict[str, Any]:
    return {"scope": "${group.id}", "conditionVersion": "2.0", "condition": condition}


def _assigning(end: str) -> str:
    roles = "Microsoft.Authorization/roleAssignments"
    guid = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    return (
        f"((!(ActionMatches{{'{roles}/write'}})) OR (@Request[{roles}:RoleDefinitionId]"
        f" ForAnyOfAnyValues:GuidEquals {{{guid}{end}))"
    )


def _delegated(*services: str) -> dict[str, Any]:
    return {
        "delegations": [
            {"name": f"d{index}", "serviceName": service} for index, service in enumerate(services)
        ]
    }


STORES = [
    Refusal(
        f"{ACCOUNT}#tier",
        EXCLUSIVE,
        "account",
        "an access tier is only for accounts of the kinds of blobs",
        {"kind": "Storage", "accessTier": "Cool"},
        {"kind": "StorageV2", "accessTier": "Cool"},
    ),
    Refusal(
        f"{ACCOUNT}#zrs",
        EXCLUSIVE,
        "account",
        "replication of ZRS is not supported for Blob Storage accounts",
        {"kind": "BlobStorage", "accessTier": "Hot", "sku": {"name": "Standard_ZRS"}},
        {"kind": "BlobStorage", "accessTier": "Hot", "sku": {"name": "Standard_LRS"}},
    ),
    Refusal(
        f"{ACCOUNT}#hns",
        EXCLUSIVE,
        "account",
        "a hierarchical namespace does not go with the kind Storage",
        {"kind": "Storage", "isHnsEnabled": True},
        {"kind": "StorageV2", "accessTier": "Hot", "isHnsEnabled": True},
    ),
    Refusal(
        f"{ACCOUNT}#large",
        EXCLUSIVE,
        "account",
        "large file shares go with accounts that have files",
        {"kind": "BlobStorage", "accessTier": "Hot", "largeFileSharesState": "Enabled"},
        {"kind": "StorageV2", "largeFileSharesState": "Enabled"},
    ),
    Refusal(
        f"{ACCOUNT}#infrastructure",
        EXCLUSIVE,
        "account",
        "infrastructure encryption goes with StorageV2 or premium accounts",
        {
            "kind": "BlobStorage",
            "accessTier": "Hot",
            "encryption": {
                "keySource": "Microsoft.Storage",
                "requireInfrastructureEncryption": True,
            },
        },
        {
            "kind": "StorageV2",
            "encryption": {
                "keySource": "Microsoft.Storage",
                "requireInfrastructureEncryption": True,
            },
        },
    ),
    Refusal(
        f"{ACCOUNT}#queues",
        EXCLUSIVE,
        "account",
        "a queue's key of the account is not for the kind Storage",
        {
            "kind": "Storage",
            "encryption": {
                "keySource": "Microsoft.Storage",
                "services": {"queue": {"keyType": "Account", "enabled": True}},
            },
        },
        {
            "kind": "StorageV2",
            "encryption": {
                "keySource": "Microsoft.Storage",
                "services": {"queue": {"keyType": "Account", "enabled": True}},
            },
        },
    ),
    Refusal(
        f"{ACCOUNT}#directory",
        MISSING,
        "account",
        "AD needs the properties of the directory",
        {"azureFilesIdentityBasedAuthentication": {"directoryServiceOptions": "AD"}},
        {"azureFilesIdentityBasedAuthentication": {"directoryServiceOptions": "None"}},
    ),
    Refusal(
        f"{ACCOUNT}#dns",
        EXCLUSIVE,
        "blobs",
        "no restore policy with an endpoint of a DNS zone",
        {
            "accountName": "${zoned.name}",
            "restorePolicy": {"enabled": True, "days": 5},
            "changeFeed": {"enabled": True},
        },
        {
            "restorePolicy": {"enabled": True, "days": 5},
            "changeFeed": {"enabled": True},
        },
        (
            (
                "zoned",
                "account",
                {"accountName": "simzoned", "dnsEndpointType": "AzureDnsZone"},
            ),
        ),
    ),
    Refusal(
        f"{ACCOUNT}#feed",
        EXCLUSIVE,
        "blobs",
        "no change feed with the kind Storage",
        {
            "accountName": "${old.name}",
            "isVersioningEnabled": REMOVED,
            "changeFeed": {"enabled": True},
        },
        {"isVersioningEnabled": REMOVED, "changeFeed": {"enabled": True}},
        (("old", "account", OLD),),
    ),
    Refusal(
        f"{TERRAFORM}/issues/11772",
        EXCLUSIVE,
        "blobs",
        "OperationNotAllowedOnKind: blob properties of an account for files",
        {"accountName": "${files.name}"},
        {},
        (("files", "account", FILES),),
    ),
    Refusal(
        f"{SERVICES}/storage/validate/storage_account_ip_rule_test.go",
        RANGE,
        "account",
        "small ranges are written as single addresses",
        _ip("23.45.0.1/32"),
        _ip("23.45.0.1/30"),
    ),
    Refusal(
        f"{SERVICES}/storage/validate/metadata_keys_test.go",
        PATTERN,
        "container",
        "a key of metadata begins with a letter",
        {"metadata": {"0hello": "x"}},
        {"metadata": {"panda_cycle": "x"}},
    ),
]
REGISTRIES = [
    Refusal(
        f"{REGISTRY}#export",
        EXCLUSIVE,
        "registry",
        "to forbid the export the public network is disabled too",
        {
            "sku": {"name": "Premium"},
            "policies": {"exportPolicy": {"status": "disabled"}},
            "publicNetworkAccess": "Enabled",
        },
        {
            "sku": {"name": "Premium"},
            "policies": {"exportPolicy": {"status": "disabled"}},
            "publicNetworkAccess": "Disabled",
        },
    ),
    Refusal(
        f"{REGISTRY}#zones",
        EXCLUSIVE,
        "registry",
        "zone redundancy goes with Premium only",
        {"sku": {"name": "Standard"}, "zoneRedundancy": "Enabled"},
        {"sku": {"name": "Premium"}, "zoneRedundancy": "Enabled"},
    ),
    Refusal(
        f"{REGISTRY}#quarantine",
        EXCLUSIVE,
        "registry",
        "a quarantine goes with Premium only",
        {
            "sku": {"name": "Standard"},
            "policies": {"quarantinePolicy": {"status": "enabled"}},
        },
        {
            "sku": {"name": "Premium"},
            "policies": {"quarantinePolicy": {"status": "enabled"}},
        },
    ),
    Refusal(
        f"{REGISTRY}#rules",
        EXCLUSIVE,
        "registry",
        "a set of network rules goes with Premium only",
        {
            "sku": {"name": "Standard"},
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "iPAddressOrRange": "8.8.8.0/24"}],
            },
        },
        {
            "sku": {"name": "Premium"},
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"action": "Allow", "iPAddressOrRange": "8.8.8.0/24"}],
            },
        },
    ),
]
VAULTS = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/28288",
        EXCLUSIVE,
        "key",
        "AKV.SKR.1005: non-exportable keys must not have a release policy",
        _released("RSA-HSM", exportable=False),
        _released("RSA-HSM", exportable=True),
        (("strong", "vault", PREMIUM_VAULT),),
    ),
    Refusal(
        f"{SERVICES}/keyvault/key_vault_key_resource.go#release",
        EXCLUSIVE,
        "key",
        "with a release policy the type is RSA-HSM or EC-HSM",
        _released("RSA", exportable=True),
        _released("RSA-HSM", exportable=True),
        (("strong", "vault", PREMIUM_VAULT),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/26898",
        ENUM,
        "key",
        "KeyCurveNotSupported",
        _curved("Ed25519"),
        _curved("P-521"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/18462",
        ENUM,
        "key",
        "the curve is P-256K here and SECP256K1 elsewhere",
        _curved("SECP256K1"),
        _curved("P-256K"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/issues/1144",
        ENUM,
        "key",
        "a curve is P-256, not P256",
        _curved("P256"),
        _curved("P-256"),
    ),
    Refusal(
        f"{SERVICES}/keyvault/validate/vault_name_test.go",
        PATTERN,
        "vault",
        "no two hyphens one after the other",
        {"vaultName": "hello--world"},
        {"vaultName": "hello-world-21"},
    ),
]
ROLES = [
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/15683",
        TEXT,
        "assignment",
        "the given role assignment condition is invalid: no attribute of Service Bus",
        _conditioned("@Resource[Microsoft.ServiceBus/namespaces/queues:Name] stringEquals 'foo'"),
        _conditioned(f"@Resource[{CONTAINERS}:Name] stringEquals 'foo'"),
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-provider-azapi/issues/692",
        TEXT,
        "assignment",
        "a set is closed once",
        _conditioned(_assigning("}})")),
        _conditioned(_assigning("}")),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/16627",
        PATTERN,
        "assignment",
        "The Principal ID 'User' is not valid. Principal ID must be a GUID.",
        {"principalId": "User"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/11594",
        ENUM,
        "assignment",
        "The PrincipalType property 'MSI' is not valid",
        {"principalType": "MSI"},
    ),
]
LOGS = [
    Refusal(
        f"{SERVICES}/loganalytics/log_analytics_workspace_table_resource.go",
        EXCLUSIVE,
        "table",
        "the retention is fixed with the plan Basic",
        {
            "plan": "Basic",
            "retentionInDays": 60,
            "schema": {
                "name": "Drift_CL",
                "columns": [{"name": "TimeGenerated", "type": "datetime"}],
            },
        },
        {
            "plan": "Basic",
            "totalRetentionInDays": 60,
            "schema": {
                "name": "Drift_CL",
                "columns": [{"name": "TimeGenerated", "type": "datetime"}],
            },
        },
    ),
    Refusal(
        f"{SERVICES}/loganalytics/log_analytics_workspace_resource.go#reserved",
        EXCLUSIVE,
        "logs",
        "a reservation goes with its own price only",
        {"sku": {"name": "PerGB2018", "capacityReservationLevel": 100}},
        {"sku": {"name": "CapacityReservation", "capacityReservationLevel": 100}},
    ),
    Refusal(
        f"{SERVICES}/loganalytics/log_analytics_workspace_resource.go#level",
        MISSING,
        "logs",
        "a reservation has a level",
        {"sku": {"name": "CapacityReservation"}},
        {"sku": {"name": "CapacityReservation", "capacityReservationLevel": 200}},
    ),
    Refusal(
        f"{SERVICES}/loganalytics/validate/log_analytics_workspace_name_test.go",
        PATTERN,
        "logs",
        "a name does not end with a hyphen",
        {"workspaceName": "abc-"},
        {"workspaceName": "Ab-c"},
    ),
    Refusal(
        f"{SERVICES}/monitor/validate/monitor_diagnostic_setting_test.go",
        PATTERN,
        "diagnostics",
        "no angle in a name",
        {"name": "some<name"},
        {"name": "somename"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/12060",
        REFERENCE,
        "diagnostics",
        "a rule of a namespace of Service Bus that is not registered",
        {
            "serviceBusRuleId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/sim/providers"
            "/Microsoft.ServiceBus/namespaces/sim/AuthorizationRules/send"
        },
        accepted="namespaces of Service Bus are not simulated, so ids of theirs are taken",
    ),
]
NETWORKS = [
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/pull/123869",
        RANGE,
        "subnet",
        "NetcfgSubnetRangeOutsideVnet",
        {"addressPrefix": "10.1.0.0/16"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/28698",
        RANGE,
        "subnet",
        "one delegation is applied to one subnet",
        _delegated("Microsoft.Web/serverFarms", "Microsoft.ContainerInstance/containerGroups"),
        _delegated("Microsoft.Web/serverFarms"),
    ),
    Refusal(
        f"{SERVICES}/network/validate/subnet_service_endpoint_name_test.go",
        ENUM,
        "subnet",
        "no such service has endpoints",
        {"serviceEndpoints": [{"service": "Microsoft.Test"}]},
        {"serviceEndpoints": [{"service": "Microsoft.Storage.Global"}]},
    ),
    Refusal(
        f"{SERVICES}/network/subnet_resource.go#sharing",
        EXCLUSIVE,
        "subnet",
        "a shared subnet has no default access outwards",
        {"sharingScope": "Tenant", "defaultOutboundAccess": True},
        {"sharingScope": "Tenant", "defaultOutboundAccess": False},
    ),
]
STORES_AND_ROLES = [*STORES, *NETWORKS, *REGISTRIES, *VAULTS, *ROLES, *LOGS]
