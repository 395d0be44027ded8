"""`mlops alerts test`: whether a notice reaches the receivers of a stack."""

from __future__ import annotations

import argparse
import sys

from training.cli.output import add_json, opened, print_json, print_table
from training.errors import UserError
from training.monitoring import Alarm
from training.monitoring.local import DOCUMENT
from training.serving import webhooks
from training.serving.monitor import notice

# The runbook has a place for it, as for each alarm.
TEST = Alarm("test", "TEST", None, 0, "somebody tries whether notices arrive; nothing is wrong")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("action", choices=["test"], help="send a test notice to each receiver")
    parser.epilog = "Exit code: 0 each receiver took it, 1 one did not or there is none."
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Send to each receiver of `alerts`, once, and print what came of it."""
    platform, model = opened(args)
    if platform.target != "local":
        raise UserError(
            f"the notices of stack {platform.stack!r} are sent by the service: docs/"
            f"{platform.target}.md says how to try them"
        )
    receivers = platform.part(model, DOCUMENT)["webhooks"]
    if not receivers:
        raise UserError(
            "mlops:alerts.webhooks and alerts.emails are empty: nobody is told of an alarm"
        )
    event = notice(platform, model, TEST, reason=TEST.name)
    rows = []
    for receiver in receivers:
        host = webhooks.host(receiver)
        print(f"sending to {host}", file=sys.stderr)
        failure = webhooks.post_once(receiver, event)
        rows.append((host, failure and str(failure)))
    if args.json:
        print_json([{"receiver": host, "error": error} for host, error in rows])
    else:
        print_table(
            ["receiver", "the notice"],
            [[host, f"failed: {error}" if error else "was taken"] for host, error in rows],
        )
    return int(any(error for _, error in rows))
