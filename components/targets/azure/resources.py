"""What the resources of an Azure stack have in common: places and grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.registry import RegistryShared
from components.scope import StackScope
from components.targets.azure.permissions import PERMISSIONS, REGISTRY

# The container of the account that is the artifact store, and the datastore that names it.
STORE = "store"


@dataclass(frozen=True)
class Place:
    """Where a stack stands: read from the registry's and the store's addresses."""

    subscription: pulumi.Output[str]
    group: pulumi.Output[str]
    workspace: pulumi.Output[str]
    account: pulumi.Output[str]

    @classmethod
    def of(cls, registry: RegistryShared) -> Place:
        """The place of the registry at ``azureml://subscriptions/S/resourceGroups/G/...``."""
        parts = registry.registry.apply(lambda uri: uri.removeprefix("azureml://").split("/"))
        return cls(
            subscription=parts.apply(lambda found: found[1]),
            group=parts.apply(lambda found: found[3]),
            workspace=parts.apply(lambda found: found[5]),
            account=registry.store.apply(
                lambda uri: uri.removeprefix("https://").partition(".")[0]
            ),
        )

    @property
    def group_id(self) -> pulumi.Output[str]:
        """The resource id of the resource group."""
        return pulumi.Output.concat(
            "/subscriptions/", self.subscription, "/resourceGroups/", self.group
        )

    def id(self, kind: str, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The resource id of what is called `name` in the group, such as the workspace's."""
        return pulumi.Output.concat(self.group_id, "/providers/", kind, "/", name)

    @property
    def workspace_id(self) -> pulumi.Output[str]:
        """The resource id of the workspace."""
        return self.id("Microsoft.MachineLearningServices/workspaces", self.workspace)

    @property
    def container_id(self) -> pulumi.Output[str]:
        """The resource id of the store's container."""
        account = self.id("Microsoft.Storage/storageAccounts", self.account)
        return pulumi.Output.concat(account, "/blobServices/default/containers/", STORE)

    @property
    def datastore_id(self) -> pulumi.Output[str]:
        """The resource id of the datastore that names the store's container."""
        return pulumi.Output.concat(self.workspace_id, "/datastores/", STORE)

    def scope(self, name: str, stack: str) -> pulumi.Output[str]:
        """The resource id of a scope of `PERMISSIONS`; `stack` is the stack's prefix."""
        return {
            "group": self.group_id,
            "workspace": self.workspace_id,
            "store": self.container_id,
            "insights": self.id("Microsoft.Insights/components", stack),
        }[name]


def after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The same value, known only once the `others` are: what uses it is made after them."""
    return pulumi.Output.all(value, *others).apply(lambda found: found[0])


def grant(
    actor: str,
    scope: StackScope,
    place: Place,
    principal: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    name: str | None = None,
    kind: str | None = "ServicePrincipal",
    registry: pulumi.Output[str] | None = None,
) -> list[azure.authorization.RoleAssignment]:
    """Give `principal` what `actor` calls, and no more: a role of its own on every scope.

    `name` is that of the resources where several principals are one kind of actor; `kind` is
    None for whoever brings the stack up, a person or a workflow; `registry` is the id of the one
    that several workspaces share, which may stand in another group.
    """
    name, stack = name or actor, scope.prefix
    assignments = []
    for level, permission in PERMISSIONS[actor].items():
        if level != REGISTRY:
            home, target = place.group_id, place.scope(level, stack)
        elif registry is not None:
            home, target = registry.apply(lambda id: id.partition("/providers/")[0]), registry
        else:
            continue
        role = azure.authorization.RoleDefinition(
            f"{name}-{level}",
            azure.authorization.RoleDefinitionArgs(
                scope=home,
                assignable_scopes=[home],
                # Unique in the whole directory.
                role_name=f"{stack}-{name}-{level}",
                description=f"What the {actor} of {stack} calls",
                role_type="CustomRole",
                permissions=[
                    azure.authorization.PermissionArgs(
                        actions=list(permission.actions),
                        data_actions=list(permission.data_actions),
                    )
                ],
            ),
            opts,
        )
        assignments.append(
            azure.authorization.RoleAssignment(
                f"{name}-{level}",
                azure.authorization.RoleAssignmentArgs(
                    scope=target,
                    principal_id=principal,
                    principal_type=kind,
                    role_definition_id=role.id,
                ),
                opts,
            )
        )
    return assignments
