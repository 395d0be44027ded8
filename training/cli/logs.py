"""`mlops logs`: the log of the endpoint, or of a run's steps."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training.cli.output import add_json, opened, print_json, printable
from training.cli.runs import record_of
from training.endpoint import endpoint_of
from training.errors import UserError
from training.platform import Platform
from training.runs import runs_of
from training.serving import logs

LINES = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_name", metavar="RUN", nargs="?", help="a run's; else the server's")
    parser.add_argument("--step", help="only this step of the run")
    parser.add_argument("-n", "--lines", type=int, help=f"the newest lines ({LINES}; of a run all)")
    parser.add_argument("--level", choices=logs.LEVELS, help="the server's: from this level on")
    parser.epilog = "On a cloud the endpoint's log is the service's: the command says where it is."
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print a log."""
    if args.lines is not None and args.lines < 1:
        raise UserError(f"--lines: {args.lines} is not allowed; allowed: 1 or more")
    if args.step and not args.run_name:
        raise UserError(f"--step {args.step} is of a run: mlops logs RUN --step {args.step}")
    if args.level and args.run_name:
        raise UserError("--level is of the server's log; a run's lines have no level")
    platform, model = opened(args)
    if args.run_name:
        _print_run(platform, model, args)
    elif platform.target == "local":
        _print_server(platform, args)
    else:
        place = endpoint_of(platform).log_address(platform, model)
        if args.json:
            print_json({"log": place})
        else:
            print(f"the log of the endpoint of {model} is at {place}")
    return 0


def _print_run(platform: Platform, model: str, args: argparse.Namespace) -> None:
    name = args.run_name
    steps = list(record_of(platform, model, name)["steps"])
    if args.step and args.step not in steps:
        begun = ", ".join(steps) or "none"
        raise UserError(f"run {name!r} has no step {args.step!r}; those that began: {begun}")
    texts = {
        step: runs_of(platform).log(platform, model, name, step).splitlines()[-(args.lines or 0) :]
        for step in steps
        if args.step in (None, step)
    }
    if args.json:
        print_json({"run": name, "model": model, "steps": texts})
        return
    for step, lines in texts.items():
        for line in lines:
            print(printable(f"{step}: {line}"))


def _print_server(platform: Platform, args: argparse.Namespace) -> None:
    entries = logs.read(Path(platform.store.uri), args.lines or LINES, args.level or "debug")
    if args.json:
        print_json(entries)
    elif not entries:
        level = f" from level {args.level} on" if args.level else ""
        place = endpoint_of(platform).log_address(platform, platform.models[0])
        print(f"no line is kept in {place}{level}: mlops serve")
    for entry in () if args.json else entries:
        print(_line(entry))


def _line(entry: dict[str, Any]) -> str:
    ids = "".join(f" {name}={entry[name]}" for name in logs.FIELDS if name in entry)
    text = printable(f"{entry['at']} {entry['level'].upper()} {entry['message']}{ids}")
    trace = str(entry.get("error", "")).splitlines()
    return "\n".join([text, *(f"  {printable(line)}" for line in trace)])
