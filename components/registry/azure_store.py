"""The artifact store on Azure: a storage account that takes no key, and a container."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.scope import StackScope
from components.targets.azure.resources import STORE

# What was deleted or overwritten can be brought back this long.
SOFT_DELETE_DAYS = 7


def account(
    scope: StackScope,
    group: azure.resources.ResourceGroup,
    kept: pulumi.ResourceOptions,
    opts: pulumi.ResourceOptions,
) -> azure.storage.StorageAccount:
    """The storage account: identities only, no key, no public access; old captures expire."""
    made = azure.storage.StorageAccount(
        scope.prefix.replace("-", ""),
        azure.storage.StorageAccountArgs(
            resource_group_name=group.name,
            kind=azure.storage.Kind.STORAGE_V2,
            sku=azure.storage.SkuArgs(name=azure.storage.SkuName.STANDARD_LRS),
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version=azure.storage.MinimumTlsVersion.TLS1_2,
            encryption=azure.storage.EncryptionArgs(
                key_source=azure.storage.KeySource.MICROSOFT_STORAGE,
                require_infrastructure_encryption=True,
            ),
            tags=scope.tags,
        ),
        kept,
    )
    soft = azure.storage.DeleteRetentionPolicyArgs(enabled=True, days=SOFT_DELETE_DAYS)
    azure.storage.BlobServiceProperties(
        "blobs",
        azure.storage.BlobServicePropertiesArgs(
            resource_group_name=group.name,
            account_name=made.name,
            blob_services_name="default",
            is_versioning_enabled=True,
            delete_retention_policy=soft,
            container_delete_retention_policy=soft,
        ),
        opts,
    )
    azure.storage.ManagementPolicy(
        "lifecycle",
        azure.storage.ManagementPolicyArgs(
            resource_group_name=group.name,
            account_name=made.name,
            management_policy_name="default",
            policy=azure.storage.ManagementPolicySchemaArgs(rules=_expiry(scope)),
        ),
        opts,
    )
    return made


def container(
    group: azure.resources.ResourceGroup,
    account: azure.storage.StorageAccount,
    kept: pulumi.ResourceOptions,
) -> azure.storage.BlobContainer:
    """The container that is the artifact store."""
    return azure.storage.BlobContainer(
        STORE,
        azure.storage.BlobContainerArgs(
            resource_group_name=group.name,
            account_name=account.name,
            container_name=STORE,
            public_access=azure.storage.PublicAccess.NONE,
        ),
        kept,
    )


def _expiry(scope: StackScope) -> list[azure.storage.ManagementPolicyRuleArgs]:
    """Old captures and runs, and old versions of any blob, are deleted."""
    folders = [
        f"{STORE}/models/{model.name}/{folder}/"
        for model in scope.settings.models
        for folder in ("captures", "runs")
    ]
    days = scope.settings.retention_days
    outdated = azure.storage.ManagementPolicyActionArgs(
        base_blob=azure.storage.ManagementPolicyBaseBlobArgs(
            delete=azure.storage.DateAfterModificationArgs(
                days_after_modification_greater_than=days
            )
        )
    )
    overwritten = azure.storage.ManagementPolicyActionArgs(
        version=azure.storage.ManagementPolicyVersionArgs(
            delete=azure.storage.DateAfterCreationArgs(days_after_creation_greater_than=days)
        )
    )
    return [_rule("captures-and-runs", outdated, folders), _rule("versions", overwritten, None)]


def _rule(
    name: str, actions: azure.storage.ManagementPolicyActionArgs, folders: list[str] | None
) -> azure.storage.ManagementPolicyRuleArgs:
    return azure.storage.ManagementPolicyRuleArgs(
        name=name,
        type=azure.storage.RuleType.LIFECYCLE,
        enabled=True,
        definition=azure.storage.ManagementPolicyDefinitionArgs(
            actions=actions,
            filters=azure.storage.ManagementPolicyFilterArgs(
                blob_types=["blockBlob"], prefix_match=folders
            ),
        ),
    )
