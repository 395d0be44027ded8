"""`mlops alerts`: whether a notice reaches the receivers of a stack, a look at its alarms from
outside the server, and silences."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import islice

from training.cli.output import add_json, opened, print_json, print_table, short
from training.cli.released import add_why, reason
from training.cli.status import ALARMING
from training.errors import UserError
from training.monitoring import (
    ALARM,
    Alarm,
    alarm_deliveries,
    alarm_events,
    silences,
)
from training.monitoring.local import DOCUMENT, mark_dead
from training.platform import Platform, default_stack, open_platform
from training.serving import address, webhooks
from training.serving.monitor import CHANGED, FEATURES, RELEASED, REPEATED, Monitor, notice

# The runbook has a place for it, as for each alarm.
TEST = Alarm("test", "TEST", None, 0, "somebody tries whether notices arrive; nothing is wrong")
HOURS = 4.0
# Notices of the history: those of some weeks.
NEWEST = 30
REASONS = {
    CHANGED: "its state changed", FEATURES: "other features drift", REPEATED: "on for a day",
    RELEASED: "a release ended it",
}  # fmt: skip


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
    history = actions.add_parser("history", help="the newest notices, and who took them")
    for child in (test, silence, check, history):
        add_json(child)


def run(args: argparse.Namespace) -> int:
    """Send a test notice, look at the alarms or their notices, or silence one."""
    action = {"silence": _silence, "check": _check, "test": _test, "history": _history}
    return action[args.action](args)


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
        on = []
        for model in models:
            if alone:
                mark_dead(platform.store, model)
            # A server that runs sends again what was not taken.
            alarms = Monitor(platform, model, sender, None, sends_again=alone).check()
            on += [{"model": model, **a.as_json()} for a in alarms if a.state == ALARM]
    finally:
        sender.stop()
    if args.json:
        print_json(on)
    return ALARMING if on else 0


def _history(args: argparse.Namespace) -> int:
    """Print the newest notices: when, of what and why, and how many receivers took each."""
    platform, model = opened(args)
    _check_local(platform)
    store = platform.store
    deliveries = alarm_deliveries(store, model).records()
    successes = Counter(delivery["event"] for delivery in deliveries if not delivery["refused"])
    notices = [
        {
            **event,
            "receivers": len(event["receivers"]) if "receivers" in event else None,
            "taken": successes[event["number"]],
        }
        for event in islice(alarm_events(store, model).newest_first(), NEWEST)
    ]
    if args.json:
        print_json(notices)
        return 0
    print_table(
        ["when (UTC)", "alarm", "state", "version", "told because", "taken by"],
        [
            [
                short(n["at"]), n["alarm"], n["state"], n.get("version"), REASONS[n["reason"]],
                _success_count(n["taken"], n["receivers"]),
            ]
            for n in notices
        ],
    )  # fmt: skip
    return 0


def _success_count(successes: int, receivers: int | None) -> str | None:
    """Who took a notice; None of one that an earlier version wrote down."""
    if receivers is None:
        return None
    return f"{successes} of {receivers}" if receivers else "no receivers"


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
