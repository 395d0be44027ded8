"""`mlops serve`."""

from __future__ import annotations

import argparse

from training.platform import default_stack, open_platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, help="the setting endpoint.port; 0 for any free one")
    parser.add_argument(
        "--no-schedules",
        action="store_true",
        help="only the endpoint and the alarms: neither schedules nor retraining on drift",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from training.serving.server import serve

    platform = open_platform(args.stack or default_stack())
    serve(platform, port=args.port, schedules=not args.no_schedules)
    return 0
