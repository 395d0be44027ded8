"""Names that the provider chooses when a program gives none."""

from __future__ import annotations

import random
import uuid
from typing import Any

from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Kind, Name
from pulumi_simcloud.property_values import DEFAULTS, UNKNOWN

SUFFIX = {"aws": ("-", 7), "gcp": ("-", 7), "azure-native": ("", 8)}
# terraform-plugin-sdk, id.UniqueIDSuffixLength: what the provider puts after a given prefix.
AFTER_PREFIX = {"aws": 26}


def with_name(
    kind: Kind,
    resource_name: str,
    old: dict[str, Any],
    new: dict[str, Any],
    seed: bytes,
    proposed: str | None = None,
) -> tuple[dict[str, Any], list[Failure]]:
    """The new inputs with the name that the provider chose, now or in an earlier update."""
    rule = kind.name
    if rule is None or not rule.auto or new.get(rule.property) is not None:
        return new, []
    if rule.prefix and new.get(rule.prefix) is not None:
        if new[rule.prefix] is UNKNOWN:
            return {**new, rule.property: UNKNOWN}, []
        name = _automatic_name(kind, rule, new[rule.prefix], old, seed, separator="")
    else:
        stem = resource_name.lower() if rule.lower else resource_name
        name = proposed or _automatic_name(kind, rule, rule.stem + stem, old, seed)
    if rule.ending and new.get(rule.ending[0]) is True:
        name = name.removesuffix(rule.ending[1]) + rule.ending[1]
    if len(name) > rule.longest:
        reason = f"the automatic name {name!r} is longer than {rule.longest} characters"
        return new, [Failure(rule.property, reason)]
    return {**new, rule.property: name, DEFAULTS: [rule.property]}, []


def is_automatic(kind: Kind, inputs: dict[str, Any]) -> bool:
    """True if the provider chose the resource's name."""
    return kind.name is not None and kind.name.property in inputs.get(DEFAULTS, [])


def _automatic_name(
    kind: Kind,
    rule: Name,
    stem: str,
    old: dict[str, Any],
    seed: bytes,
    separator: str | None = None,
) -> str:
    before = old.get(rule.property) if is_automatic(kind, old) else None
    if isinstance(before, str) and (rule.uuid or before.startswith(stem)):
        return before
    between, length = SUFFIX[kind.cloud]
    if separator is not None:
        between, length = separator, AFTER_PREFIX.get(kind.cloud, length)
    if rule.uuid:
        return str(uuid.UUID(bytes=random.Random(seed or stem).randbytes(16), version=4))
    digits = random.Random(seed or stem).choices("0123456789abcdef", k=length)
    return f"{stem}{between}{''.join(digits)}"
