"""Validation errors in words: the key as the user wrote it, the value, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def sentences(error: ValidationError, namespace: str, names: Sequence[str] | None) -> str:
    """One line per error; `names` are the models' where they stand under ``models:``."""
    given = error.errors()
    return "\n".join(f"  {_sentence(detail, namespace, names)}" for detail in given)


def _sentence(detail: ErrorDetails, namespace: str, names: Sequence[str] | None) -> str:
    path = list(detail["loc"])
    key = f"{namespace}:{_key(path, names)}"
    if detail["type"] == "missing":
        return f"{key}: not set; it has no default"
    if detail["type"] == "extra_forbidden":
        return f"{key}: unknown setting; {_suggestion(path)}"
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


def _suggestion(path: Sequence[int | str]) -> str:
    allowed = sorted(_allowed(path[:-1]))
    near = difflib.get_close_matches(str(path[-1]), allowed, 1)
    return f"did you mean {near[0]}?" if near else f"allowed: {', '.join(allowed)}"


def _allowed(path: Sequence[int | str]) -> set[str]:
    from components.settings import PER_MODEL, Model, Settings

    section: Any = Settings
    for part in path:
        if isinstance(part, int):
            section = Model
        elif part != "models":
            section = next(f.annotation for f in section.model_fields.values() if f.alias == part)
    names = {field.alias for field in section.model_fields.values()}
    return names | PER_MODEL | {"model"} if section is Settings else names - {"name"}
