"""Targets that are in the code: tests of one that was taken out are left out with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pytest

from components import targets

Row = TypeVar("Row")

CLOUDS = tuple(name for name in targets.names() if name != targets.LOCAL)


def has(target: str) -> bool:
    """Whether the code has this target."""
    return target in targets.names()


def allowed_targets(*names: str) -> str:
    """Those of the targets that are in the code, as an error lists what is allowed."""
    return ", ".join(filter(has, names))


def only(table: Mapping[str, Row]) -> dict[str, Row]:
    """The rows of a table by targets, or by stacks such as ``aws-dev``, whose target there is."""
    return {name: row for name, row in table.items() if has(name.partition("-")[0])}


def needs(*names: str) -> pytest.MarkDecorator:
    """A mark that skips a test unless the code has all of these targets."""
    absent_targets = [name for name in names if not has(name)]
    return pytest.mark.skipif(
        bool(absent_targets), reason=f"the code has no target {absent_targets}"
    )
