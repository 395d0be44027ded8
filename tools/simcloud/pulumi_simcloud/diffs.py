"""Compares what a program asked for before and now, property by property."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi_simcloud.constraints.relations import paths_that_replace, relations
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.platforms import PLACES
from pulumi_simcloud.property_values import DEFAULTS, SIGNATURE, UNKNOWN, is_asset, join, leaves

ADD, DELETE, UPDATE = "ADD", "DELETE", "UPDATE"
STEP = re.compile(r"\[\*\]|\[\d+\]|\[\"((?:[^\"\\]|\\.)*)\"\]|[^.\[\]]+")


@dataclass(frozen=True)
class Change:
    """One property that differs: its path, `ADD`, `DELETE` or `UPDATE`, and whether it replaces."""

    path: str
    kind: str
    replaces: bool


@dataclass(frozen=True)
class Stated:
    """The paths of a type that the table of relations knows, and those that replace."""

    paths: frozenset[str]
    replacing: frozenset[str]
    sets: frozenset[str]

    def known_path(self, path: str) -> str:
        """The deepest known path at or above a property path; empty if there is none."""
        deepest = ""
        for step in STEP.finditer(path):
            name = step.group()
            deeper = f"{deepest}.{name}" if deepest else name
            if not name.startswith("[") and deeper in self.paths:
                deepest = deeper
            elif f"{deepest}[*]" in self.paths:
                deepest = f"{deepest}[*]"
            else:
                return deepest
        return deepest


@cache
def stated(kind_token: str, template: str) -> Stated:
    """Facts about a type's properties; `template` is its id's."""
    related = relations(kind_token)
    paths: set[str] = set()
    for path in related.properties if related else ():
        for end in [match.end() for match in STEP.finditer(path)]:
            paths.add(path[:end])
    replacing = set(paths_that_replace(kind_token))
    if kind_token.startswith("azure-native:"):
        # Every part of the id replaces (pulumi-azure-native, provider/diff.go).
        replacing |= set(re.findall(r"\{(\w+)\}", template))
    paths |= replacing
    sets = {
        path for path, rules in (related.properties if related else {}).items() if "set" in rules
    }
    return Stated(frozenset(paths), frozenset(replacing), frozenset(sets))


def changes(kind: Kind, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Every difference between old and new inputs, at the deepest path it can be named."""
    facts = _stated(kind)
    return [
        Change(
            path,
            difference,
            replaces(kind, path, before, after) or _changes_over(kind, path, old, new),
        )
        for path, difference, before, after in _compare(old, new, "", facts)
    ]


def replaces(kind: Kind, path: str, old: Any = None, new: Any = None) -> bool:
    """True if a change at a path, from one value to another, needs a new resource.

    The table of relations decides where it knows the property; the catalog's `immutable`,
    `replace` and `mutable` where it doesn't.
    """
    facts = _stated(kind)
    if is_decided(kind, path):
        if _replaces(facts, path):
            return True
        # A whole block that comes or goes changes all that is in it.
        inner = [deeper for value in (old, new) for deeper, _ in leaves(value, path)]
        return any(
            deeper != path and facts.known_path(deeper) in facts.replacing for deeper in inner
        )
    plain = re.sub(r"\[[^\]]*\]", "", path)
    if _is_at(plain, kind.mutable):
        return False
    return kind.immutable or _is_at(plain, (*kind.replace, *PLACES[kind.cloud]))


def is_decided(kind: Kind, path: str) -> bool:
    """True if the table of relations decides whether a change of the property replaces."""
    facts, related = _stated(kind), relations(kind.token)
    top = re.split(r"[.\[]", path, maxsplit=1)[0]
    if related is not None and kind.cloud == "azure-native":
        return related.replaces is not None or top in facts.replacing
    return top in facts.paths


def _stated(kind: Kind) -> Stated:
    return stated(kind.token, kind.id if isinstance(kind.id, str) else "")


def _replaces(facts: Stated, path: str) -> bool:
    stated_path = facts.known_path(path)
    above = stated_path.removesuffix("[*]")
    # The members of a list or a map of plain values replace as the whole does, and so do those
    # that come or go.
    return stated_path in facts.replacing or (path.endswith("]") and above in facts.replacing)


def _changes_over(kind: Kind, path: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """True if a condition of the catalog on old and new inputs makes a change replace."""
    top = re.split(r"[.\[]", path, maxsplit=1)[0]
    condition = kind.replace_if.get(top)
    return condition is not None and condition(old, new)


def _is_at(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}.") for prefix in prefixes)


def _compare(old: Any, new: Any, path: str, facts: Stated) -> Iterator[tuple[str, str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        if is_asset(old) or is_asset(new):
            if _content(old) != _content(new):
                yield path, UPDATE, None, None
            return
        for key in sorted((old.keys() | new.keys()) - {DEFAULTS, SIGNATURE}):
            yield from _member(old.get(key), new.get(key), join(path, key), facts)
    elif isinstance(old, list) and isinstance(new, list):
        if facts.known_path(path) in facts.sets:
            # The order of a set's items is no difference.
            old, new = _without(old, new), _without(new, old)
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _member(before, after, f"{path}[{index}]", facts)
    elif new is UNKNOWN or old != new:
        yield path, UPDATE, old, new


def _without(items: list[Any], excluded: list[Any]) -> list[Any]:
    remaining = list(excluded)
    result = []
    for item in items:
        if item in remaining:
            remaining.remove(item)
        else:
            result.append(item)
    return result


def _member(old: Any, new: Any, path: str, facts: Stated) -> Iterator[tuple[str, str, Any, Any]]:
    if old is None and new is None:
        return
    if old is None:
        yield path, ADD, None, new
    elif new is None:
        yield path, DELETE, old, None
    else:
        yield from _compare(old, new, path, facts)


def _content(asset: Any) -> Any:
    return asset.get("hash") if is_asset(asset) else asset
