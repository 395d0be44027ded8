"""Silences: somebody knows of an alarm, and its notices are not wanted for a time.

Only notices end: the alarm is on wherever it is shown, and what is done about it is done. On the
clouds the service sends the notices, and has its own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from training import clock
from training.caller import caller
from training.errors import UserError
from training.journal import Journal
from training.monitoring import Alarm
from training.platform import Platform
from training.store import Store

DOCUMENT = "alarms.json"
# A week: what is left on for longer is a threshold to change, not an alarm to silence.
MOST_HOURS = 168.0


def silence(
    platform: Platform, model: str, alarm: str, hours: float, *, why: str, by: str | None = None
) -> dict[str, Any]:
    """Send no notices of `alarm` for so many hours; 0 ends a silence. Returns the record.

    Raises UserError for an alarm that there is not, a time out of range, and a cloud's stack.
    """
    check_local(platform)
    names = [rule["name"] for rule in platform.part(model, DOCUMENT)["rules"]]
    if alarm not in names:
        raise UserError(f"alarm {alarm!r}: there is none; allowed: {', '.join(names)}")
    if not 0 <= hours <= MOST_HOURS:
        raise UserError(f"hours: {hours:g} is not allowed; allowed: 0 to {MOST_HOURS:g}")
    now = clock.now()
    if hours == 0 and alarm not in active(platform.store, model):
        raise UserError(f"alarm {alarm!r} of model {model!r} is not silenced")
    record = {
        "alarm": alarm,
        "until": clock.text(now + timedelta(hours=hours)),
        "by": by or caller(),
        "why": why,
        "when": clock.text(now),
    }
    return journal(platform.store, model).append(record)


def check_local(platform: Platform) -> None:
    """Raise UserError unless the notices of the stack are sent by `mlops serve`."""
    if platform.target != "local":
        raise UserError(
            f"the notices of stack {platform.stack!r} are sent by the service: silence them there, "
            "as docs/console.md says"
        )


def active(store: Store, model: str) -> dict[str, dict[str, Any]]:
    """The silences that hold now, by the alarm's name."""
    now, newest = clock.now(), {}
    for record in journal(store, model).newest_first():
        if clock.parse(record["when"]) < now - timedelta(hours=MOST_HOURS):
            break  # none of those before can hold any longer
        newest.setdefault(record["alarm"], record)
    return {name: r for name, r in newest.items() if clock.parse(r["until"]) > now}


def described(platform: Platform, model: str, alarms: Iterable[Alarm]) -> list[dict[str, Any]]:
    """Alarms as plain data, each with its silence as ``silenced``, None where there is none."""
    silences = active(platform.store, model) if platform.target == "local" else {}
    return [{**alarm.as_json(), "silenced": silences.get(alarm.name)} for alarm in alarms]


def journal(store: Store, model: str) -> Journal:
    """The record of every silence: until when, by whom and why."""
    return Journal(store, f"models/{model}/silences", ("alarm", "until", "by", "why", "when"))
