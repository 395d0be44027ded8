"""`mlops rollback`."""

from __future__ import annotations

import argparse

from training import deployment
from training.cli.output import add_json, opened
from training.cli.released import report, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--why", default="rolled back by hand", help="kept in the release record")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Go one release back and see that it is served."""
    platform, model = opened(args)
    record, served = deployment.rollback(platform, model, why=args.why, say=say)
    report(record, served, model, args.json)
    return 0
