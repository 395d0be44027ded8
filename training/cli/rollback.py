"""`mlops rollback`."""

from __future__ import annotations

import argparse

from training import deployment
from training.cli.output import add_json, opened
from training.cli.released import add_why, reason, report, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_why(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Go one release back and see that it is served."""
    why = reason(args)
    platform, model = opened(args)
    record, in_service = deployment.rollback(platform, model, why=why, say=say)
    report(record, in_service, model, args.json)
    return 0
