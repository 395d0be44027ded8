"""Azure's role-based access control: definitions and assignments, with their conditions.

https://learn.microsoft.com/azure/role-based-access-control/overview: an assignment holds at its
scope and all below; a role allows its actions but for its notActions; assignments only add up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.permissions import Call, Need, NotUnderstoodError, Operation
from pulumi_simcloud.permissions.azure_conditions import holds
from pulumi_simcloud.permissions.globs import fits
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
DEFINITION = "azure-native:authorization:RoleDefinition"
ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
VERBS = {"create": "write", "update": "write", "read": "read", "delete": "delete"}


@dataclass(frozen=True)
class AzureAuthority:
    """RBAC, with tables that the catalog gives.

    Attributes:
        linked: type token to (path of ids in the inputs, action that is needed on each): what
            Azure Resource Manager checks of the resources that a request refers to.
        data: (type token, operation) to data actions on the resource, where the provider calls a
            data plane.
        functions: provider function to the actions that it calls.
        running: type token to what its service calls as an identity.
    """

    linked: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    data: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    running: Mapping[str, Callable[[Row, World], Iterable[tuple[str, Need]]]] = field(
        default_factory=dict
    )

    def needs(self, operation: Operation, world: World) -> Iterator[Need]:
        """`<type>/write`, `read` or `delete` on the id; what is read back; linked scopes."""
        kind, row = operation.kind, operation.row
        if not isinstance(kind.id, str):
            raise NotUnderstoodError(f"NotUnderstood: the calls for {kind.token} are not known")
        name = resource_type(kind.id)
        context = _request(kind.token, row)
        yield (Call(f"{name}/{VERBS[operation.name]}", row.id, context),)
        if operation.name in ("create", "update"):
            # The provider reads what it wrote, and polls it while it is not ready.
            yield (Call(f"{name}/read", row.id, context),)
            yield from self._linked(kind.token, row)
        for action in self.data.get((kind.token, operation.name), ()):
            yield (Call(action, row.id, {"data": True}),)

    def _linked(self, token: str, row: Row) -> Iterator[Need]:
        identities = row.inputs.get("identity") or {}
        for identity in identities.get("userAssignedIdentities") or []:
            yield (Call(ASSIGN, identity),)
        for path, action in self.linked.get(token, ()):
            for _, value in select(row.inputs, path):
                # A scope may be of several types; the action is one of these alone.
                if isinstance(value, str) and action.lower().startswith(f"{_type_of(value)}/"):
                    yield (Call(action, value),)

    def invoked(self, token: str, world: World) -> Iterator[Need]:
        scope = f"/subscriptions/{world.variables['subscription']}"
        for action in self.functions.get(token, ()):
            yield (Call(action, scope),)

    def runs(self, row: Row, world: World) -> Iterable[tuple[str, Need]]:
        calls = self.running.get(row.token)
        return calls(row, world) if calls else ()

    def refusal(self, principal: str, call: Call, world: World) -> str | None:
        outside = f"no assignment of {principal} at this scope or above"
        reason = outside
        for row in world.of(ASSIGNMENT):
            if row.inputs["principalId"] != principal or not within(call.resource, _scope(row)):
                continue
            is_allowed, name = _allows(row.inputs["roleDefinitionId"], call, world)
            if not is_allowed:
                reason = "no role assigned there allows it" if reason == outside else reason
                continue
            condition = row.inputs.get("condition")
            if not condition or holds(condition, call.action, call.context):
                return None
            reason = f"the condition on the assignment of {name} does not hold"
        return reason


def resource_type(template: str) -> str:
    """The type of what an id's template names: `Microsoft.Storage/storageAccounts`."""
    if "/providers/" not in template:
        groups = "/resourceGroups/" in template
        return "Microsoft.Resources/subscriptions" + ("/resourceGroups" if groups else "")
    path = template.rpartition("/providers/")[2]
    return re.sub(r"/(\{[^}]*\}|default)", "", path)


def _type_of(resource: str) -> str:
    """The type of a resource by its id, in lower case; of one outside of providers, its id."""
    provider, *path = resource.lower().rpartition("/providers/")[2].split("/")
    return "/".join((provider, *path[::2]))


def within(resource: str, scope: str) -> bool:
    """True if a resource is a scope or lies in it."""
    a, b = resource.lower().rstrip("/"), scope.lower().rstrip("/")
    return a == b or a.startswith(f"{b}/")


def _scope(row: Row) -> str:
    return row.inputs["scope"]


def _allows(definition: str, call: Call, world: World) -> tuple[bool, str]:
    """True if a role has the call's operation, and the role's name."""
    key = definition.rpartition("/")[2].lower()
    built_in = built_in_roles().get(key)
    row = world.find([DEFINITION], key, ("name",)) if built_in is None else None
    if built_in is None and row is None:
        raise NotUnderstoodError(f"NotUnderstood: the role {definition!r} is not known here")
    permissions: Any = [built_in] if row is None else row.inputs.get("permissions", [])
    name = built_in["name"] if built_in else str(row.inputs.get("roleName")) if row else key
    allow, deny = ("dataActions", "notDataActions"), ("actions", "notActions")
    yes, no = allow if call.context.get("data") else deny
    return any(
        any(fits(call.action, pattern, ignore_case=True) for pattern in entry.get(yes) or ())
        and not any(fits(call.action, pattern, ignore_case=True) for pattern in entry.get(no) or ())
        for entry in permissions
    ), name


def _request(token: str, row: Row) -> dict[str, Any]:
    """Attributes of a request for conditions: of role assignments, the assignment itself."""
    if token != ASSIGNMENT:
        return {}
    kind = "Microsoft.Authorization/roleAssignments:"
    values = {
        "RoleDefinitionId": str(row.inputs["roleDefinitionId"]).rpartition("/")[2],
        "PrincipalId": row.inputs["principalId"],
        "PrincipalType": row.inputs.get("principalType"),
    }
    return {
        f"{source}[{kind}{key}]".lower(): value
        for key, value in values.items()
        for source in ("request", "resource")
    }


@cache
def built_in_roles() -> dict[str, dict[str, Any]]:
    """Built-in roles by id (``catalog/azure/roles.json``)."""
    folder = resources.files("pulumi_simcloud.catalog.azure")
    stored = json.loads(folder.joinpath("roles.json").read_text())["roles"]
    return {key.lower(): role for key, role in stored.items()}
