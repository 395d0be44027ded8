"""Limits of Google requests, from the discovery documents in google-api-python-client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api
from pulumi_simcloud.property_values import UNKNOWN, join
from pulumi_simcloud.schema import ResourceSchema

Node = dict[str, Any]
# Texts that stand for something else: https://developers.google.com/discovery/v1/type-format.
BASE64 = r"(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?"
FORMS = {
    "byte": (BASE64, "base64"),
    "google-datetime": (
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)",
        "a time such as 2030-01-31T00:00:00Z",
    ),
    "google-duration": (r"-?\d+(?:\.\d{1,9})?s", "a duration such as 60s"),
    "int64": (r"-?\d+", "a whole number"),
    "uint64": (r"\d+", "a whole number"),
}


def check_body(api: Api, schema: ResourceSchema, inputs: dict[str, Any]) -> Iterator[Failure]:
    """Compares inputs with the request body that the provider makes of them."""
    document, name = api.shape.split(":")
    root = discovery(document)["schemas"][name]
    for key in schema.properties:
        node = _at(document, root, api.names[key]) if key in api.names else _member(root, key)
        if node is not None and inputs.get(key) is not None:
            yield from _check(document, node, inputs[key], key)


def matched_properties(api: Api, schema: ResourceSchema) -> set[str]:
    """Top-level properties for which the body has a field."""
    document, name = api.shape.split(":")
    root = discovery(document)["schemas"][name]
    return {
        key
        for key in schema.properties
        if (_at(document, root, api.names[key]) if key in api.names else _member(root, key))
    }


@cache
def discovery(name: str) -> Node:
    """A bundled discovery document, such as `aiplatform.v1`."""
    folder = resources.files("googleapiclient.discovery_cache").joinpath("documents")
    return json.loads(folder.joinpath(f"{name}.json").read_text())


def check_json(document: str, name: str, value: Any, path: str) -> Iterator[Failure]:
    """Compares a whole JSON body with a schema: unknown fields are failures too."""
    root = discovery(document)["schemas"][name]
    yield from _check(document, root, value, path, strict=True)


@cache
def _plain(name: str) -> str:
    return re.sub(r"(ies|s)$", "", name.lower().replace("_", ""))


def _member(node: Node, key: str) -> Node | None:
    for name, member in node.get("properties", {}).items():
        if _plain(name) == _plain(key):
            return member
    return None


def _at(document: str, node: Node, path: str) -> Node:
    for key in path.split("."):
        node = _resolve(document, node)
        node = _resolve(document, node["items"]) if node.get("type") == "array" else node
        node = node["properties"][key]
    return node


def _resolve(document: str, node: Node) -> Node:
    return discovery(document)["schemas"][node["$ref"]] if "$ref" in node else node


def _check(
    document: str, node: Node, value: Any, path: str, strict: bool = False
) -> Iterator[Failure]:
    node = _resolve(document, node)
    if value is UNKNOWN:
        return
    if node.get("type") == "object" and isinstance(value, dict):
        yield from _object(document, node, value, path, strict)
    elif node.get("type") == "array":
        items = value if isinstance(value, list) else [value]
        for index, item in enumerate(items):
            deeper = f"{path}[{index}]" if isinstance(value, list) else path
            yield from _check(document, node["items"], item, deeper, strict)
    elif isinstance(value, str):
        yield from _text(node, value, path, strict)
    elif strict and node.get("type") in ("object", "string"):
        yield Failure(path, f"expected {node['type']}, got {excerpt(value)}")


def _object(
    document: str, node: Node, value: dict[str, Any], path: str, strict: bool
) -> Iterator[Failure]:
    for key, item in value.items():
        member = node.get("properties", {}).get(key) if strict else _member(node, key)
        member = member or node.get("additionalProperties")
        if member is not None and item is not None:
            yield from _check(document, member, item, join(path, key), strict)
        elif strict and member is None:
            yield Failure(join(path, key), f"unknown field {key!r}")


def _text(node: Node, value: str, path: str, strict: bool) -> Iterator[Failure]:
    members = node.get("enum")
    if members and value not in members:
        yield Failure(path, f"{excerpt(value)} is not one of {', '.join(members)}")
    form = FORMS.get(node.get("format", ""))
    # The provider leaves empty texts out, as the `ttl` of a subscription that never expires.
    unsent = not strict and value == "" and node.get("format") == "google-duration"
    if form and not unsent and not re.fullmatch(form[0], value):
        yield Failure(path, f"{excerpt(value)} is not {form[1]}")
    pattern = node.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield Failure(path, f"{excerpt(value)} does not match {pattern}")
    if strict and node.get("type") in ("integer", "number", "boolean"):
        yield Failure(path, f"expected {node['type']}, got {excerpt(value)}")
