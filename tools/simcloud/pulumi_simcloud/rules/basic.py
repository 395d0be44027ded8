"""Rules any entry of the catalog can use. Unknown values pass: they are checked when known."""

from __future__ import annotations

import json
import re
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select


@dataclass(frozen=True)
class PathRule:
    """A rule about the values at some paths; `values` are those of the last that it turns on."""

    paths: tuple[str, ...]
    find: Callable[[Inputs], Iterator[Failure]]
    values: tuple[Any, ...] = ()

    def __call__(self, inputs: Inputs) -> Iterator[Failure]:
        return self.find(inputs)


def is_set(inputs: Inputs, path: str) -> bool:
    """True if there is a value at a path."""
    return any(value is not None for _, value in select(inputs, path))


def exactly_one(*paths: str) -> Rule:
    """One of the properties, and only one."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        present = [path for path in paths if is_set(inputs, path)]
        if len(present) != 1:
            present_text = " and ".join(present) or "none"
            yield Failure(
                paths[0], f"exactly one of {', '.join(paths)} is needed, got {present_text}"
            )

    return PathRule(paths, rule)


def at_most_one(*paths: str) -> Rule:
    """Properties that exclude each other."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        present = [path for path in paths if is_set(inputs, path)]
        if len(present) > 1:
            yield Failure(present[1], f"conflicts with {present[0]}")

    return PathRule(paths, rule)


def each_exactly_one(items: str, *keys: str) -> Rule:
    """In every item at a path, one of the keys, and only one."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for path, item in select(inputs, items):
            present = [key for key in keys if isinstance(item, dict) and item.get(key) is not None]
            if item is not UNKNOWN and len(present) != 1:
                present_text = " and ".join(present) or "none"
                yield Failure(
                    path, f"exactly one of {', '.join(keys)} is needed, got {present_text}"
                )

    return PathRule((items,), rule)


def needs(path: str, *required: str, value: Any = None) -> Rule:
    """With one property (at a certain value), others are needed too."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        values = [item for _, item in select(inputs, path)]
        if values and (value is None or value in values):
            for required_path in required:
                if not is_set(inputs, required_path):
                    yield Failure(
                        required_path, f"missing: needed with {path} {excerpt(values[0])}"
                    )

    return PathRule((path, *required), rule)


def check(path: str, test: Callable[[Any], str | None]) -> Rule:
    """A test of the value at a path: it returns what is wrong, None if nothing is."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, value in select(inputs, path):
            reason = None if value is UNKNOWN else test(value)
            if reason:
                yield Failure(value_path, reason)

    return PathRule((path,), rule)


def pattern(path: str, regex: str, description: str) -> Rule:
    """Text that has to match as a whole; `description` says the rule in words."""

    def test(value: Any) -> str | None:
        ok = isinstance(value, str) and re.fullmatch(regex, value)
        return None if ok else f"{excerpt(value)} is not allowed: {description}"

    return check(path, test)


def between(path: str, lowest: float, highest: float) -> Rule:
    """A number in a range, both ends included."""

    def test(value: Any) -> str | None:
        # Some providers hold whole numbers as text.
        is_text = isinstance(value, str) and re.fullmatch(r"-?\d+", value)
        number = int(value) if is_text else value
        if isinstance(number, int | float) and lowest <= number <= highest:
            return None
        return f"{excerpt(value)} is out of range, allowed are {lowest} to {highest}"

    return check(path, test)


def one_of(path: str, *choices: Any) -> Rule:
    """A value from a list."""

    def test(value: Any) -> str | None:
        if value in choices:
            return None
        return f"{excerpt(value)} is not one of {', '.join(map(str, choices))}"

    return check(path, test)


def count(path: str, lowest: int, highest: int) -> Rule:
    """A list or map with so many entries."""

    def test(value: Any) -> str | None:
        if lowest <= len(value) <= highest:
            return None
        return f"has {len(value)} entries, allowed are {lowest} to {highest}"

    return check(path, test)


def json_text(path: str, longest: int | None = None) -> Rule:
    """Text that is a JSON object, of at most so many characters."""

    def test(value: Any) -> str | None:
        if longest is not None and len(value) > longest:
            return f"has {len(value)} characters, allowed are {longest}"
        document = parsed(value)
        return None if isinstance(document, dict) else f"{excerpt(value)} is not a JSON object"

    return check(path, test)


def parsed(text: Any) -> Any:
    """JSON text as Python, None if it isn't JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def parsed_yaml(text: str) -> Any:
    """YAML text as Python, by the library's C code where it has it: ten times as fast.

    Raises:
        yaml.YAMLError: it isn't YAML.
    """
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zone database, for which Python walks through its files."""
    return frozenset(zoneinfo.available_timezones())


def time_zone(path: str) -> Rule:
    """A name of the IANA time zone database."""

    def test(value: Any) -> str | None:
        if value in time_zones():
            return None
        return f"{excerpt(value)} is not an IANA time zone"

    return check(path, test)
