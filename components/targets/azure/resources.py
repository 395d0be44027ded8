"""Resource ids, roles and grants, shared by the resources of an Azure stack."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.registry import RegistryShared
from components.retries import Patience
from components.scope import StackScope
from components.targets.azure.permissions import PERMISSIONS, REGISTRY

# Scopes on which an actor may give roles.
GIVES = ("group", REGISTRY)
# The container of the account that is the artifact store, and the datastore that names it.
STORE = "store"


@dataclass(frozen=True)
class ResourceIds:
    """Ids of a stack's resources, read from the registry's and the store's addresses."""

    subscription: pulumi.Output[str]
    group: pulumi.Output[str]
    workspace: pulumi.Output[str]
    account: pulumi.Output[str]

    @classmethod
    def of(cls, registry: RegistryShared) -> ResourceIds:
        """The ids of the registry at ``azureml://subscriptions/S/resourceGroups/G/...``."""
        parts = registry.registry.apply(lambda uri: uri.removeprefix("azureml://").split("/"))
        return cls(
            subscription=parts.apply(lambda path: path[1]),
            group=parts.apply(lambda path: path[3]),
            workspace=parts.apply(lambda path: path[5]),
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


def known_after(value: pulumi.Input[str], *dependencies: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The same value, known only once the `dependencies` are: what uses it is made after them."""
    return pulumi.Output.all(value, *dependencies).apply(lambda values: values[0])


# Names of custom roles are unique in the whole directory ("Azure custom roles", limits): these end
# as the name of the workspace does, with digits of this stack's own.
OWN_DIGITS = 8
Roles = dict[tuple[str, str], azure.authorization.RoleDefinition]


def define(
    actors: Iterable[str],
    scope: StackScope,
    resource_ids: ResourceIds,
    opts: pulumi.ResourceOptions,
    registry: pulumi.Output[str] | None = None,
) -> Roles:
    """A role for each of the actors on each scope that `PERMISSIONS` has for it.

    `registry` is the id of the one that several workspaces share, which may stand in another group;
    without it no role is for it. Who makes a role needs the right to in each of its scopes
    (learn.microsoft.com, "Azure custom roles", limits).
    """
    roles: Roles = {}
    digits = resource_ids.workspace.apply(lambda name: name[-OWN_DIGITS:])
    for actor in actors:
        for level, permission in PERMISSIONS[actor].items():
            places: pulumi.Input[Sequence[pulumi.Input[str]]] = [resource_ids.group_id]
            if level == REGISTRY:
                if registry is None:
                    continue
                # A role is defined where who reads the stack may read it, and given where it is of
                # use: both are to be scopes of it.
                home = registry.apply(lambda id: id.partition("/providers/")[0])
                places = pulumi.Output.all(resource_ids.group_id, home).apply(_distinct)
            roles[actor, level] = azure.authorization.RoleDefinition(
                f"{actor}-{level}",
                azure.authorization.RoleDefinitionArgs(
                    scope=resource_ids.group_id,
                    assignable_scopes=places,
                    role_name=pulumi.Output.concat(f"{scope.prefix}-{actor}-{level}-", digits),
                    description=f"What the {actor} of {scope.prefix} calls",
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
    return roles


def _distinct(ids: list[str]) -> list[str]:
    """Resource ids without those that differ in case alone, which name the same."""
    return list({id.lower(): id for id in ids}.values())


def grant(
    actor: str,
    roles: Roles,
    scope: StackScope,
    resource_ids: ResourceIds,
    principal: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    name: str | None = None,
    kind: pulumi.Input[str] = "ServicePrincipal",
    registry: pulumi.Output[str] | None = None,
    condition: pulumi.Input[str] | None = None,
) -> list[azure.authorization.RoleAssignment]:
    """Give `principal` the `roles` of an actor, and no more.

    `name` is that of the resources where several principals are one kind of actor; `kind` is the
    principal's type, which Azure compares with the directory's; `condition` limits what is allowed
    where the role lets it give roles.
    """
    return [
        azure.authorization.RoleAssignment(
            f"{name or actor}-{level}",
            azure.authorization.RoleAssignmentArgs(
                scope=registry
                if registry is not None and level == REGISTRY
                else resource_ids.scope(level, scope.prefix),
                principal_id=principal,
                principal_type=kind,
                role_definition_id=role.id,
                condition=condition if level in GIVES else None,
                condition_version="2.0" if condition is not None and level in GIVES else None,
            ),
            _patience().options(opts),
        )
        for (holder, level), role in roles.items()
        if holder == actor
    ]


def assigns_only(roles: Roles, actors: Iterable[str], but: pulumi.Input[str]) -> pulumi.Output[str]:
    """The condition that who may assign roles gives those of the actors alone, and not to `but`.

    Source: learn.microsoft.com, "Delegate Azure role assignment management to others with
    conditions", and "Azure role assignment condition format and syntax". Deleting is not limited:
    who takes a stack away takes its assignments away.
    """
    request = "@Request[Microsoft.Authorization/roleAssignments:"
    role_names = [role.name for (actor, _), role in roles.items() if actor in actors]
    return pulumi.Output.all(but, *role_names).apply(
        lambda ids: (
            "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR ("
            f"{request}RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{', '.join(ids[1:])}}}"
            f" AND {request}PrincipalType]"
            " ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}"
            f" AND {request}PrincipalId] ForAnyOfAllValues:GuidNotEquals {{{ids[0]}}}))"
        )
    )


def principal_type() -> pulumi.Output[str]:
    """The directory's type of who brings the stack up: User or ServicePrincipal.

    The access token says so (learn.microsoft.com, "Access token claims reference", ``idtyp``); no
    part of it leaves this program.
    """
    token = azure.authorization.get_client_token_output()
    return pulumi.Output.unsecret(token.apply(lambda answer: _type_in(answer.token)))


def _type_in(token: str) -> str:
    claims = token.split(".")[1]
    padded = claims + "=" * (-len(claims) % 4)
    kind = json.loads(base64.urlsafe_b64decode(padded)).get("idtyp")
    return "ServicePrincipal" if kind == "app" else "User"


# A new role or principal is on its way to all of the directory for some minutes
# (learn.microsoft.com, "Troubleshoot Azure RBAC", "Symptom - Assigning a role to a new principal
# sometimes fails").
PASSING = {"RoleDefinitionDoesNotExist|PrincipalNotFound": 600}


@cache
def _patience() -> Patience:
    return Patience("azure-directory", PASSING)
