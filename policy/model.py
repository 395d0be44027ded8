"""The input and output of a policy, without the engine: functions that tests can call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Stands for a value that a preview can't know; it is looked at in the up.
LATER = "(known after up)"


@dataclass(frozen=True)
class Resource:
    """A resource of a stack: its type token, name, inputs, and whether it is protected."""

    type: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    protected: bool = False


@dataclass(frozen=True)
class Stack:
    """A whole stack; `config` is its stack file's, with secrets left encrypted."""

    name: str
    resources: Sequence[Resource]
    config: Mapping[str, Any] = field(default_factory=dict)

    def of(self, *types: str) -> list[Resource]:
        """The resources of some types."""
        return [resource for resource in self.resources if resource.type in types]


Violations = Iterator[tuple[Resource | None, str]]
Check = Callable[[Stack], Violations]


@dataclass(frozen=True)
class Policy:
    """A rule with a name; `check` yields what breaks it: a resource, or the stack, and why."""

    name: str
    description: str
    check: Check


def path(inputs: Any, dotted: str) -> Any:
    """The value at a dotted path, None if there is none; `LATER` if it can't be known yet."""
    for key in dotted.split("."):
        if inputs == LATER:
            return LATER
        if isinstance(inputs, list):
            inputs = inputs[0] if inputs else None
        inputs = inputs.get(key) if isinstance(inputs, Mapping) else None
    return inputs


def document(value: Any) -> Mapping[str, Any]:
    """A policy document: the text's JSON, empty if it is not known yet."""
    if isinstance(value, Mapping):
        return value
    try:
        return json.loads(value) if isinstance(value, str) else {}
    except json.JSONDecodeError:
        return {}


def statements(value: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document."""
    content = document(value).get("Statement", [])
    return [content] if isinstance(content, Mapping) else list(content)


def as_list(value: Any) -> list[Any]:
    """A value that may be a list or one item of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def each_has(stack: Stack, whole: str, part: str) -> Violations:
    """Every resource of a type has one of another type that belongs to it.

    By number: which one belongs to which is not known before the first up.
    """
    wholes, parts = len(stack.of(whole)), len(stack.of(part))
    if parts < wholes:
        names = [token.rsplit(":", 1)[1] for token in (whole, part)]
        yield None, f"{wholes} {names[0]} resources, but {parts} {names[1]} resources"
