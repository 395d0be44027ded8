"""Rules of several fields, as the documentation of Amazon Web Services states them."""

from __future__ import annotations

from dataclasses import replace

from pulumi_simcloud.catalog.aws.documented import (
    buckets,
    deliveries,
    encryption,
    endpoints,
    event_rules,
    execution,
    functions,
    identity,
    keys,
    lifecycles,
    model_monitoring,
    models,
    monitoring,
    network,
    objects,
    parameters,
    queues,
    quotas,
    registries,
    repositories,
    scaling,
    schedules,
    topics,
)
from pulumi_simcloud.catalog.aws.documented.places import near, within
from pulumi_simcloud.kinds import Kind

MODULES = (
    buckets,
    deliveries,
    event_rules,
    schedules,
    functions,
    topics,
    queues,
    execution,
    identity,
    keys,
    monitoring,
    network,
    quotas,
    registries,
    models,
    endpoints,
    model_monitoring,
    scaling,
    lifecycles,
    objects,
    encryption,
    repositories,
    parameters,
)


def documented(kind: Kind) -> Kind:
    """An entry with what the documentation says beside it."""
    rules = [rule for module in MODULES for rule in module.RULES.get(kind.token, ())]
    demands = [demand for module in MODULES for demand in module.DEMANDS.get(kind.token, ())]
    demands += [*near(kind), *within(kind)]
    return replace(kind, rules=(*kind.rules, *rules), demands=(*kind.demands, *demands))


__all__ = ["documented"]
