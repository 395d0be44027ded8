"""Rules of several fields, as the documentation of Microsoft Azure states them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pulumi_simcloud.catalog.azure.documented import (
    accounts,
    alerts,
    answers,
    base,
    ids,
    learning,
    limits,
    machinelearning,
    monitoring,
    networks,
    places,
    sizes,
    storage,
)
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Inputs, Kind
from pulumi_simcloud.rules.basic import PathRule
from pulumi_simcloud.schema import resource_schema

ASSIGNED = re.compile(r"(?i)/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+$")
MODULES = (
    accounts,
    alerts,
    answers,
    base,
    ids,
    learning,
    limits,
    machinelearning,
    monitoring,
    networks,
    places,
    sizes,
    storage,
)


def _identity(inputs: Inputs) -> Iterator[Failure]:
    """Identities that a user assigns are named, and only where the type has them.

    learn.microsoft.com, "Managed identities": MissingIdentityIds, InvalidIdentityIds.
    """
    identity = inputs.get("identity")
    if not isinstance(identity, dict) or not isinstance(identity.get("type"), str):
        return
    assigned = identity.get("userAssignedIdentities")
    asks = "UserAssigned" in identity["type"]
    if asks and not assigned:
        yield Failure("identity.userAssignedIdentities", "missing: needed with type UserAssigned")
    for name in assigned if isinstance(assigned, list | dict) else ():
        if isinstance(name, str) and not ASSIGNED.search(name):
            yield Failure("identity.userAssignedIdentities", f"InvalidIdentityIds: {name!r}")
    if assigned and not asks:
        yield Failure("identity.userAssignedIdentities", f"not with type {identity['type']}")


def documented(kind: Kind) -> Kind:
    """An entry with what the documentation says beside it."""
    rules = [rule for module in MODULES for rule in module.RULES.get(kind.token, ())]
    demands = [demand for module in MODULES for demand in module.DEMANDS.get(kind.token, ())]
    if "identity" in resource_schema(kind.token).properties:
        rules.append(PathRule(("identity.userAssignedIdentities", "identity.type"), _identity))
    return replace(kind, rules=(*kind.rules, *rules), demands=(*kind.demands, *demands))


__all__ = ["documented"]
