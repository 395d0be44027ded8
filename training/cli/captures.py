"""`mlops captures`: captured requests by their ids, as a drift report or an answer names them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training.cli.output import add_json, opened, print_fields, print_json, print_table
from training.errors import UserError

# Rows of one request that a terminal shows; --json has all.
MOST_ROWS = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "ids", metavar="ID", nargs="+", help="request ids: of a report, or of an answer"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the captured rows of some requests."""
    from training.captures import local

    platform, model = opened(args)
    if platform.target != "local":
        raise UserError(
            f"the captures of stack {platform.stack!r} are in its cloud: docs/drift.md says where"
        )
    folder = Path(platform.store.uri) / f"models/{model}/captures"
    rows = local.find(folder, args.ids)
    missing = [name for name in args.ids if name not in rows]
    if missing:
        raise UserError(
            f"model {model!r} has no capture of {', '.join(map(repr, missing))}; captures are kept "
            "for retentionDays, of endpoint.capturePercent of the requests"
        )
    if args.json:
        print_json([row for name in args.ids for row in rows[name]])
        return 0
    for place, name in enumerate(dict.fromkeys(args.ids)):
        print("\n" * bool(place), end="")
        _print(rows[name])
    return 0


def _print(rows: list[dict[str, Any]]) -> None:
    if len(rows) == 1:
        print_fields({name: _text(value) for name, value in rows[0].items()})
        return
    print_table(list(rows[0]), [list(map(_text, row.values())) for row in rows[:MOST_ROWS]])
    if len(rows) > MOST_ROWS:
        print(f"and {len(rows) - MOST_ROWS} more: --json")


def _text(value: Any) -> str:
    return "-" if value is None else str(value)
