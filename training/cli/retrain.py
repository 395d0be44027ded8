"""`mlops retrain`."""

from __future__ import annotations

import argparse

from training import retraining_admission
from training.cli import progress
from training.cli.output import add_json, opened, print_json
from training.runs import runs_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--trigger",
        choices=retraining_admission.TRIGGERS,
        default=retraining_admission.MANUAL,
        help="who asks; by hand neither cooldown nor minimum of rows counts",
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with a failed run: mlops runs")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the training pipeline to its end."""
    platform, model = opened(args)
    runs = runs_of(platform)
    if args.resume:
        record = runs.resume(platform, model, args.resume, progress.show)
    else:
        parameters = {"trigger": args.trigger}
        record = runs.start(platform, model, "training", parameters, progress.show)
    if args.json:
        fields = ("run", "status", "steps", "results")
        print_json({name: record[name] for name in fields})
    else:
        print(outcome(record["results"]))
    return 0


def outcome(results: dict[str, dict]) -> str:
    """The outcome of a training run, in a sentence."""
    if not results["admit"]["admitted"]:
        return f"not retrained: {results['admit']['reason']}"
    if not results["evaluate"]["passed"]:
        return f"not registered: {results['evaluate']['reason']}"
    version = results["register"]["version"]
    if "release" not in results:
        return f'version {version} waits for approval: mlops promote {version} --why "..."'
    return f"version {version} is the champion: {results['evaluate']['reason']}"
