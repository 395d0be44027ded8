"""``python -m training.drift``: the drift commands by themselves."""

from __future__ import annotations

import argparse
import sys

from training.drift import command
from training.errors import UserError


def main() -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="drift", description="Drift checks on any two tables.")
    command.configure(parser.add_subparsers(dest="command", required=True))
    try:
        return command.run(parser.parse_args())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
