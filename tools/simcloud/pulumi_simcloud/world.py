"""Looks up the resources of a simulated cloud by what others call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_simcloud.kinds import Kind, Output
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row

SERVICE_IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"


class World:
    """The resources that exist at one moment, indexed by id, ARN, name and other handles.

    In a world that is not `closed`, what is named and isn't among them exists elsewhere. `empty`
    and `agents` are those of `kinds.Existing`.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        catalog: Mapping[str, Kind],
        variables: Mapping[str, Any],
        closed: bool = True,
        empty: bool = False,
        agents: Iterable[str] = (),
    ) -> None:
        self.rows = list(rows)
        self.empty = empty
        identities = [
            row.outputs.get("email") for row in self.rows if row.token == SERVICE_IDENTITY
        ]
        self.agents = frozenset({*agents, *filter(None, identities)})
        self.catalog = catalog
        self.variables = variables
        self.closed = closed
        self._handles: dict[tuple[str, Any], list[tuple[str, Row]]] = {}
        for row in self.rows:
            for handle in catalog[row.token].handles if row.token in catalog else ():
                value = row.id if handle == "id" else _at(row.outputs, handle)
                if isinstance(value, str):
                    key = (row.token, _folded(row.token, value))
                    self._handles.setdefault(key, []).append((handle, row))

    def find(self, tokens: Iterable[str], value: Any, by: tuple[str, ...] = ()) -> Row | None:
        """The resource of one of the types that goes by `value`, None if there is none."""
        for token in tokens:
            for handle, row in self._handles.get((token, _folded(token, value)), ()):
                if not by or handle in by:
                    return row
        return None

    def of(self, token: str) -> list[Row]:
        """The resources of one type."""
        return [row for row in self.rows if row.token == token]

    def kinds_of(self, cloud: str) -> list[Kind]:
        """The catalog's entries for one cloud."""
        return [kind for kind in self.catalog.values() if kind.cloud == cloud]


def _at(values: dict[str, Any], path: str) -> Any:
    return next((value for _, value in select(values, path)), None)


def _folded(token: str, value: Any) -> Any:
    # Resource ids of Azure are compared without regard to case.
    return value.lower() if token.startswith("azure-native:") and isinstance(value, str) else value


def literal_segments(template: Output, separator: str = "/") -> list[str | None]:
    """A path template's segments: text where fixed, None where a field stands."""
    if not isinstance(template, str):
        return []
    parts = template.split(separator)
    return [None if "{" in part else part for part in parts]


def matches_segments(pattern: list[str | None], path: list[str]) -> bool:
    """True if a path has a pattern's shape in its first segments (without regard to case)."""
    if len(path) < len(pattern):
        return False
    pairs = zip(pattern, path, strict=False)
    return all(fixed is None or fixed.lower() == part.lower() for fixed, part in pairs)


def fixed_prefix(template: str) -> str:
    """A template's text before its first field."""
    return re.split(r"\{", template, maxsplit=1)[0]
