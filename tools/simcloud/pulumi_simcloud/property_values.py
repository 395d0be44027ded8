"""Property values on the wire (protobuf `Struct`) and in the simulated cloud (plain Python)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import struct_pb2

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
DEFAULTS = "__defaults"


class Unknown:
    """A value that is known only after an `up`."""

    def __repr__(self) -> str:
        return "<unknown>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN = Unknown()


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A wire struct as plain Python: secrets unwrapped, unknowns as `UNKNOWN`, nulls left out."""
    return {
        key: _decode(value)
        for key, value in struct.fields.items()
        if value.WhichOneof("kind") != "null_value"
    }


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_struct(value.struct_value)
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _decode_struct(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature in (SECRET, OUTPUT):
        return _decode(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
    return decode(struct)


def encode(values: dict[str, Any]) -> struct_pb2.Struct:
    """Plain Python as a wire struct; keys without a value (None) are left out."""
    struct = struct_pb2.Struct()
    struct.update({key: _encode(value) for key, value in values.items() if value is not None})
    return struct


def _encode(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, dict):
        return {key: _encode(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return value


def is_asset(value: Any) -> bool:
    """True if a value is a Pulumi asset or archive."""
    return isinstance(value, dict) and value.get(SIGNATURE) in (ASSET, ARCHIVE)


def has_unknown(value: Any) -> bool:
    """True if a value is, or holds at any depth, something unknown."""
    return any(leaf is UNKNOWN for _, leaf in leaves(value))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar in a value with its property path, such as `rules[0].status`."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != DEFAULTS:
                yield from leaves(item, join(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def join(path: str, key: str) -> str:
    """A property path one key deeper, quoted where the key isn't an identifier."""
    if not IDENTIFIER.fullmatch(key):
        quoted = key.replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key


def select(value: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Values at a path pattern: `rules[*].id`; `[*]` goes through a list's items or a map's values.

    Yields (property path, value), nothing where the path doesn't exist.
    """
    yield from _select(value, _steps(pattern), "")


@cache
def _steps(pattern: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\[\*\]|[^.\[\]]+", pattern))


def _select(value: Any, steps: tuple[str, ...], path: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield path, value
    elif value is UNKNOWN:
        yield path, UNKNOWN
    elif steps[0] == "[*]":
        items = value.items() if isinstance(value, dict) else enumerate(value or [])
        for key, item in items:
            deeper = join(path, key) if isinstance(key, str) else f"{path}[{key}]"
            yield from _select(item, steps[1:], deeper)
    elif isinstance(value, dict) and value.get(steps[0]) is not None:
        yield from _select(value[steps[0]], steps[1:], join(path, steps[0]))
