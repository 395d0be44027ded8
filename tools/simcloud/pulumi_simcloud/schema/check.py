"""Checks a resource's inputs against its schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.property_values import DEFAULTS, UNKNOWN, is_asset, join
from pulumi_simcloud.schema.sdk import ResourceSchema

EXPECTED = {"str": "a string", "int": "a whole number", "num": "a number", "bool": "true or false"}


def check_inputs(schema: ResourceSchema, inputs: dict[str, Any]) -> list[Failure]:
    """Failures of the inputs by the SDK's own types: keys, types, enums, discriminators."""
    return list(_object(schema, schema.args, inputs, ""))


def _object(schema: ResourceSchema, ref: str, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield Failure(path, f"expected an object, got {excerpt(value)}")
        return
    properties = schema.types[ref]
    for key in value.keys() - properties.keys() - {DEFAULTS}:
        near = difflib.get_close_matches(key, properties, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield Failure(join(path, key), f"unknown property {key!r}{hint}")
    for key, spec in properties.items():
        if value.get(key) is None:
            if spec["required"]:
                yield Failure(join(path, key), f"missing required property {key!r}")
        else:
            yield from _value(schema, spec["node"], value[key], join(path, key))


def _value(
    schema: ResourceSchema, node: dict[str, Any], value: Any, path: str
) -> Iterator[Failure]:
    if value is UNKNOWN or node["t"] == "any":
        return
    kind = node["t"]
    if kind == "obj":
        yield from _object(schema, node["ref"], value, path)
    elif kind == "list":
        yield from _list(schema, node, value, path)
    elif kind == "map":
        yield from _map(schema, node, value, path)
    elif kind == "union":
        yield from _union(schema, node, value, path)
    elif kind == "enum" and value not in node["values"]:
        yield Failure(path, f"{excerpt(value)} is not one of {', '.join(map(str, node['values']))}")
    elif kind in EXPECTED and not _is_plain(kind, value):
        yield Failure(path, f"expected {EXPECTED[kind]}, got {excerpt(value)}")
    elif kind == "asset" and not is_asset(value):
        yield Failure(path, f"expected an asset or archive, got {excerpt(value)}")


def _is_plain(kind: str, value: Any) -> bool:
    if kind == "str":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (kind == "num" or float(value).is_integer())


def _list(schema: ResourceSchema, node: dict[str, Any], value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, list):
        yield Failure(path, f"expected a list, got {excerpt(value)}")
        return
    for index, item in enumerate(value):
        yield from _value(schema, node["of"], item, f"{path}[{index}]")


def _map(schema: ResourceSchema, node: dict[str, Any], value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield Failure(path, f"expected a map, got {excerpt(value)}")
        return
    for key, item in value.items():
        if key != DEFAULTS:
            yield from _value(schema, node["of"], item, join(path, key))


def _union(
    schema: ResourceSchema, node: dict[str, Any], value: Any, path: str
) -> Iterator[Failure]:
    branches = node["of"]
    if isinstance(value, dict):
        branches = [branch for branch in branches if branch["t"] == "obj"] or branches
        branches = yield from _discriminated(schema, branches, value, path)
    attempts = [list(_value(schema, branch, value, path)) for branch in branches]
    if attempts and all(attempts):
        # The branch with the fewest complaints is the one that was meant.
        yield from min(attempts, key=len)


def _discriminated(
    schema: ResourceSchema, branches: list[dict[str, Any]], value: dict[str, Any], path: str
) -> Any:
    branches_by_name: dict[str, list[dict[str, Any]]] = {}
    key = _discriminator(schema, branches)
    if key is None or value.get(key) is UNKNOWN:
        return branches
    for branch in branches:
        for name in schema.types[branch["ref"]][key]["node"]["values"]:
            branches_by_name.setdefault(name, []).append(branch)
    if isinstance(value.get(key), str) and value[key] in branches_by_name:
        return branches_by_name[value[key]]
    yield Failure(
        join(path, key),
        f"{excerpt(value.get(key))} is not one of {', '.join(branches_by_name)}",
    )
    return []


def _discriminator(schema: ResourceSchema, branches: list[dict[str, Any]]) -> str | None:
    """The property that every branch fixes to a constant of its own."""
    if any(branch["t"] != "obj" for branch in branches):
        return None
    constants = [
        {
            key
            for key, spec in schema.types[branch["ref"]].items()
            if spec["node"]["t"] == "enum" and len(spec["node"]["values"]) == 1
        }
        for branch in branches
    ]
    common = set.intersection(*constants) if constants else set()
    return min(common) if common else None
