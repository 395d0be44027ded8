"""Cron expressions as everybody writes them, for a scheduler that reads some of them otherwise.

APScheduler 3 counts weekdays from Monday = 0 (https://github.com/agronholm/apscheduler/issues/286)
and wants both the day of the month and the weekday to match; crontab(5) counts from Sunday = 0
and, where both are restricted, is content with either.
"""

from __future__ import annotations

import re
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


def trigger(expression: str, timezone: str) -> Any:
    """The APScheduler trigger of five fields: minute, hour, day of month, month, weekday.

    Raises ValueError for what is no cron expression or time zone.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError(f"{expression!r} has {len(fields)} fields; a cron expression has 5")
    minute, hour, day, month, weekday = fields
    times = {"minute": minute, "hour": hour, "month": month, "timezone": timezone}
    if weekday.startswith("*") and "/" not in weekday:
        return CronTrigger(**times, day=day)
    names = ",".join(_DAYS[n] for n in sorted(_weekdays(weekday)))
    if day.startswith("*"):
        return CronTrigger(**times, day=day, day_of_week=names)
    return OrTrigger([CronTrigger(**times, day=day), CronTrigger(**times, day_of_week=names)])


def _weekdays(field: str) -> set[int]:
    """The days that a weekday field names, 0 for Sunday."""
    days: set[int] = set()
    for item in field.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"weekday {item!r} is not one; allowed: 0-7, sun-sat, ranges, steps")
        first, last, step = match.groups()
        begin = 0 if first == "*" else _day(first)
        end = _day(last) if last else 6 if first == "*" or step else begin
        end += 7 if end < begin else 0
        days.update(day % 7 for day in range(begin, end + 1, int(step or 1)))
    return days


def _day(text: str) -> int:
    if text.lower() in _DAYS:
        return _DAYS.index(text.lower())
    if text.isdigit() and int(text) <= 7:
        return int(text)
    raise ValueError(f"weekday {text!r} is not one; allowed: 0-7, sun-sat")
