"""Output of commands: a table for people, JSON for machines."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from training import clock
from training.errors import UserError
from training.platform import Platform, default_stack, open_platform

SPACE = "  "
# A column is not made narrower, so that a table of many columns stays one.
NARROWEST = 8
RED, GREEN, YELLOW = "31", "32", "33"
COLORS = {
    "ALARM": RED, "failed": RED, "drift": RED,
    "OK": GREEN, "released": GREEN, "champion": GREEN, "no drift": GREEN, "succeeded": GREEN,
    "not retrained": YELLOW, "not registered": YELLOW, "waits for approval": YELLOW,
}  # fmt: skip


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
    """A table in plain text, its columns as wide as they need to be and the terminal allows."""
    cells = [[_cell(value) for value in row] for row in (headings, *rows)]
    natural = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths = _fitted(natural, _terminal_width())
    for number, row in enumerate(cells):
        parts = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*parts, fillvalue=""):
            texts = [_colored(text.ljust(width)) for text, width in zip(line, widths, strict=True)]
            print(SPACE.join(texts).rstrip())
        if number == 0:
            print(SPACE.join("-" * width for width in widths))


def print_fields(fields: Mapping[str, str]) -> None:
    """A line for each field, its value wrapped where the terminal ends."""
    indent = max(map(len, fields)) + len(SPACE)
    most = _terminal_width()
    for name, value in fields.items():
        text = printable(value)
        lines = textwrap.wrap(text, max(NARROWEST, most - indent)) if most else [text]
        print(f"{name:<{indent}}{lines[0] if lines else ''}".rstrip())
        for line in lines[1:]:
            print(f"{'':<{indent}}{line}")


def _wrapped(text: str, width: int) -> list[str]:
    return [text] if len(text) <= width else textwrap.wrap(text, width)


def _fitted(widths: list[int], most: int | None) -> list[int]:
    """The widths of columns that fit into `most` characters: the widest ones give way."""
    result = list(widths)
    while most and sum(result) + len(SPACE) * (len(result) - 1) > most:
        widest = max(range(len(result)), key=lambda index: result[index])
        if result[widest] <= NARROWEST:
            break
        result[widest] -= 1
    return result


def _terminal_width() -> int | None:
    """The columns of the terminal, or those that COLUMNS says; None for a pipe or a file."""
    if os.environ.get("COLUMNS", "").isdecimal() or sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def _colored(text: str) -> str:
    """The text of a cell in the color of its word, where colors are wanted.

    NO_COLOR and FORCE_COLOR as on https://no-color.org and https://force-color.org.
    """
    color = COLORS.get(text.strip())
    return f"\033[{color}m{text}\033[0m" if color and _has_colors() else text


def _has_colors() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def moment(stamp: str | None) -> str:
    """A time stamp in a sentence: to the minute, UTC, and how long ago."""
    return f"{short(stamp)} UTC, {clock.relative(stamp)}" if stamp else "-"


def short(stamp: str | None) -> str:
    """A time stamp without its seconds, for a column whose heading says UTC."""
    return (stamp or "-").replace("T", " ")[:16]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else printable(str(value))


def printable(text: str) -> str:
    """The text without anything that a terminal obeys: others wrote it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
