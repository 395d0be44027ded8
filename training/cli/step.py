"""`mlops step`: one pipeline step in this process."""

from __future__ import annotations

import argparse

from training.runs.warm import run_step
from training.steps import NAMES


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="mlops step NAME --help")


def run(args: argparse.Namespace) -> int:
    """Run the step; 0, or 1 for what the user can mend."""
    return run_step(args.name, args.arguments)
