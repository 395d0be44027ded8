"""`mlops logs`: the log of the endpoint, or of a run's steps."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from training.cli.output import add_json, opened, print_json, printable
from training.cli.runs import record_of
from training.endpoint import endpoint_of
from training.errors import UserError
from training.platform import Platform
from training.runs import RUNNING, follow, runs_of
from training.serving import logs

LINES = 100
POLL_SECONDS = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_name", metavar="RUN", nargs="?", help="a run's; else the server's")
    parser.add_argument("--step", help="only this step of the run")
    parser.add_argument("-n", "--lines", type=int, help=f"the newest lines ({LINES}; of a run all)")
    parser.add_argument("--level", choices=logs.LEVELS, help="the server's: from this level on")
    parser.add_argument(
        "-f", "--follow", action="store_true",
        help="go on with what comes, until interrupted or the run ends",
    )  # fmt: skip
    parser.epilog = (
        "On a cloud the endpoint's log is the service's: the command says where it is. With "
        "--follow and --json: an object a line."
    )
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
        print_lines = _follow_run if args.follow else _print_run
        print_lines(platform, model, args)
    elif platform.target == "local":
        print_entries = _follow_server if args.follow else _print_server
        print_entries(platform, args)
    elif args.follow:
        raise UserError(f"--follow: the endpoint's log is the service's: {_place(platform, model)}")
    else:
        place = _place(platform, model)
        if args.json:
            print_json({"log": place})
        else:
            print(f"the log of the endpoint of {model} is at {place}")
    return 0


def _place(platform: Platform, model: str) -> str:
    return endpoint_of(platform).log_address(platform, model)


def _print_run(platform: Platform, model: str, args: argparse.Namespace) -> None:
    name = args.run_name
    steps = list(record_of(platform, model, name)["steps"])
    _check_step(args, steps)
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


def _check_step(args: argparse.Namespace, steps: list[str]) -> None:
    if args.step and args.step not in steps:
        names = ", ".join(steps) or "none"
        raise UserError(
            f"run {args.run_name!r} has no step {args.step!r}; those that began: {names}"
        )


def _follow_run(platform: Platform, model: str, args: argparse.Namespace) -> None:
    """Print lines as they come, until the run has ended."""
    back, name = runs_of(platform), args.run_name
    printed: dict[str, int] = {}
    while True:
        # First the record: of a run that is over by then all lines are there.
        record = record_of(platform, model, name)
        is_over = record["status"] != RUNNING
        if is_over:
            _check_step(args, list(record["steps"]))
        for step in record["steps"]:
            if args.step not in (None, step):
                continue
            lines = back.log(platform, model, name, step).splitlines(keepends=True)
            if lines and not is_over and not lines[-1].endswith("\n"):
                lines.pop()  # it is being written
            first = max(0, len(lines) - args.lines) if args.lines else 0
            for line in lines[printed.get(step, first) :]:
                text = line.rstrip("\r\n")
                fields = {"run": name, "step": step, "line": text}
                output = json.dumps(fields) if args.json else printable(f"{step}: {text}")
                print(output, flush=True)
            printed[step] = len(lines)
        if is_over:
            return
        time.sleep(POLL_SECONDS if platform.target == "local" else follow.POLL_SECONDS)


def _follow_server(platform: Platform, args: argparse.Namespace) -> None:
    """Print the newest lines, then what comes, until interrupted."""
    store, level = Path(platform.store.uri), args.level or "debug"
    with logs.Tail(store) as tail:
        entries = logs.read(store, args.lines or LINES, level)
        # What was written between the two is in both.
        newer = [entry for entry in tail.read(level) if entry not in entries]
        while True:
            for entry in (*entries, *newer):
                print(json.dumps(entry) if args.json else _line(entry), flush=True)
            time.sleep(POLL_SECONDS)
            entries, newer = [], tail.read(level)


def _print_server(platform: Platform, args: argparse.Namespace) -> None:
    entries = logs.read(Path(platform.store.uri), args.lines or LINES, args.level or "debug")
    if args.json:
        print_json(entries)
    elif not entries:
        level = f" from level {args.level} on" if args.level else ""
        place = _place(platform, platform.models[0])
        print(f"no line is kept in {place}{level}: mlops serve")
    for entry in () if args.json else entries:
        print(_line(entry))


def _line(entry: dict[str, Any]) -> str:
    ids = "".join(f" {name}={entry[name]}" for name in logs.FIELDS if name in entry)
    text = printable(f"{entry['at']} {entry['level'].upper()} {entry['message']}{ids}")
    trace = str(entry.get("error", "")).splitlines()
    return "\n".join([text, *(f"  {printable(line)}" for line in trace)])
