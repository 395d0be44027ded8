"""`mlops promote`."""

from __future__ import annotations

import argparse

from training import deployment
from training.cli.output import add_json, opened
from training.cli.released import report, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", type=int, help="the version's number: mlops versions")
    parser.add_argument("--why", default="promoted by hand", help="kept in the release record")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Release the version and see that it is served."""
    platform, model = opened(args)
    record, served = deployment.promote(platform, model, args.version, why=args.why, say=say)
    report(record, served, model, args.json)
    return 0
