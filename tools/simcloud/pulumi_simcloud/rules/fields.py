"""Rules between the fields of a resource, for any entry of the catalog.

A field that is left out, false or empty is not used: services take all three for the same.
Unknown values pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule

ISO = re.compile(
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE
)
SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


def used(inputs: Inputs, path: str) -> list[Any]:
    """The values at a path that say something, unknown ones too."""
    return [value for _, value in select(inputs, path) if is_used(value)]


def is_used(value: Any) -> bool:
    """False for what is left out, false or empty."""
    return not (value is None or value is False or value == [] or value == {})


def only_with(path: str, other: str, *values: Any, default: Any = None) -> Rule:
    """A field that goes with another only, or with some of its values.

    `default` is what the other one is where it is left out.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        if not used(inputs, path):
            return
        other_values = _values_or_default(inputs, other, default)
        if UNKNOWN in other_values or _holds(other_values, values):
            return
        yield Failure(path, f"only with {_words(other, values)}")

    return PathRule((path, other), rule)


def not_with(path: str, other: str, *values: Any, default: Any = None) -> Rule:
    """A field that another one, or some of its values, excludes."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        if not used(inputs, path):
            return
        other_values = [
            item for item in _values_or_default(inputs, other, default) if item is not UNKNOWN
        ]
        if _holds(other_values, values):
            yield Failure(path, f"not with {_words(other, values)}")

    return PathRule((path, other), rule, values)


def needed_with(path: str, other: str, *values: Any, default: Any = None) -> Rule:
    """A field that has to be there with another one, or with some of its values."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        if any(value is not None for _, value in select(inputs, path)):
            return
        other_values = [
            item for item in _values_or_default(inputs, other, default) if item is not UNKNOWN
        ]
        if _holds(other_values, values):
            yield Failure(path, f"missing: needed with {_words(other, values)}")

    return PathRule((path, other), rule, values)


def _values_or_default(inputs: Inputs, path: str, default: Any) -> list[Any]:
    values = used(inputs, path)
    return values if values or default is None else [default]


def _holds(other_values: list[Any], values: tuple[Any, ...]) -> bool:
    """Whether a field has one of the values; without any, whether it is used."""
    return any(item in values for item in other_values) if values else bool(other_values)


def _words(other: str, values: tuple[Any, ...]) -> str:
    return f"{other} {' or '.join(map(str, values))}" if values else other


def each(items: str, *rules: Rule) -> Rule:
    """Rules that hold within each item at a path."""
    paths = tuple(
        f"{items}.{path}" for rule in rules if isinstance(rule, PathRule) for path in rule.paths
    )

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for path, item in select(inputs, items):
            if isinstance(item, dict):
                for inner in rules:
                    for failure in inner(item):
                        below = f"{path}.{failure.path}" if failure.path else path
                        yield Failure(below, failure.reason)

    return PathRule(paths or (items,), rule)


def ordered(
    lower: str,
    higher: str,
    by: Callable[[Any], Any] | None = None,
    *,
    strict: bool = False,
) -> Rule:
    """A value that is at most another one (`strict`: less); `by` makes numbers of both."""
    read = by or number

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for path, low in select(inputs, lower):
            for _, high in select(inputs, higher):
                first, second = read(low), read(high)
                if first is None or second is None:
                    continue
                if first > second or (strict and first == second):
                    words = "has to be less than" if strict else "is more than"
                    yield Failure(path, f"{excerpt(low)} {words} {higher} {excerpt(high)}")

    return PathRule((lower, higher), rule)


def number(value: Any) -> float | None:
    """A number, also one that is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def iso_seconds(value: Any) -> float | None:
    """An ISO 8601 duration such as PT5M in seconds."""
    match = ISO.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds


def google_seconds(value: Any) -> float | None:
    """A duration such as 600s in seconds."""
    match = SECONDS.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match else None


def moment(value: Any) -> datetime | None:
    """A time such as 2030-01-31T00:00:00Z, in UTC."""
    text = value.replace("_", "T").replace("Z", "+00:00") if isinstance(value, str) else ""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def unique(path: str, *, ignore_case: bool = False) -> Rule:
    """Values at a path of which none is there twice."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        texts = [value for _, value in select(inputs, path) if isinstance(value, str | int)]
        keys = [str(value).lower() if ignore_case else str(value) for value in texts]
        for key, times in Counter(keys).items():
            if times > 1:
                yield Failure(path, f"{excerpt(key)} is there {times} times")

    return PathRule((path,), rule)


def lasts(path: str, lowest: str, highest: str) -> Rule:
    """An ISO 8601 duration in a range, both ends included."""
    low, high = iso_seconds(lowest), iso_seconds(highest)
    assert low is not None and high is not None

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, value in select(inputs, path):
            seconds = iso_seconds(value)
            if value is UNKNOWN or (seconds is not None and low <= seconds <= high):
                continue
            yield Failure(value_path, f"{excerpt(value)} is not within {lowest} to {highest}")

    return PathRule((path,), rule)
