"""Rules of several fields, as the documentation of Google Cloud states them."""

from __future__ import annotations

from dataclasses import replace

from pulumi_simcloud.catalog.gcp.documented import (
    buckets,
    data,
    destinations,
    events,
    granted,
    identity,
    logs,
    monitoring,
    places,
    streams,
    tables,
)
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.rules.basic import pattern
from pulumi_simcloud.schema import resource_schema

MODULES = (
    buckets,
    data,
    destinations,
    events,
    granted,
    identity,
    logs,
    monitoring,
    places,
    streams,
    tables,
)


# https://cloud.google.com/resource-manager/docs/creating-managing-projects#before_you_begin: an id,
# in a domain's early projects with its name in front, or the number.
PROJECT = pattern(
    "project",
    r"(?:projects/)?(?:(?:[a-z0-9.-]+\.[a-z]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d+)",
    "a project's id of 6 to 30 characters (lower case, digits, -), or its number",
)


def documented(kind: Kind) -> Kind:
    """An entry with what the documentation says beside it."""
    rules = [PROJECT] if "project" in resource_schema(kind.token).properties else []
    rules += [rule for module in MODULES for rule in module.RULES.get(kind.token, ())]
    demands = [demand for module in MODULES for demand in module.DEMANDS.get(kind.token, ())]
    return replace(kind, rules=(*kind.rules, *rules), demands=(*kind.demands, *demands))


__all__ = ["documented"]
