"""`mlops console`: the pages of any stack, on this computer."""

from __future__ import annotations

import argparse

from training.platform import default_stack, open_platform
from training.serving import logs


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, default=0, help="the port (any free one)")
    parser.add_argument(
        "--actions",
        action="store_true",
        help="let its pages promote, roll back, retrain and silence, with your rights",
    )
    parser.add_argument(
        "--json", action="store_true", help="print each address as JSON, an object a line"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from training.console import server

    platform = open_platform(args.stack or default_stack())
    logs.configure()
    server.run(platform, port=args.port, acts=args.actions, as_json=args.json)
    return 0
