"""Names what differs between two values, down to the single setting."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.preview.model import Setting

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
PLACEHOLDER = re.compile(r"secret-[0-9a-f]{12}\b")
LATER = "(known after up)"
MASK = "(secret)"
# Keys that name an item of a list, so that items are compared by name and not by place.
NAMES = ("name", "Name", "Sid", "sid", "id", "Id", "key", "Key")
IGNORED = ("__defaults", "__provider", "__internal")


def differences(before: Any, after: Any) -> Iterator[Setting]:
    """Every leaf that differs, with its path; JSON texts are compared by what they say."""
    yield from _compare(plain(before), plain(after), "")


def plain(value: Any) -> Any:
    """A value of the engine's event log as people would write it: JSON texts read, unknowns and
    secrets named as such, assets by their text or the hash of their content."""
    if isinstance(value, dict):
        if is_masked(value):
            return MASK
        if SIGNATURE in value and "text" in value:
            return _read(value["text"])
        if SIGNATURE in value:
            return f"content {value.get('hash', '')[:12]}"
        return {key: plain(item) for key, item in value.items() if key not in IGNORED}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return LATER if value == UNKNOWN else _read(value)
    return value


def _read(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return plain(json.loads(text))
    except json.JSONDecodeError:
        return text


def _compare(before: Any, after: Any, path: str) -> Iterator[Setting]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            location = f"{path}.{key}" if path else str(key)
            yield from _compare(before.get(key), after.get(key), location)
    elif isinstance(before, list) and isinstance(after, list) and _has_parts(before + after):
        old, new = by_name(before), by_name(after)
        for key in dict.fromkeys([*old, *new]):
            yield from _compare(old.get(key), new.get(key), f"{path}[{key}]")
    elif before != after:
        yield Setting(path, _mask(before), _mask(after))


def _mask(value: Any) -> Any:
    """A value without what stands for a secret in it (`checkout.disclose`)."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(MASK, value)
    if isinstance(value, dict):
        return {key: _mask(item) for key, item in value.items()}
    return [_mask(item) for item in value] if isinstance(value, list) else value


def is_masked(value: Any) -> bool:
    """True for a value that the engine's event log hides."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def is_later(value: Any) -> bool:
    """True if anything in a value is known only after an up."""
    if isinstance(value, dict):
        return any(map(is_later, value.values()))
    return any(map(is_later, value)) if isinstance(value, list) else value == LATER


def flat(settings: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Settings by their full names; one that is set to null says so, it is not missing."""
    leaves: dict[str, Any] = {}
    for key, value in settings.items():
        location = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            leaves |= flat(value, location)
        else:
            leaves[location] = "null" if value is None else value
    return leaves


def _has_parts(items: list[Any]) -> bool:
    """True for lists of more than plain values; those of plain values are shown as a whole."""
    return any(isinstance(item, dict | list) for item in items)


def by_name(items: list[Any]) -> dict[str, Any]:
    """A list's items by their names if they have such, else by their places."""
    for key in NAMES:
        names = [item.get(key) for item in items if isinstance(item, dict)]
        if len(names) == len(items) == len(set(map(str, names))) and all(names):
            return dict(zip(map(str, names), items, strict=True))
    return {str(index): item for index, item in enumerate(items)}
