"""Rules of several fields, as the documentation of Amazon Web Services states them."""

from __future__ import annotations

from dataclasses import replace

from pulumi_simcloud.catalog.aws.documented import (
    buckets,
    deliveries,
    events,
    execution,
    identity,
    keys,
    monitoring,
    network,
    quotas,
    registries,
    sagemaker,
    storage,
)
from pulumi_simcloud.catalog.aws.documented.places import near, within
from pulumi_simcloud.kinds import Kind

MODULES = (
    buckets,
    deliveries,
    events,
    execution,
    identity,
    keys,
    monitoring,
    network,
    quotas,
    registries,
    sagemaker,
    storage,
)


def documented(kind: Kind) -> Kind:
    """An entry with what the documentation says beside it."""
    rules = [rule for module in MODULES for rule in module.RULES.get(kind.token, ())]
    demands = [demand for module in MODULES for demand in module.DEMANDS.get(kind.token, ())]
    demands += [*near(kind), *within(kind)]
    return replace(kind, rules=(*kind.rules, *rules), demands=(*kind.demands, *demands))


__all__ = ["documented"]
