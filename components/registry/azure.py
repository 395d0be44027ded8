"""The registry on Azure: the artifact store, and an Azure ML workspace with a model container."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_azure_native as azure

from components.capability import INTERNAL, protected
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.registry.azure_shared import registry_id
from components.registry.azure_store import account, container, expiry
from components.registry.azure_workspace import datastore, log_workspace, workspace
from components.scope import ModelScope, StackScope
from components.targets.azure.permissions import ASSIGNABLE
from components.targets.azure.resources import (
    ResourceIds,
    Roles,
    define,
    grant,
    known_after,
    principal_type,
)

ml = azure.machinelearningservices


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """The foundation of the other capabilities on Azure.

    `group` is the resource group, `holder` the workspace, `workspace` how ids of its assets begin;
    `steps` is whom the jobs of each model act as, `roles` what steps and endpoints are given,
    `published` the id of the registry that released versions are copied to, if any, `logs` the name
    of the workspace of Log Analytics.
    """

    group: pulumi.Resource = field(metadata=INTERNAL)
    holder: pulumi.Resource = field(metadata=INTERNAL)
    roles: Roles = field(metadata=INTERNAL)
    steps: dict[str, azure.managedidentity.UserAssignedIdentity] = field(metadata=INTERNAL)
    workspace: pulumi.Output[str] = field(metadata=INTERNAL)
    published: pulumi.Output[str] | None = field(metadata=INTERNAL)
    logs: pulumi.Output[str] = field(metadata=INTERNAL)


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on Azure."""
    return cast(Foundation, registry.shared)


def create_shared(
    scope: StackScope, args: RegistryArgs, opts: pulumi.ResourceOptions
) -> Foundation:
    """The resource group, the artifact store and the workspace."""
    stack = scope.prefix
    client = azure.authorization.get_client_config_output()
    protected_opts = protected(opts, scope.settings.allow_model_deletion)
    group = azure.resources.ResourceGroup(
        stack,
        azure.resources.ResourceGroupArgs(resource_group_name=stack, tags=scope.tags),
        opts,
    )
    storage = account(scope, group, protected_opts, opts)
    steps = {model.model.name: _steps(model, group, opts) for model in scope.models}
    logs = log_workspace(scope, group, opts)
    ml_workspace = workspace(
        scope, group, storage, logs, steps, client.tenant_id, protected_opts, opts
    )
    store = container(group, storage, protected_opts)
    expiry(scope, group, storage, ml_workspace, opts)
    registry = pulumi.Output.concat(
        "azureml://subscriptions/",
        client.subscription_id,
        "/resourceGroups/",
        group.name,
        "/workspaces/",
        ml_workspace.name,
    )
    address = pulumi.Output.concat("https://", storage.name, ".blob.core.windows.net/", store.name)
    resource_ids = ResourceIds.of(RegistryShared(store=address, registry=registry))
    store_name = datastore(group, ml_workspace, storage, store, opts)
    published = registry_id(scope, group, protected_opts)
    roles = define(("deployer", *ASSIGNABLE), scope, resource_ids, opts, published)
    # Who brings a stack up first may write to its store; workflows have a role of their own.
    first = pulumi.ResourceOptions(ignore_changes=["principalId", "principalType"])
    grants = grant(
        "deployer",
        roles,
        scope,
        resource_ids,
        client.object_id,
        pulumi.ResourceOptions.merge(opts, first),
        kind=principal_type(),
    )
    # What is written to the store, or names it, comes after the grant and the datastore.
    ready = (store_name.id, *(assignment.id for assignment in grants))
    return Foundation(
        store=known_after(address, *ready),
        registry=registry,
        group=group,
        holder=ml_workspace,
        roles=roles,
        steps=steps,
        workspace=pulumi.Output.concat(
            "azureml://locations/",
            ml_workspace.location,
            "/workspaces/",
            ml_workspace.workspace_id,
        ),
        published=published,
        logs=logs.name,
    )


def create_model(
    scope: ModelScope, args: RegistryArgs, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's entry in the workspace."""
    resource_ids = ResourceIds.of(shared)
    # What the service does with an entry that has versions is not documented: with its workspace it
    # is not asked.
    inside = pulumi.ResourceOptions(deleted_with=cast(Foundation, shared).holder)
    protected_opts = protected(opts, scope.settings.allow_model_deletion)
    entry = ml.ModelContainer(
        f"{scope.model.name}-entry",
        ml.ModelContainerArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            name=scope.model.name,
            properties=ml.ModelContainerPropertiesArgs(
                description=f"{scope.model.data.task or 'prediction'} of {scope.model.data.target}",
                tags=scope.tags,
            ),
        ),
        pulumi.ResourceOptions.merge(protected_opts, inside),
    )
    folder = pulumi.Output.concat(shared.store, "/models/", scope.model.name)
    return RegistryModel(entry=entry.id, folder=folder)


def _steps(
    scope: ModelScope,
    group: azure.resources.ResourceGroup,
    opts: pulumi.ResourceOptions,
) -> azure.managedidentity.UserAssignedIdentity:
    """The identity of a model's jobs."""
    return azure.managedidentity.UserAssignedIdentity(
        f"{scope.model.name}-steps",
        opts,
        resource_group_name=group.name,
        resource_name_=scope.name("steps"),
        tags=scope.tags,
    )
