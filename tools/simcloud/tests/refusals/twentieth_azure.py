"""A twentieth round on Azure: an independent sample of refusals that users met."""

from __future__ import annotations

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    Refusal,
)
from refusals.twentieth_azure_more import MORE
from refusals.twentieth_azure_networks import NETWORKS
from refusals.twentieth_azure_services import SERVICES
from refusals.twentieth_azure_watch import WATCH

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
DELETE = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 90}}}


def _rule(**filters: object) -> list[dict[str, object]]:
    """A rule of a lifecycle with filters, or without them."""
    definition: dict[str, object] = {"actions": DELETE}
    if filters:
        definition["filters"] = filters
    return [{"name": "default", "type": "Lifecycle", "definition": definition}]


GROUPS = [
    Refusal(
        f"{GITHUB}/microsoft/microsoft-foundry-for-vscode/issues/53",
        PATTERN,
        "group",
        "InvalidResourceGroup: 'Create new resource group' has these invalid characters: ' '",
        {"resourceGroupName": "Create new resource group"},
        {"resourceGroupName": "Create-new-resource-group"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/vscode-azureappservice/issues/1294",
        PATTERN,
        "group",
        "InvalidResourceNameTrailingCharacters: 'mobileshop.cloud.' has invalid trailing "
        "characters: '.'",
        {"resourceGroupName": "mobileshop.cloud."},
        {"resourceGroupName": "mobileshop.cloud"},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-types-az/issues/2054",
        EXCLUSIVE,
        "federated",
        "Issuer and subject combination already exists for this Managed Identity.",
        {"subject": "repo:o/r:ref:refs/heads/main"},
        {"subject": "repo:o/r:ref:refs/heads/release"},
        (("earlier", "federated", {"federatedIdentityCredentialResourceName": "earlier"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/31598",
        MISSING,
        "federated",
        "InvalidFederatedIdentityCredentialsAudienceLength: must have exactly 1 audience",
        {"audiences": []},
        {"audiences": ["api://AzureADTokenExchange"]},
    ),
    Refusal(
        f"{GITHUB}/zioproto/istio-aks-example/issues/6",
        MISSING,
        "federated",
        "BadRequest: Federated Identity Credential must specify 'issuer', 'subject' and 'audience'",
        {"issuer": ""},
        {"issuer": "https://token.actions.githubusercontent.com"},
    ),
]

STORES = [
    Refusal(
        f"{TERRAFORM}/issues/8089",
        EXCLUSIVE,
        "account",
        "InvalidValuesForRequestParameters: invalid: kind, sku (StorageV2 with Premium_ZRS)",
        {"kind": "StorageV2", "sku": {"name": "Premium_ZRS"}},
        {"kind": "BlockBlobStorage", "sku": {"name": "Premium_ZRS"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/13828",
        RANGE,
        "account",
        "Values for request parameters are invalid: networkAcls.ipRule[*].value (private range)",
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "192.168.1.0/24"}],
            }
        },
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "20.168.1.0/24"}],
            }
        },
    ),
    Refusal(
        f"{GITHUB}/pulumi/templates/pull/274",
        PATTERN,
        "account",
        "AccountNameInvalid: storageAccount6289248d is not a valid storage account name",
        {"accountName": "storageAccount6289248d"},
        {"accountName": "storageaccount6289248d"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/11052",
        PATTERN,
        "container",
        "InvalidResourceName: the specified resource name contains invalid characters",
        {"containerName": "my-container-NAME"},
        {"containerName": "my-container-name"},
    ),
    Refusal(
        f"{GITHUB}/pivotal/paving/issues/89",
        EXCLUSIVE,
        "container",
        "PublicAccessNotPermitted: public access is not permitted on this storage account",
        {"accountName": "${closed.name}", "containerName": "stemcell", "publicAccess": "Blob"},
        {"accountName": "${closed.name}", "containerName": "stemcell", "publicAccess": "None"},
        (("closed", "account", {"accountName": "simclosed", "allowBlobPublicAccess": False}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/arm-template-whatif/issues/354",
        ORDERING,
        "blobs",
        "properties.restorePolicy.days is invalid: 30. It should be less than "
        "properties.deleteRetentionPolicy.days",
        {
            "deleteRetentionPolicy": {"enabled": True, "days": 30},
            "changeFeed": {"enabled": True},
            "restorePolicy": {"enabled": True, "days": 30},
        },
        {
            "deleteRetentionPolicy": {"enabled": True, "days": 30},
            "changeFeed": {"enabled": True},
            "restorePolicy": {"enabled": True, "days": 29},
        },
    ),
    Refusal(
        f"{TERRAFORM}/pull/32722",
        EXCLUSIVE,
        "blobs",
        "409: versioning of an account with a hierarchical namespace",
        {
            "accountName": "${lake.name}",
            "isVersioningEnabled": True,
        },
        {
            "accountName": "${lake.name}",
            "isVersioningEnabled": False,
        },
        (("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/6359",
        MISSING,
        "lifecycle",
        "InvalidManagementPolicyRule: rule default is invalid: filter is required",
        {"policy.rules": _rule()},
        {"policy.rules": _rule(blobTypes=["blockBlob"])},
    ),
    Refusal(
        f"{TERRAFORM}/issues/16686",
        MISSING,
        "lifecycle",
        "a rule with a filter requires blob types",
        {"policy.rules": _rule(prefixMatch=["artifacts/old"])},
        {"policy.rules": _rule(blobTypes=["blockBlob"], prefixMatch=["artifacts/old"])},
    ),
    Refusal(
        f"{GITHUB}/adamhockemeyer/ai-agent-experience/issues/1",
        PATTERN,
        "vault",
        "VaultNameNotValid: '5lxi-aiagentskv': the name must begin with a letter",
        {"vaultName": "5lxi-aiagentskv"},
        {"vaultName": "lxi5-aiagentskv"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/azurechat/issues/172",
        PATTERN,
        "vault",
        "the name of a vault has no consecutive hyphens",
        {"vaultName": "chat--kv-abc123"},
        {"vaultName": "chat-kv-abc123"},
    ),
    Refusal(
        f"{GITHUB}/Azure/ai-hub/issues/241",
        ENUM,
        "vault",
        'BadRequest: The property "enablePurgeProtection" cannot be set to false',
        {"properties.enablePurgeProtection": False},
        {"properties.enablePurgeProtection": True},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-net/issues/6551",
        EXCLUSIVE,
        "key",
        "Hardware key operation not allowed on standard vault",
        {"properties.kty": "RSA-HSM"},
        {"properties.kty": "RSA"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-js/issues/26212",
        ENUM,
        "key",
        "BadParameter: Invalid kty value: oct (KeyTypeNotSupported)",
        {"properties": {"kty": "oct"}},
        {"properties": {"kty": "EC", "curveName": "P-256"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/26898",
        ENUM,
        "key",
        "Unsupported curve: Ed25519",
        {"properties": {"kty": "EC", "curveName": "Ed25519"}},
        {"properties": {"kty": "EC", "curveName": "P-256"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep/issues/11536",
        PATTERN,
        "registry",
        "the name of a registry has no hyphens",
        {"registryName": "sim-registry"},
        {"registryName": "simregistry2"},
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/dotNET-Frontend-AB-Testing-on-Azure-Container-Apps/issues/5",
        EXCLUSIVE,
        "registry",
        "DisablingPublicNetworkAccessNotSupported for the SKU Basic",
        {"publicNetworkAccess": "Disabled"},
        {"publicNetworkAccess": "Disabled", "sku": {"name": "Premium"}},
    ),
    Refusal(
        f"{DOCS}/issues/94535",
        EXCLUSIVE,
        "registry",
        "Anonymous pull is not supported for SKU Managed_Basic",
        {"anonymousPullEnabled": True},
        {"anonymousPullEnabled": True, "sku": {"name": "Standard"}},
    ),
]

AZURE = [*GROUPS, *STORES, *NETWORKS, *MORE, *SERVICES, *WATCH]
