"""The registry on Azure: a storage account, and an Azure ML workspace with a model container.

The workspace needs its storage account, key vault and Application Insights when it is made, so
they stand here with it.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure_resources import STORE, Place, after, grant
from components.names import prefix, tags
from components.registry import RegistryArgs, RegistryModel, RegistryShared
from components.settings import Model, Settings

ml = azure.machinelearningservices

# What was deleted or overwritten can be brought back this long.
SOFT_DELETE_DAYS = 7


def shared(args: RegistryArgs, opts: pulumi.ResourceOptions) -> RegistryShared:
    """The resource group, the artifact store and the workspace."""
    settings = args.settings
    stack = prefix(settings)
    client = azure.authorization.get_client_config()
    kept = pulumi.ResourceOptions.merge(
        opts, pulumi.ResourceOptions(protect=not settings.allow_model_deletion)
    )
    group = azure.resources.ResourceGroup(
        stack,
        azure.resources.ResourceGroupArgs(resource_group_name=stack, tags=tags(settings)),
        opts,
    )
    account = _account(settings, group, kept, opts)
    workspace = _workspace(settings, group, account, client.tenant_id, kept, opts)
    container = azure.storage.BlobContainer(
        STORE,
        azure.storage.BlobContainerArgs(
            resource_group_name=group.name,
            account_name=account.name,
            container_name=STORE,
            public_access=azure.storage.PublicAccess.NONE,
        ),
        kept,
    )
    registry = pulumi.Output.concat(
        f"azureml://subscriptions/{client.subscription_id}/resourceGroups/",
        group.name,
        "/workspaces/",
        workspace.name,
    )
    address = pulumi.Output.concat(
        "https://", account.name, ".blob.core.windows.net/", container.name
    )
    found = RegistryShared(store=address, registry=registry)
    datastore = _datastore(group, workspace, account, container, opts)
    grants = grant(
        "deployer",
        settings,
        Place.of(found),
        client.object_id,
        # Who brings a stack up first may write to its store; workflows have a role of their own.
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["principalId"])),
        kind=None,
    )
    # What is written to the store, or names it, comes after the grant and the datastore.
    ready = (datastore.id, *(each.id for each in grants))
    return RegistryShared(store=after(address, *ready), registry=registry)


def model(
    args: RegistryArgs, settings: Model, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's entry in the workspace."""
    place = Place.of(shared)
    entry = ml.ModelContainer(
        f"{settings.name}-entry",
        ml.ModelContainerArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=settings.name,
            properties=ml.ModelContainerPropertiesArgs(
                description=f"{settings.data.task} of {settings.data.target}",
                tags=args.settings.tags,
            ),
        ),
        opts,
    )
    folder = pulumi.Output.concat(shared.store, "/models/", settings.name)
    return RegistryModel(entry=entry.id, folder=folder)


def _account(
    settings: Settings,
    group: azure.resources.ResourceGroup,
    kept: pulumi.ResourceOptions,
    opts: pulumi.ResourceOptions,
) -> azure.storage.StorageAccount:
    """The storage account: identities only, no key, no public access; old captures expire."""
    account = azure.storage.StorageAccount(
        prefix(settings).replace("-", ""),
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
            tags=tags(settings),
        ),
        kept,
    )
    soft = azure.storage.DeleteRetentionPolicyArgs(enabled=True, days=SOFT_DELETE_DAYS)
    azure.storage.BlobServiceProperties(
        "blobs",
        azure.storage.BlobServicePropertiesArgs(
            resource_group_name=group.name,
            account_name=account.name,
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
            account_name=account.name,
            management_policy_name="default",
            policy=azure.storage.ManagementPolicySchemaArgs(rules=_expiry(settings)),
        ),
        opts,
    )
    return account


def _expiry(settings: Settings) -> list[azure.storage.ManagementPolicyRuleArgs]:
    """Old captures and runs, and old versions of any blob, are deleted."""
    folders = [
        f"{STORE}/models/{model.name}/{folder}/"
        for model in settings.models
        for folder in ("captures", "runs")
    ]
    days = settings.retention_days
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


def _workspace(
    settings: Settings,
    group: azure.resources.ResourceGroup,
    account: azure.storage.StorageAccount,
    tenant: str,
    kept: pulumi.ResourceOptions,
    opts: pulumi.ResourceOptions,
) -> Any:
    """The workspace, with its vault, its logs and Application Insights.

    Vault and workspace stay recoverable after their deletion and keep their names so long
    (learn.microsoft.com, "Key Vault soft-delete", "Workspace soft delete"): they have a name of
    their own each time a stack is made.
    """
    stack = prefix(settings)
    logs = azure.operationalinsights.Workspace(
        "logs",
        azure.operationalinsights.WorkspaceArgs(
            resource_group_name=group.name,
            workspace_name=stack,
            sku=azure.operationalinsights.WorkspaceSkuArgs(
                name=azure.operationalinsights.WorkspaceSkuNameEnum.PER_GB2018
            ),
            features=azure.operationalinsights.WorkspaceFeaturesArgs(disable_local_auth=True),
            retention_in_days=settings.retention_days,
            tags=tags(settings),
        ),
        opts,
    )
    insights = azure.applicationinsights.Component(
        "insights",
        opts,
        resource_group_name=group.name,
        resource_name_=stack,
        application_type=azure.applicationinsights.ApplicationType.WEB,
        kind="web",
        disable_local_auth=True,
        workspace_resource_id=logs.id,
        tags=tags(settings),
    )
    vault = azure.keyvault.Vault(
        stack,
        azure.keyvault.VaultArgs(
            resource_group_name=group.name,
            properties=azure.keyvault.VaultPropertiesArgs(
                tenant_id=tenant,
                sku=azure.keyvault.SkuArgs(
                    family=azure.keyvault.SkuFamily.A, name=azure.keyvault.SkuName.STANDARD
                ),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                enable_purge_protection=True,
                soft_delete_retention_in_days=SOFT_DELETE_DAYS,
            ),
            tags=tags(settings),
        ),
        kept,
    )
    return ml.Workspace(
        stack,
        ml.WorkspaceArgs(
            resource_group_name=group.name,
            storage_account=account.id,
            key_vault=vault.id,
            application_insights=insights.id,
            system_datastores_auth_mode=ml.SystemDatastoresAuthMode.IDENTITY,
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED
            ),
            tags=tags(settings),
        ),
        kept,
    )


def _datastore(
    group: azure.resources.ResourceGroup,
    workspace: Any,
    account: azure.storage.StorageAccount,
    container: azure.storage.BlobContainer,
    opts: pulumi.ResourceOptions,
) -> Any:
    """The store as Azure ML names it; a job reads and writes there as its own identity."""
    return ml.Datastore(
        STORE,
        ml.DatastoreArgs(
            resource_group_name=group.name,
            workspace_name=workspace.name,
            name=STORE,
            properties=ml.AzureBlobDatastoreArgs(
                datastore_type="AzureBlob",
                account_name=account.name,
                container_name=container.name,
                credentials=ml.NoneDatastoreCredentialsArgs(credentials_type="None"),
                service_data_access_auth_identity=(
                    ml.ServiceDataAccessAuthIdentity.WORKSPACE_SYSTEM_ASSIGNED_IDENTITY
                ),
            ),
        ),
        opts,
    )
