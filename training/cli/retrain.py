"""`mlops retrain`."""

from __future__ import annotations

import argparse
from typing import Any

from training import retraining_admission
from training.cli import progress
from training.cli.output import add_json, opened, print_json
from training.cli.released import reason
from training.errors import UserError
from training.runs import runs_of
from training.runs.outcome import NOT_ADMITTED, NOT_PASSED, WAITING, outcome


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--trigger",
        choices=retraining_admission.TRIGGERS,
        default=retraining_admission.MANUAL,
        help="who asks; by hand neither cooldown nor minimum of rows counts",
    )
    parser.add_argument("--why", help="the reason, kept in the stack's store")
    parser.add_argument("--resume", metavar="RUN", help="go on with a failed run: mlops runs")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the training pipeline to its end."""
    if args.resume and args.why is not None:
        raise UserError(f"--why: {args.why!r} is not allowed with --resume")
    platform, model = opened(args)
    runs = runs_of(platform)
    if args.resume:
        record = runs.resume(platform, model, args.resume, progress.show)
    else:
        parameters = {"trigger": args.trigger}
        if args.why is not None:
            retraining_admission.ask(platform.store, model, reason(args))
        record = runs.start(platform, model, "training", parameters, progress.show)
    if args.json:
        fields = ("run", "status", "steps", "results")
        print_json({name: record[name] for name in fields})
    else:
        print(sentence(record))
    return 0


def sentence(record: dict[str, Any]) -> str:
    """The outcome of a training run, in a sentence."""
    result = outcome(record)
    if result.word in (NOT_ADMITTED, NOT_PASSED):
        return f"{result.word}: {result.says}"
    version = record["results"]["register"]["version"]
    if result.word == WAITING:
        return f'version {version} waits for approval: mlops promote {version} --why "..."'
    return f"version {version} is the champion: {record['results']['evaluate']['reason']}"
