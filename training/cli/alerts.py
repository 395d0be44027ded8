"""`mlops alerts`: whether a notice reaches the receivers of a stack, a look at its alarms from
outside the server, and silences."""

from __future__ import annotations

import argparse
import sys

from training.cli.output import add_json, opened, print_json, print_table, short
from training.cli.released import add_why, reason
from training.cli.status import ALARMING
from training.errors import UserError
from training.monitoring import ALARM, Alarm, monitoring_of, silences
from training.monitoring.local import DOCUMENT, mark_dead
from training.platform import Platform, default_stack, open_platform
from training.serving import address, webhooks
from training.serving.monitor import Monitor, notice

# The runbook has a place for it, as for each alarm.
TEST = Alarm("test", "TEST", None, 0, "somebody tries whether notices arrive; nothing is wrong")
HOURS = 4.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    test = actions.add_parser("test", help="send a test notice to each receiver")
    test.epilog = "Exit code: 0 each receiver took it, 1 one did not or there is none."
    silence = actions.add_parser("silence", help="send no notices of an alarm for a time")
    silence.add_argument("alarm", help="the alarm's name: mlops status")
    silence.add_argument(
        "--hours", type=float, default=HOURS,
        help=f"for so long ({HOURS:g}); at most {silences.MOST_HOURS:g}, and 0 ends a silence",
    )  # fmt: skip
    add_why(silence)
    check = actions.add_parser(
        "check", help="look at the alarms once and tell what nobody told, as for a dead server"
    )
    check.epilog = (
        "For cron and systemd timers: prints only what it tells. Exit code: 0 no alarm is on, "
        f"{ALARMING} one is, 1 error."
    )
    for child in (test, silence, check):
        add_json(child)


def run(args: argparse.Namespace) -> int:
    """Send a test notice, look at the alarms, or silence one."""
    return {"silence": _silence, "check": _check, "test": _test}[args.action](args)


def _silence(args: argparse.Namespace) -> int:
    why = reason(args)
    platform, model = opened(args)
    record = silences.silence(platform, model, args.alarm, args.hours, why=why)
    if args.json:
        print_json(record)
    elif args.hours:
        print(f"no notices of {args.alarm} of {model!r} until {short(record['until'])} UTC")
    else:
        print(f"notices of {args.alarm} of {model!r} are sent again")
    return 0


def _check(args: argparse.Namespace) -> int:
    """Look at the alarms of all models, or of one, and tell what is news."""
    platform = open_platform(args.stack or default_stack())
    _check_local(platform)
    models = [platform.model(args.model)] if args.model else list(platform.models)
    sender = webhooks.Webhooks()
    sender.start()
    try:
        alone = not address.is_served(platform)
        for model in models:
            if alone:
                mark_dead(platform.store, model)
            # A server that runs sends again what was not taken.
            Monitor(platform, model, sender, None, sends_again=alone).check()
    finally:
        sender.stop()
    on = [
        {"model": model, **alarm.as_json()}
        for model in models
        for alarm in monitoring_of(platform).alarms(platform, model)
        if alarm.state == ALARM
    ]
    if args.json:
        print_json(on)
    return ALARMING if on else 0


def _test(args: argparse.Namespace) -> int:
    """Send to each receiver of `alerts`, once, and print what came of it."""
    platform, model = opened(args)
    _check_local(platform)
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


def _check_local(platform: Platform) -> None:
    if platform.target != "local":
        raise UserError(
            f"the notices of stack {platform.stack!r} are sent by the service: docs/"
            f"{platform.target}.md says how to try them"
        )
