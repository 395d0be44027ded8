"""The artifact store on Azure: a storage account that takes no key, and a container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.scope import StackScope
from components.targets.azure.resources import STORE

# What was deleted or overwritten can be brought back this long.
SOFT_DELETE_DAYS = 7
# Of one rule, 100 of which a policy takes ("Azure Blob Storage lifecycle management overview").
MOST_PREFIXES = 10


def account(
    scope: StackScope,
    group: azure.resources.ResourceGroup,
    protected_opts: pulumi.ResourceOptions,
    opts: pulumi.ResourceOptions,
) -> azure.storage.StorageAccount:
    """The storage account: identities only, no key, no public access, versions."""
    storage = azure.storage.StorageAccount(
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
        protected_opts,
    )
    soft = azure.storage.DeleteRetentionPolicyArgs(enabled=True, days=SOFT_DELETE_DAYS)
    azure.storage.BlobServiceProperties(
        "blobs",
        azure.storage.BlobServicePropertiesArgs(
            resource_group_name=group.name,
            account_name=storage.name,
            blob_services_name="default",
            is_versioning_enabled=True,
            delete_retention_policy=soft,
            container_delete_retention_policy=soft,
        ),
        # A part of the account, which has no deletion of its own.
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(deleted_with=storage)),
    )
    return storage


def container(
    group: azure.resources.ResourceGroup,
    account: azure.storage.StorageAccount,
    protected_opts: pulumi.ResourceOptions,
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
        protected_opts,
    )


def expiry(
    scope: StackScope,
    group: azure.resources.ResourceGroup,
    account: azure.storage.StorageAccount,
    workspace: Any,
    opts: pulumi.ResourceOptions,
) -> None:
    """The account's lifecycle: after `retentionDays` nothing is left of requests and runs.

    Captures and runs are deleted, what nodes wrote (prepared rows among it), logs and what else
    Azure ML keeps in the account, and old versions of any blob. Nodes write to
    ``azureml/<job>/<output>`` of the default datastore (learn.microsoft.com, "Manage inputs and
    outputs for components and pipelines"); logs are in the container ``azureml``, the rest in the
    one of the workspace's own datastore.
    """
    folders = [
        f"{STORE}/models/{model.name}/{folder}/"
        for model in scope.settings.models
        for folder in ("captures", "runs")
    ]
    container_prefix = pulumi.Output.concat("azureml-blobstore-", workspace.workspace_id, "/")
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
    rules = [
        _rule(f"captures-and-runs-{number}", outdated, folders[first : first + MOST_PREFIXES])
        for number, first in enumerate(range(0, len(folders), MOST_PREFIXES), 1)
    ]
    rules.append(_rule("azureml", outdated, [f"{STORE}/azureml/", "azureml/", container_prefix]))
    rules.append(_rule("versions", overwritten, None))
    azure.storage.ManagementPolicy(
        "lifecycle",
        azure.storage.ManagementPolicyArgs(
            resource_group_name=group.name,
            account_name=account.name,
            management_policy_name="default",
            policy=azure.storage.ManagementPolicySchemaArgs(rules=rules),
        ),
        opts,
    )


def _rule(
    name: str,
    actions: azure.storage.ManagementPolicyActionArgs,
    folders: Sequence[pulumi.Input[str]] | None,
) -> azure.storage.ManagementPolicyRuleArgs:
    return azure.storage.ManagementPolicyRuleArgs(
        name=name,
        type=azure.storage.RuleType.LIFECYCLE,
        enabled=True,
        definition=azure.storage.ManagementPolicyDefinitionArgs(
            actions=actions,
            filters=azure.storage.ManagementPolicyFilterArgs(
                # The data collector appends; such blobs can only be deleted.
                blob_types=["blockBlob", "appendBlob"],
                prefix_match=folders,
            ),
        ),
    )
