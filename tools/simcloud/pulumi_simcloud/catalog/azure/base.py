"""Resource groups, storage, Key Vault, container registries, budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from pulumi_simcloud.catalog.azure.common import GROUP_ID, arm, with_identity
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Existing, Inputs, Kind, Name
from pulumi_simcloud.rules.azure import lifecycle, name_without_reserved_words, notifications, tags
from pulumi_simcloud.rules.basic import between, check, one_of, pattern

GROUP = "azure-native:resources:ResourceGroup"
ACCOUNT = "Microsoft.Storage/storageAccounts/{accountName}"
VAULT = "Microsoft.KeyVault/vaults/{vaultName}"
BLOBS = "https://{accountName}.blob.core.windows.net/"
STORE = "az/{accountName}/{containerName}"
DELETED_VAULT = "exists in deleted state: recover it (createMode) or purge it"


def _recovers(inputs: dict[str, Any]) -> bool:
    return inputs["properties"].get("createMode") == "recover"


def _protection(value: Any) -> str | None:
    """Once on it stays on, and off is not taken ("Azure Key Vault soft-delete overview")."""
    return None if value else "cannot be set to false; leave it out"


def _begins_this_month(inputs: dict[str, Any], world: Existing) -> Iterator[str]:
    """A new budget begins with this month or a later one, within a year ("Budgets", TimePeriod)."""
    start, now = inputs["timePeriod"]["startDate"], datetime.now(timezone.utc)
    if start < f"{now:%Y-%m}":
        yield f"timePeriod.startDate {start!r} is in the past: this month's first at the earliest"
    if start[:7] > f"{now.year + 1}-{now:%m}":
        yield f"timePeriod.startDate {start!r} is more than twelve months ahead"


def _performance(inputs: Inputs) -> Iterator[Failure]:
    """What kind, tier and namespace of a storage account go together.

    learn.microsoft.com, "Storage account overview" (types), "Create a storage account to use with
    Azure Data Lake Storage"; REST "Storage Accounts - Create": accessTier.
    """
    kind, sku = inputs.get("kind"), inputs.get("sku")
    name = sku.get("name") if isinstance(sku, dict) else None
    if not isinstance(kind, str) or not isinstance(name, str):
        return
    premium = name.startswith("Premium")
    if kind == "BlockBlobStorage" and not premium:
        yield Failure("sku.name", f"{name} does not go with kind BlockBlobStorage, Premium does")
    if kind == "BlobStorage" and inputs.get("accessTier") is None:
        yield Failure("accessTier", "missing: needed with kind BlobStorage")
    if inputs.get("isHnsEnabled") is True:
        fitting = "BlockBlobStorage" if premium else "StorageV2"
        if kind != fitting:
            reason = f"a hierarchical namespace with {name} needs kind {fitting}, not {kind}"
            yield Failure("isHnsEnabled", reason)


BASE = (
    Kind(
        GROUP,
        id=GROUP_ID,
        name=Name("resourceGroupName", 90),
        rules=(
            pattern(
                "resourceGroupName",
                r"[\w().-]{0,89}[\w()-]",
                "1-90 letters, digits, _ ( ) - . and no . at the end",
            ),
            tags(),
        ),
        computed={
            "name": "{resourceGroupName}",
            "type": "Microsoft.Resources/resourceGroups",
            "properties": lambda context: {"provisioningState": "Succeeded"},
        },
        handles=("id", "name"),
        unique="{resourceGroupName|lower}",
    ),
    arm(
        "storage:StorageAccount",
        ACCOUNT,
        Name("accountName", 24),
        name_rule=(r"[a-z0-9]{3,24}", "3-24 characters: lower case and digits"),
        unique="{accountName}",
        rules=(name_without_reserved_words("accountName"), _performance),
        computed={
            "identity": with_identity,
            "primaryEndpoints": lambda context: {
                kind: context.fill(f"https://{{accountName}}.{kind}.core.windows.net/")
                for kind in ("blob", "dfs", "file", "queue", "table", "web")
            },
            "primaryLocation": lambda context: context.get("location"),
            "provisioningState": "Succeeded",
            "creationTime": "2026-01-01T00:00:00Z",
        },
        handles=("id", "name", "identity.principalId"),
    ),
    arm(
        "storage:BlobContainer",
        f"{ACCOUNT}/blobServices/default/containers/{{containerName}}",
        Name("containerName", 63),
        name_rule=(
            r"(?!.*--)[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]|\$(root|web|logs)",
            "3-63: lower case, digits, -",
        ),
        parent=f"{GROUP_ID}/providers/{ACCOUNT}",
        contents=STORE,
        # Azure deletes a container with what is in it.
        force="containerName",
    ),
    arm(
        "storage:BlobServiceProperties",
        f"{ACCOUNT}/blobServices/{{blobServicesName}}",
        Name("blobServicesName", auto=False),
        name_rule=("default", "must be 'default'"),
        resident=True,
        rules=(
            between("deleteRetentionPolicy.days", 1, 365),
            between("containerDeleteRetentionPolicy.days", 1, 365),
        ),
    ),
    arm(
        "storage:ManagementPolicy",
        f"{ACCOUNT}/managementPolicies/{{managementPolicyName}}",
        Name("managementPolicyName", auto=False),
        name_rule=("default", "must be 'default'"),
        rules=(
            pattern("policy.rules[*].name", r"[A-Za-z0-9-]{1,256}", "letters, digits, -"),
            lifecycle(),
        ),
    ),
    arm(
        "storage:Blob",
        f"{ACCOUNT}/blobServices/default/containers/{{containerName}}/blobs/{{blobName}}",
        Name("blobName", 1024),
        parent=f"{GROUP_ID}/providers/{ACCOUNT}/blobServices/default/containers/{{containerName}}",
        computed={"url": f"{BLOBS}{{containerName}}/{{blobName}}"},
        object_in=STORE,
    ),
    arm(
        "keyvault:Vault",
        VAULT,
        Name("vaultName", 24),
        name_rule=(
            r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
            "3-24 characters: letters, digits, -, starts with a letter",
        ),
        unique="{vaultName|lower}",
        rules=(
            between("properties.softDeleteRetentionInDays", 7, 90),
            one_of("properties.createMode", "default", "recover"),
            check("properties.enablePurgeProtection", _protection),
            name_without_reserved_words("vaultName"),
        ),
        computed={
            "properties": lambda context: {
                **context.get("properties"),
                "vaultUri": context.fill("https://{vaultName}.vault.azure.net/"),
                "provisioningState": "Succeeded",
            }
        },
        # "Azure Key Vault soft-delete overview": the retention cannot be changed any more.
        frozen=("properties.softDeleteRetentionInDays",),
        keeps_name=DELETED_VAULT,
        revives=_recovers,
    ),
    arm(
        "keyvault:Key",
        f"{VAULT}/keys/{{keyName}}",
        Name("keyName", 127),
        name_rule=(r"[A-Za-z0-9-]{1,127}", "1-127 letters, digits, -"),
        rules=(one_of("properties.keySize", 2048, 3072, 4096),),
        computed={
            "keyUri": "https://{vaultName}.vault.azure.net/keys/{keyName}",
            "keyUriWithVersion": "https://{vaultName}.vault.azure.net/keys/{keyName}/{hex:32}",
        },
    ),
    arm(
        "containerregistry:Registry",
        "Microsoft.ContainerRegistry/registries/{registryName}",
        Name("registryName", 50),
        name_rule=(r"[A-Za-z0-9]{5,50}", "5-50 letters and digits"),
        unique="{registryName|lower}",
        rules=(name_without_reserved_words("registryName"),),
        computed={
            "loginServer": "{registryName|lower}.azurecr.io",
            "identity": with_identity,
            "provisioningState": "Succeeded",
        },
    ),
    arm(
        "consumption:Budget",
        "Microsoft.Consumption/budgets/{budgetName}",
        Name("budgetName", 63),
        name_rule=(r"[\w-]{1,63}", "1-63 letters, digits, _ and -"),
        root="{scope}",
        parent="{scope}",
        rules=(
            between("amount", 0.01, 1e12),
            between("notifications[*].threshold", 0, 1000),
            notifications(),
            pattern("timePeriod.startDate", r"\d{4}-\d\d-01(T00:00:00Z)?", "a month's first"),
        ),
        demands=(_begins_this_month,),
    ),
)
