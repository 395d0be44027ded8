"""Texts that are numbers in a table though no library takes them for ones.

One set of patterns for tables, requests and the split; they are of the kind that Arrow's and
Python's regular expressions both know. The rules are those of docs/data.md.
"""

from __future__ import annotations

import re

INFINITY = r"[+-]?(?:inf|Inf|INF|[iI]nfinity)"
COMMA_NUMBER = r"[+-]?(?:0|[1-9][0-9]*)(?:,[0-9]+)?"
# A comma that may as well part thousands: 1,234 is 1.234 or 1234.
UNCLEAR_NUMBER = r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})?"
TIME_OF_DAY = r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"

_INFINITY, _COMMA_NUMBER, _UNCLEAR_NUMBER, _TIME_OF_DAY = map(
    re.compile, (INFINITY, COMMA_NUMBER, UNCLEAR_NUMBER, TIME_OF_DAY)
)


def is_infinity(text: str) -> bool:
    """Whether a text without blanks around it is infinity."""
    return _INFINITY.fullmatch(text) is not None


def is_comma_number(text: str) -> bool:
    """Whether a text without blanks around it is a whole number, or one with a decimal comma."""
    return _COMMA_NUMBER.fullmatch(text) is not None


def is_unclear(text: str) -> bool:
    """Whether a comma in a text without blanks around it may part thousands, or none is in it."""
    return text.isdigit() or _UNCLEAR_NUMBER.fullmatch(text) is not None


def is_time_of_day(text: str) -> bool:
    """Whether a text without blanks around it is a time such as 23:59 or 23:59:59.5."""
    return _TIME_OF_DAY.fullmatch(text) is not None


def seconds(text: str) -> float:
    """A time of day in seconds since midnight."""
    hours, minutes, *remainder = text.split(":")
    return 3600.0 * int(hours) + 60.0 * int(minutes) + (float(remainder[0]) if remainder else 0.0)
