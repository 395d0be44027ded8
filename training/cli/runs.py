"""`mlops runs`."""

from __future__ import annotations

import argparse
from typing import Any

from training.cli.output import add_json, opened, print_json, print_table, printable, short
from training.errors import UserError
from training.platform import Platform
from training.runs import runs_of
from training.runs.outcome import outcome


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_name", metavar="RUN", nargs="?", help="show one run, with its logs")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the newest runs, or the steps and logs of one."""
    platform, model = opened(args)
    if args.run_name is None:
        return _list(runs_of(platform).recent(platform, model), args.json)
    record = record_of(platform, model, args.run_name)
    if args.json:
        print_json(record)
    else:
        _show(platform, model, record)
    return 0


def record_of(platform: Platform, model: str, name: str) -> dict[str, Any]:
    """The record of a run; raises UserError if there is none of that name."""
    try:
        return runs_of(platform).record(platform, model, name)
    except KeyError:
        raise UserError(f"model {model!r} has no run {name!r}: mlops runs") from None


def _list(records: list[dict[str, Any]], as_json: bool) -> int:
    if as_json:
        print_json([{**record, "outcome": outcome(record).as_json()} for record in records])
    elif not records:
        print("no run yet: mlops retrain")
    else:
        print_table(
            ["run", "pipeline", "outcome", "started (UTC)", "ended (UTC)", "why"],
            map(_row, records),
        )
    return 0


def _row(record: dict[str, Any]) -> list[object]:
    result = outcome(record)
    times = (short(record["started"]), short(record["ended"]))
    return [record["run"], record["pipeline"], result.word, *times, result.says]


def _show(platform: Platform, model: str, record: dict[str, Any]) -> None:
    result = outcome(record)
    print(printable(f"{record['run']}: {result.word} {result.says}".rstrip()))
    for name, entry in record["steps"].items():
        print(f"\n{name}: {entry['status']}")
        log = runs_of(platform).log(platform, model, record["run"], name)
        print("".join(f"  {line}\n" for line in log.splitlines()), end="")
