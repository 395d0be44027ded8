"""The Azure ML workspace, and what it needs when it is made: vault, logs, Application Insights."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.registry.azure_store import SOFT_DELETE_DAYS
from components.scope import StackScope
from components.targets.azure.resources import STORE

ml = azure.machinelearningservices


def log_workspace(
    scope: StackScope, group: azure.resources.ResourceGroup, opts: pulumi.ResourceOptions
) -> azure.operationalinsights.Workspace:
    """The workspace of Log Analytics.

    Once deleted it keeps its name for 14 days, and a new one of that name is the deleted one
    recovered, or in another region is refused (learn.microsoft.com, "Delete and recover an Azure
    Log Analytics workspace"; github.com/pulumi/pulumi-azure-native/issues/1319): so it has a name
    of its own each time a stack is made.
    """
    return azure.operationalinsights.Workspace(
        "logs",
        azure.operationalinsights.WorkspaceArgs(
            resource_group_name=group.name,
            sku=azure.operationalinsights.WorkspaceSkuArgs(
                name=azure.operationalinsights.WorkspaceSkuNameEnum.PER_GB2018
            ),
            features=azure.operationalinsights.WorkspaceFeaturesArgs(disable_local_auth=True),
            retention_in_days=scope.settings.retention_days,
            tags=scope.tags,
        ),
        opts,
    )


def workspace(
    scope: StackScope,
    group: azure.resources.ResourceGroup,
    account: azure.storage.StorageAccount,
    logs: azure.operationalinsights.Workspace,
    steps: dict[str, azure.managedidentity.UserAssignedIdentity],
    tenant: pulumi.Input[str],
    protected_opts: pulumi.ResourceOptions,
    opts: pulumi.ResourceOptions,
) -> Any:
    """The workspace, with its vault and Application Insights.

    Vault and workspace stay recoverable after their deletion and keep their names so long
    (learn.microsoft.com, "Key Vault soft-delete", "Workspace soft delete"): they have a name of
    their own each time a stack is made.
    """
    stack = scope.prefix
    insights = azure.applicationinsights.Component(
        "insights",
        opts,
        resource_group_name=group.name,
        resource_name_=stack,
        application_type=azure.applicationinsights.ApplicationType.WEB,
        kind="web",
        disable_local_auth=True,
        workspace_resource_id=logs.id,
        tags=scope.tags,
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
            tags=scope.tags,
        ),
        protected_opts,
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
                type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED_USER_ASSIGNED,
                user_assigned_identities=[identity.id for identity in steps.values()],
            ),
            tags=scope.tags,
        ),
        protected_opts,
    )


def datastore(
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
