"""Permissions: which calls an operation makes, and whether the caller may make them.

A cloud without a principal allows everything. With one, each create, read, update and delete is
turned into the calls that the provider makes for it, and each call is looked up in the roles,
policies and assignments that exist in the simulated cloud. What an evaluator does not understand
(a condition, a managed policy that it has no text of) refuses, and says so.

``catalog/<cloud>/permissions.py`` has an ``AUTHORITY`` for its cloud with tables to extend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from pulumi_simcloud.catalog import CLOUDS
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.kinds import Inputs, Kind
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World


@dataclass(frozen=True)
class Call:
    """One call of a service's API: the action or permission that it needs, and on what.

    `context` holds what conditions can ask about, by the cloud's own keys in lower case.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """An operation of the engine on one resource: `create`, `read`, `update` or `delete`.

    `old` are the inputs before an update.
    """

    name: str
    kind: Kind
    row: Row
    old: Inputs | None = None


# Calls of which one has to be allowed: several where what is called depends on what changes.
Need = tuple[Call, ...]


class DeniedError(CloudError):
    """The principal may not do it."""


class NotUnderstoodError(CloudError):
    """A role, policy or condition that the simulated cloud cannot evaluate."""


class Authority(Protocol):
    """The evaluator of one cloud's permissions."""

    def needs(self, operation: Operation, world: World) -> Iterable[Need]:
        """The calls of an operation.

        Raises:
            NotUnderstoodError: the calls of the type are not known.
        """
        ...

    def invoked(self, token: str, world: World) -> Iterable[Need]:
        """The calls of a provider function."""
        ...

    def refusal(self, principal: str, call: Call, world: World) -> str | None:
        """The reason that the principal may not make a call; None if it may.

        Raises:
            NotUnderstoodError: what decides it cannot be evaluated.
        """
        ...

    def runs(self, row: Row, world: World) -> Iterable[tuple[str, Need]]:
        """Calls of the service as a role, once what a row describes runs: (principal, calls)."""
        ...


@cache
def authority(cloud: str) -> Authority:
    """The evaluator of a cloud (`aws`, `azure-native`, `gcp`)."""
    return import_module(f"pulumi_simcloud.catalog.{CLOUDS[cloud][0]}.permissions").AUTHORITY


def authorize(principal: str, operation: Operation, world: World) -> None:
    """Refuses an operation that the principal may not do.

    Raises:
        DeniedError: with every call that is refused, and why.
        NotUnderstoodError: what decides it cannot be evaluated.
    """
    deciding = authority(operation.kind.cloud)
    _refuse(deciding, principal, deciding.needs(operation, world), world)


def authorize_function(principal: str, cloud: str, token: str, world: World) -> None:
    """Refuses a provider function that the principal may not call; raises as `authorize`."""
    deciding = authority(cloud)
    _refuse(deciding, principal, deciding.invoked(token, world), world)


def lacking(world: World, cloud: str) -> Iterator[str]:
    """Permissions that the roles of jobs, schedules and endpoints lack once these run."""
    deciding = authority(cloud)
    for row in world.rows:
        if row.token.startswith(f"{cloud}:"):
            for principal, need in deciding.runs(row, world):
                reasons = _reasons(deciding, principal, need, world)
                if reasons:
                    yield f"{row.id}: {reasons}"


def _refuse(deciding: Authority, principal: str, needs: Iterable[Need], world: World) -> None:
    refused = dict.fromkeys(
        reasons for need in needs if (reasons := _reasons(deciding, principal, need, world))
    )
    if refused:
        raise DeniedError(f"AccessDenied: {'; '.join(refused)}")


def _reasons(deciding: Authority, principal: str, need: Need, world: World) -> str:
    """The reasons that none of the calls is allowed; empty if one is."""
    reasons = []
    for call in need:
        reason = deciding.refusal(principal, call, world)
        if reason is None:
            return ""
        reasons.append(f"{principal} may not {call.action} on {call.resource} ({reason})")
    return " nor ".join(reasons)


__all__ = [
    "Authority",
    "Call",
    "DeniedError",
    "Need",
    "NotUnderstoodError",
    "Operation",
    "authority",
    "authorize",
    "authorize_function",
    "lacking",
]
