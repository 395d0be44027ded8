"""Validation errors in words: the key as the user wrote it, the value, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

# The keys of a settings section, by its place.
Allowed = Callable[["Sequence[int | str]"], "set[str]"]


def sentences(
    error: ValidationError, namespace: str, names: Sequence[str] | None, allowed: Allowed
) -> str:
    """One line per error; `names` are the models' where they stand under ``models:``,
    `allowed` gives the keys there are in a section.
    """
    given = error.errors()
    return "\n".join(f"  {_sentence(detail, namespace, names, allowed)}" for detail in given)


def _sentence(
    detail: ErrorDetails, namespace: str, names: Sequence[str] | None, allowed: Allowed
) -> str:
    path = list(detail["loc"])
    key = f"{namespace}:{_key(path, names)}"
    if detail["type"] == "missing":
        return f"{key}: not set; it has no default"
    if detail["type"] == "extra_forbidden":
        return f"{key}: unknown setting; {_suggestion(path, allowed)}"
    reason = detail["msg"].removeprefix("Value error, ")
    return f"{key}: {detail['input']!r} is not allowed: {reason[:1].lower()}{reason[1:]}"


def _key(path: Sequence[int | str], names: Sequence[str] | None) -> str:
    parts = list(path)
    if parts[0] == "models":
        number, inside = int(parts[1]), parts[2:]
        if names is not None:
            parts = ["models", names[number], *inside]
        else:
            parts = ["model"] if inside == ["name"] else inside
    return ".".join(map(str, parts))


def _suggestion(path: Sequence[int | str], allowed: Allowed) -> str:
    keys = sorted(allowed(path[:-1]))
    near = difflib.get_close_matches(str(path[-1]), keys, 1)
    return f"did you mean {near[0]}?" if near else f"allowed: {', '.join(keys)}"
