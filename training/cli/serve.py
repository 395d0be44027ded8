"""`mlops serve`."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path

from training.platform import default_stack, open_platform
from training.serving import logs


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, help="the setting endpoint.port; 0 for any free one")
    parser.add_argument(
        "--no-schedules",
        action="store_true",
        help="only the endpoint and the alarms: neither schedules nor retraining on drift",
    )
    parser.add_argument(
        "--until-eof",
        action="store_true",
        help="stop when the standard input ends, and so with the process that started the server",
    )
    parser.add_argument(
        "--log-format", choices=logs.FORMATS, default=logs.TEXT, help="json: an object a line"
    )
    parser.add_argument("--log-level", choices=logs.LEVELS, default="info")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from training.serving import process
    from training.serving.server import serve

    process.limit_memory()
    platform = open_platform(args.stack or default_stack())
    logs.configure(args.log_format, args.log_level)
    logs.keep(Path(platform.store.uri), logs.SERVER)
    if args.until_eof:
        threading.Thread(target=_stop_at_eof, daemon=True).start()
    serve(platform, port=args.port, schedules=not args.no_schedules)
    return 0


def _stop_at_eof() -> None:
    # Not sys.stdin, whose lock an exit would wait for.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
