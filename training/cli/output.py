"""Output of commands: a table for people, JSON for machines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from typing import Any

from training.errors import UserError
from training.platform import Platform, default_stack, open_platform


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare --json."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def opened(args: argparse.Namespace) -> tuple[Platform, str]:
    """The stack and the model that the command is about."""
    platform = open_platform(args.stack or default_stack())
    return platform, platform.model(args.model)


def version_number(text: str) -> int:
    """The version that the user names; raises UserError if it is no number."""
    if not text.isdecimal() or int(text) == 0:
        raise UserError(f"VERSION: {text!r} is not allowed; allowed: a number of mlops versions")
    return int(text)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, indent=1))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table in plain text, its columns as wide as they need to be."""
    cells = [[_cell(value) for value in row] for row in (headings, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        print("  ".join(map(str.ljust, row, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def short(stamp: str | None) -> str:
    """A time stamp without its seconds."""
    return (stamp or "-").replace("T", " ")[:16]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else printable(str(value))


def printable(text: str) -> str:
    """The text without anything that a terminal obeys: others wrote it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
