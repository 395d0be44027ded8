"""Compares what a program asked for before and now, property by property."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.platforms import PLACES
from pulumi_simcloud.values import DEFAULTS, SIGNATURE, UNKNOWN, is_asset, join

ADD, DELETE, UPDATE = "ADD", "DELETE", "UPDATE"


@dataclass(frozen=True)
class Change:
    """One property that differs: its path, `ADD`, `DELETE` or `UPDATE`, and whether it replaces."""

    path: str
    kind: str
    replaces: bool


def changes(kind: Kind, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Every difference between old and new inputs, at the deepest path it can be named."""
    return [Change(path, what, replaces(kind, path)) for path, what in _compare(old, new, "")]


def replaces(kind: Kind, path: str) -> bool:
    """Whether a change at a path needs a new resource."""
    plain = re.sub(r"\[[^\]]*\]", "", path)
    if _is_at(plain, kind.mutable):
        return False
    return kind.immutable or _is_at(plain, (*kind.replace, *PLACES[kind.cloud]))


def _is_at(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}.") for prefix in prefixes)


def _compare(old: Any, new: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        if is_asset(old) or is_asset(new):
            if _content(old) != _content(new):
                yield path, UPDATE
            return
        for key in sorted((old.keys() | new.keys()) - {DEFAULTS, SIGNATURE}):
            yield from _member(old.get(key), new.get(key), join(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _member(before, after, f"{path}[{index}]")
    elif new is UNKNOWN or old != new:
        yield path, UPDATE


def _member(old: Any, new: Any, path: str) -> Iterator[tuple[str, str]]:
    if old is None and new is None:
        return
    if old is None:
        yield path, ADD
    elif new is None:
        yield path, DELETE
    else:
        yield from _compare(old, new, path)


def _content(asset: Any) -> Any:
    return asset.get("hash") if is_asset(asset) else asset
