"""Wildcards of policies: whether a text fits a pattern, and whether two patterns share a text."""

from __future__ import annotations

import re
from functools import cache

ANY, INNER = "*", "\0"


@cache
def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """A pattern with `*` and `?` as a regular expression."""
    parts = re.split(r"([*?])", pattern)
    text = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.compile(text, (re.IGNORECASE if ignore_case else 0) | re.DOTALL)


def fits(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """True if a whole text fits a pattern."""
    return compiled(pattern, ignore_case).fullmatch(text) is not None


def arn_fits(arn: str, pattern: str) -> bool:
    """True if an ARN fits a pattern: a wildcard stays within its part, between two colons."""
    if pattern == "*":
        return True
    parts, patterns = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(fits, parts, patterns))


def overlap(first: str, second: str) -> bool:
    """True if a text exists that fits both patterns.

    Beside `*` and `?` a pattern may hold `INNER`: any text without a slash.
    """
    visited: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        pair = waiting.pop()
        if pair in visited:
            continue
        visited.add(pair)
        i, j = pair
        a, b = first[i : i + 1], second[j : j + 1]
        if not a and not b:
            return True
        if a in (ANY, INNER) and a:
            waiting.append((i + 1, j))
            if b and not (a == INNER and b == "/"):
                waiting.append((i, j + 1))
        if b in (ANY, INNER) and b:
            waiting.append((i, j + 1))
            if a and not (b == INNER and a == "/"):
                waiting.append((i + 1, j))
        if a and b and (a == b or "?" in (a, b)):
            waiting.append((i + 1, j + 1))
    return False


def arns_overlap(first: str, second: str) -> bool:
    """True if an ARN exists that fits both patterns."""
    if "*" in (first, second):
        return True
    a, b = first.split(":", 5), second.split(":", 5)
    return len(a) == len(b) and all(map(overlap, a, b))
