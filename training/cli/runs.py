"""`mlops runs`."""

from __future__ import annotations

import argparse
from typing import Any

from training import clock
from training.cli.output import (
    add_json,
    opened,
    print_fields,
    print_json,
    print_table,
    printable,
    short,
)
from training.errors import UserError
from training.platform import Platform
from training.runs import runs_of
from training.runs.outcome import outcome

# Most of a record, and alike in most of them: of one run `mlops runs RUN --json` has it.
DEFINITION = "definition"


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
        print_json([_summary(record) for record in records])
    elif not records:
        print("no run yet: mlops retrain")
    else:
        print_table(
            ["run", "pipeline", "outcome", "started (UTC)", "ended (UTC)", "why"],
            map(_row, records),
        )
    return 0


def _summary(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its outcome, without the pipeline's definition."""
    fields = {name: value for name, value in record.items() if name != DEFINITION}
    return {**fields, "outcome": outcome(record).as_json()}


def _row(record: dict[str, Any]) -> list[object]:
    result = outcome(record)
    times = (short(record["started"]), short(record["ended"]))
    return [record["run"], record["pipeline"], result.word, *times, result.says]


def _show(platform: Platform, model: str, record: dict[str, Any]) -> None:
    """Print a run's outcome, the times of its steps, and their logs."""
    result = outcome(record)
    print_fields(
        {
            "run": record["run"],
            "outcome": ": ".join(filter(None, [result.word, result.says])),
            "started": f"{short(record['started'])} UTC",
            "ended": f"{short(record['ended'])} UTC" if record["ended"] else "-",
        }
    )
    steps = record["steps"]
    if steps:
        print()
        print_table(
            ["step", "status", "started (UTC)", "took"],
            [
                [
                    name,
                    step["status"],
                    _second(step.get("started")),
                    clock.duration(step.get("seconds")),
                ]
                for name, step in steps.items()
            ],
        )
    for name in steps:
        log = runs_of(platform).log(platform, model, record["run"], name)
        if log:
            print(f"\n{name}:")
            print("".join(f"  {printable(line)}\n" for line in log.splitlines()), end="")


def _second(stamp: str | None) -> str:
    """A time stamp to the second: steps follow one another within a minute."""
    return (stamp or "-").replace("T", " ")[:19]
