"""Google Cloud's IAM: bindings on a project and on what is in it, roles, conditions in CEL.

https://cloud.google.com/iam/docs/overview#inheritance: what is allowed on a project is allowed on
all in it. There are no deny policies here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.permissions import Call, Need, NotUnderstoodError, Operation
from pulumi_simcloud.permissions.gcp_conditions import holds
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
CUSTOM_ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
ACCOUNT = "gcp:serviceaccount/account:Account"
ACT_AS = "iam.serviceAccounts.actAs"


@dataclass(frozen=True)
class GcpAuthority:
    """IAM, with tables that the catalog gives.

    Attributes:
        targets: type token of members to the property that names what they are members of.
        parents: type token to properties that name what a resource lies in.
        names: type token to a template of the name that conditions see as `resource.name`, and the
            type that they see as `resource.type`.
        also: (type token, operation) to (permission, path of the resource that it is needed on).
        functions: provider function to the permissions that it needs on the project.
        running: type token to what its service calls as a service account.
    """

    targets: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    also: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    running: Mapping[str, Callable[[Row, World], Iterable[tuple[str, Need]]]] = field(
        default_factory=dict
    )

    def needs(self, operation: Operation, world: World) -> Iterator[Need]:
        """The REST calls' permissions (``catalog/gcp/calls.json``), and to act as accounts."""
        kind, row = operation.kind, operation.row
        calls = needed_permissions().get(kind.token)
        if calls is None:
            raise NotUnderstoodError(f"NotUnderstood: the calls for {kind.token} are not known")
        context = self._context(kind.token, row, world)
        reads = calls["read"] if operation.name in ("create", "update") else []
        for permission in dict.fromkeys([*calls.get(operation.name, []), *reads]):
            yield (Call(permission, row.id, context),)
        for permission, path in self.also.get((kind.token, operation.name), ()):
            for _, value in select(row.inputs, path):
                if isinstance(value, str):
                    yield (Call(permission, value, {"targets": {value}}),)
        if operation.name in ("create", "update") and kind.token not in self.targets:
            for ref in kind.refs:
                if ACCOUNT in ref.to:
                    yield from self._acts_as(row, ref.path, world)

    def _acts_as(self, row: Row, path: str, world: World) -> Iterator[Need]:
        for _, value in select(row.inputs, path):
            account = world.find([ACCOUNT], value)
            if account is not None:
                yield (Call(ACT_AS, account.id, {"targets": _handles(account)}),)

    def invoked(self, token: str, world: World) -> Iterator[Need]:
        for permission in self.functions.get(token, ()):
            yield (Call(permission, f"projects/{world.variables['project']}"),)

    def runs(self, row: Row, world: World) -> Iterable[tuple[str, Need]]:
        calls = self.running.get(row.token)
        return calls(row, world) if calls else ()

    def refusal(self, principal: str, call: Call, world: World) -> str | None:
        reason = "no binding allows it"
        for row in self._bindings(call, world):
            if row.inputs["member"] not in (principal, "allUsers", "allAuthenticatedUsers"):
                continue
            if call.action not in _permissions(row.inputs["role"], world):
                continue
            condition = row.inputs.get("condition")
            if not condition or holds(condition["expression"], call.context):
                return None
            reason = f"the condition on the binding of {row.inputs['role']} does not hold"
        return reason

    def _bindings(self, call: Call, world: World) -> Iterator[Row]:
        yield from world.of(PROJECT_MEMBER)
        about = {call.resource, *call.context.get("targets", ())}
        for token, key in self.targets.items():
            yield from (row for row in world.of(token) if row.inputs.get(key) in about)

    def _context(self, token: str, row: Row, world: World) -> dict[str, Any]:
        targets = _handles(row)
        for key in (*self.parents.get(token, ()), self.targets.get(token, "")):
            if isinstance(row.inputs.get(key), str):
                targets.add(row.inputs[key])
        template, kind = self.names.get(token, ("", ""))
        values = {**world.variables, **row.inputs, **row.outputs}
        name = template.format(**values) if template else f"//{token}/{row.id}"
        return {
            "targets": targets,
            "resource.name": name,
            "resource.type": kind,
            "role": row.inputs.get("role"),
        }


def _handles(row: Row) -> set[str]:
    keys = ("name", "email", "bucket", "datasetId")
    return {row.id, *(row.outputs[key] for key in keys if isinstance(row.outputs.get(key), str))}


@cache
def needed_permissions() -> dict[str, dict[str, list[str]]]:
    """The permissions that the provider's calls need, by type and operation."""
    folder = resources.files("pulumi_simcloud.catalog.gcp")
    return json.loads(folder.joinpath("calls.json").read_text())["types"]


@cache
def predefined_roles() -> dict[str, frozenset[str]]:
    """Permissions of predefined roles, of the services that the catalog calls."""
    folder = resources.files("pulumi_simcloud.catalog.gcp")
    stored = json.loads(folder.joinpath("roles.json").read_text())["roles"]
    return {
        name: frozenset(
            f"{kind}.{verb}"
            for part in text.split()
            for kind, _, verbs in [part.rpartition(".")]
            for verb in verbs.split("|")
        )
        for name, text in stored.items()
    }


def _permissions(role: str, world: World) -> Iterable[str]:
    row = world.find([CUSTOM_ROLE], role, ("id", "name"))
    if row is not None:
        return row.inputs["permissions"]
    if role == "roles/owner":
        return _AllPermissions()
    if role not in predefined_roles():
        raise NotUnderstoodError(f"NotUnderstood: the permissions of {role!r} are not known here")
    return predefined_roles()[role]


class _AllPermissions(frozenset[str]):
    def __contains__(self, item: object) -> bool:
        return True
