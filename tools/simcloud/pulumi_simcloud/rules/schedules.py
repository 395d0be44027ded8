"""Schedule expressions: EventBridge's (six-field cron, rate, at) and the five-field cron."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Rule
from pulumi_simcloud.rules.basic import check, time_zones

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
Field = tuple[str, int, int, list[str], str]

FIELDS: tuple[Field, ...] = (
    ("minutes", 0, 59, [], ""),
    ("hours", 0, 23, [], ""),
    ("day of month", 1, 31, [], "?LW"),
    ("month", 1, 12, MONTHS, ""),
    ("day of week", 1, 7, DAYS, "?L#"),
    ("year", 1970, 2199, [], ""),
)
FIVE_FIELDS: tuple[Field, ...] = (
    ("minutes", 0, 59, [], ""),
    ("hours", 0, 23, [], ""),
    ("day of month", 1, 31, [], ""),
    ("month", 1, 12, MONTHS, ""),
    ("day of week", 0, 7, DAYS, ""),
)
ZONE = re.compile(r"(?:CRON_)?TZ=(\S+) (.*)")
RATE = re.compile(r"rate\((\d+) (minutes?|hours?|days?)\)")
AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")


def schedule_expression(path: str, once: bool) -> Rule:
    """An expression that EventBridge can parse; `once` allows `at(...)` too."""

    def test(value: Any) -> str | None:
        reason = _wrong(value, once)
        return f"{excerpt(value)} is not a schedule expression: {reason}" if reason else None

    return check(path, test)


# https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs: "a crontab, or
# the English-like schedule" of App Engine's cron.yaml.
WEEKDAYS = r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?"
CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
NTH = r"(?:\d{1,2}(?:st|nd|rd|th)?|first|second|third|fourth|fifth)"
ENGLISH = re.compile(
    rf"every \d+ (?:hours?|minutes?|mins?)(?: (?:from {CLOCK} to {CLOCK}|synchronized))?"
    rf"|(?:every|{NTH}(?:,{NTH})*) (?:day|{WEEKDAYS}(?:,{WEEKDAYS})*)"
    rf"(?: of (?:month|[a-z]{{3,9}}(?:,[a-z]{{3,9}})*))? {CLOCK}"
    rf"|{NTH}(?:,{NTH})* of (?:month|[a-z]{{3,9}}(?:,[a-z]{{3,9}})*) {CLOCK}",
    re.IGNORECASE,
)


def cron_expression(path: str, zones: bool = False, english: bool = False) -> Rule:
    """A cron expression of five fields.

    `zones` allows `TZ=Europe/Berlin` in front, `english` schedules such as `every 5 minutes`.
    """

    def test(value: Any) -> str | None:
        if english and ENGLISH.fullmatch(value):
            return None
        match = ZONE.fullmatch(value) if zones else None
        if match and match.group(1) not in time_zones():
            return f"{match.group(1)!r} is not an IANA time zone"
        reason = _wrong_fields(match.group(2) if match else value, FIVE_FIELDS)
        return f"{excerpt(value)} is not a cron expression: {reason}" if reason else None

    return check(path, test)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong(text: str, once: bool) -> str | None:
    if text.startswith("rate("):
        return _wrong_rate(text, exact=not once)
    if text.startswith("at("):
        if not once or not AT.fullmatch(text):
            return "at(yyyy-mm-ddThh:mm:ss) in a Schedule only"
        return None if _is_moment(text[3:-1]) else "at(...) is no moment"
    match = re.fullmatch(r"cron\((.*)\)", text)
    if match is None:
        return "expected cron(...) or rate(...)"
    values = match.group(1).split()
    if len(values) == len(FIELDS) and (values[2] == "?") == (values[4] == "?"):
        return "exactly one of day of month and day of week has to be ?"
    return _wrong_fields(match.group(1), FIELDS) or _wide_step(values)


def _wide_step(values: list[str]) -> str | None:
    """A step is not wider than its field (aws/aws-sdk-js#4212); years have no end."""
    for value, (name, _, highest, _, _) in zip(values[:-1], FIELDS, strict=False):
        steps = [int(step) for step in re.findall(r"/(\d+)", value)]
        if any(step > highest for step in steps):
            return f"{name} {value!r}: a step of at most {highest}"
    return None


def _wrong_fields(text: str, fields: tuple[Field, ...]) -> str | None:
    values = text.split()
    if len(values) != len(fields):
        return f"it has {len(values)} fields, needs {len(fields)}"
    for value, field in zip(values, fields, strict=True):
        if not all(_fits(part.upper(), *field[1:]) for part in value.split(",")):
            return f"{field[0]} {value!r}"
    return None


def _wrong_rate(text: str, exact: bool) -> str | None:
    match = RATE.fullmatch(text)
    if match is None or match.group(1) == "0":
        return "expected rate(N minutes|hours|days)"
    plural = match.group(2).endswith("s")
    # Rules want the unit's number to fit the value (EventBridge User Guide, "Rate expressions");
    # EventBridge Scheduler takes "rate(1 hours)" as well.
    if not exact:
        return None
    return None if plural == (match.group(1) != "1") else "singular for 1, plural for more"


def _fits(part: str, lowest: int, highest: int, names: list[str], special: str) -> bool:
    if part == "?":
        return "?" in special
    if special and re.fullmatch(r"L|L-\d+|\d+W|LW|\d+L|[A-Z\d]+#[1-5]", part):
        return True
    base, _, step = part.partition("/")
    if step and not (step.isdigit() and int(step) > 0):
        return False
    if base == "*":
        return True
    for end in base.split("-", 1):
        number = names.index(end) + lowest if end in names else int(end) if end.isdigit() else -1
        if not lowest <= number <= highest:
            return False
    return True
