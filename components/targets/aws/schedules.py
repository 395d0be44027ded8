"""Cron expressions as EventBridge Scheduler takes them.

Six fields, days of the week by name, and a question mark for the one of the two day fields that
does not count: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_ITEM = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


def expression(cron: str) -> str:
    """The five fields of `cron` as ``cron(...)``; raises ValueError for what it cannot say."""
    minute, hour, day, month, weekday = cron.split()
    if day != "*" and weekday != "*":
        raise ValueError("EventBridge takes a day of the month or a day of the week, not both")
    times = [_field(minute, 0, 59), _field(hour, 0, 23)]
    if weekday == "*":
        days = [_field(day, 1, 31), _field(month, 1, 12, MONTHS), "?"]
    else:
        names = (DAYS[number % 7] for number in _numbers(weekday, 0, 6, DAYS))
        days = ["?", _field(month, 1, 12, MONTHS), ",".join(dict.fromkeys(names))]
    return f"cron({' '.join([*times, *days, '*'])})"


def _field(text: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> str:
    return "*" if text == "*" else ",".join(map(str, _numbers(text, lowest, highest, names)))


def _numbers(text: str, lowest: int, highest: int, names: tuple[str, ...]) -> list[int]:
    """The numbers that a field names: steps and ranges are spelled out."""
    numbers: list[int] = []
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"EventBridge has nothing for {item!r}")
        first, last, step = match.groups()
        begin = lowest if first == "*" else _number(first, lowest, names)
        alone = begin if step is None and first != "*" else highest
        end = _number(last, lowest, names) if last else alone
        # A range of weekdays may go over the end of the week.
        end += 7 if end < begin and names is DAYS else 0
        numbers += range(begin, end + 1, int(step or 1))
    return numbers


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + lowest
    if text.isdigit():
        return int(text)
    raise ValueError(f"EventBridge has nothing for {text!r}")
