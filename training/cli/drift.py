"""`mlops drift`: the stack's drift check, or a comparison of any two tables."""

from __future__ import annotations

import argparse
from typing import Any

from training import runs
from training.cli import progress
from training.cli.output import add_json, opened, print_json
from training.drift import command
from training.drift.verdict import INSUFFICIENT_DATA


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)
    parser.epilog = "Exit code: 0 no drift, 3 drift, 4 insufficient data, 1 error."
    command.configure(parser.add_subparsers(metavar="compare|profile", dest="command"))


def run(args: argparse.Namespace) -> int:
    """Run the check; the exit code is the verdict."""
    return command.run(args) if args.command else _check(args)


def _check(args: argparse.Namespace) -> int:
    platform, model = opened(args)
    show = progress.silent if args.json else progress.show
    record = runs.runs_of(platform).start(platform, model, "drift-check", {}, show)
    check = record["results"]["drift"]
    report = f"{platform.store.uri}/{runs.folder(model, check['run'])}/outputs/drift/report.html"
    if args.json:
        print_json(check)
    elif check["version"] is None:
        print(f"{check['verdict']}: no release yet, so nothing serves and nothing can drift")
    else:
        print(f"{check['verdict']}: {check['rows']} rows against version {check['version']}")
        # A run that was started by an older version of this program has none.
        if check["verdict"] == INSUFFICIENT_DATA and check.get("reason"):
            print(f"  {check['reason']} (drift.minRows)")
        for name in check["drifted"]:
            # A column that is gone, or the model's metric, has no effect.
            effect = f"effect {check['effects'][name]:.3f}" if name in check["effects"] else ""
            print(f"  {name:<24} {effect}".rstrip())
        print(_measured(check["performance"]))
        print(f"report: {report}")
    return command.EXIT_CODES[check["verdict"]]


def _measured(metric: dict[str, Any]) -> str:
    """The model's metric on the requests whose labels have arrived, in a line."""
    if metric["value"] is None or metric["low"] is None:
        return f"{metric['metric']}: {metric['note'] or 'too few labels of these requests so far'}"
    interval = f"{metric['low']:.4f} to {metric['high']:.4f}"
    return (
        f"{metric['metric']}: {metric['value']:.4f} ({interval}) on "
        f"{metric['labeled']} labeled requests, {metric['holdout']:.4f} on the holdout"
    )
