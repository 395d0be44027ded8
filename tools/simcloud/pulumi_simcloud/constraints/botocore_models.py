"""Limits of AWS requests, from botocore's service models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import regex
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api
from pulumi_simcloud.property_values import UNKNOWN, join
from pulumi_simcloud.schema import ResourceSchema

# The models' patterns are Java's, with its pairs of surrogates.
SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
# Lists of pairs in the API that are maps in the SDK: tags and metric dimensions.
TAG_LIKE = ({"key", "value"}, {"name", "value"})


def check_request(api: Api, schema: ResourceSchema, inputs: dict[str, Any]) -> Iterator[Failure]:
    """Compares inputs with the request that the provider makes of them."""
    root = _request(api)
    for key in schema.properties:
        shape = _member_at(root, api.names[key]) if key in api.names else _member(root, key)
        if shape is not None and inputs.get(key) is not None and key not in api.but:
            yield from _check(shape, inputs[key], key)
    yield from _missing_top(api, root, schema, inputs)


def check_call(operation: str, request: dict[str, Any]) -> Iterator[Failure]:
    """Compares a request as the API has it with its model; `operation` is `service:Operation`."""
    shape = _request(Api(operation))
    report = _Validator().validate(request, shape)
    if report.has_errors():
        yield Failure("", report.generate_report())
    yield from _check(shape, request, "")


class _Validator(ParamValidator):
    """botocore's own check of a request; a scalar that is not known yet passes, of any type."""

    def _validate(self, params: Any, shape: Shape, errors: Any, name: str) -> None:
        if params is not UNKNOWN:
            super()._validate(params, shape, errors, name)
        elif shape.type_name in self.CONTAINER_TYPES:
            super()._validate("a scalar", shape, errors, name)

    def _shape_has_constraints(self, shape: Shape) -> bool:
        # Without any, the members of a list would be looked at elsewhere.
        return True


def matched_properties(api: Api, schema: ResourceSchema) -> set[str]:
    """Top-level properties for which the request has a member."""
    root = _request(api)
    return {
        key
        for key in schema.properties
        if (_member_at(root, api.names[key]) if key in api.names else _member(root, key))
    }


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _request(api: Api) -> Shape:
    service, operation = api.shape.split(":")
    shape = _service(service).operation_model(operation).input_shape
    shape = _member_at(shape, api.at) if api.at else shape
    return shape.member if shape.type_name == "list" else shape


def _member_at(shape: Shape, path: str) -> Shape:
    for key in path.split("."):
        shape = shape.member if shape.type_name == "list" else shape
        shape = shape.members[key]
    return shape


def _plain(name: str) -> str:
    # The provider's names differ from the API's in case, in the plural and in "list" of lists.
    return re.sub(r"(ies|s)$", "", name.lower().replace("_", "")).removesuffix("list")


@cache
def _members(shape: Shape) -> dict[str, Shape]:
    if shape.type_name != "structure":
        return {}
    return {_plain(name): member for name, member in shape.members.items()}


def _member(shape: Shape, key: str) -> Shape | None:
    return _members(shape).get(_plain(key))


def _check(shape: Shape, value: Any, path: str) -> Iterator[Failure]:
    if value is UNKNOWN:
        return
    if shape.type_name == "structure":
        # Terraform writes some lists of one structure without the list.
        if isinstance(value, dict):
            yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _list(shape, value, path)
    elif shape.type_name == "map" and isinstance(value, dict):
        yield from _size(shape, len(value), path, "entries")
        for key, item in value.items():
            yield from _check(shape.key, key, join(path, key))
            yield from _check(shape.value, item, join(path, key))
    elif isinstance(value, str):
        yield from _text(shape, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range(shape, value, path)


def _structure(shape: Shape, value: dict[str, Any], path: str) -> Iterator[Failure]:
    for key, item in value.items():
        member = _member(shape, key)
        if member is not None and item is not None:
            yield from _check(member, item, join(path, key))


def _list(shape: Shape, value: Any, path: str) -> Iterator[Failure]:
    if isinstance(value, dict) and set(_members(shape.member)) in TAG_LIKE:
        yield from _size(shape, len(value), path, "entries")
        for key, item in value.items():
            first, second = shape.member.members.values()
            yield from _check(first, key, join(path, key))
            yield from _check(second, item, join(path, key))
        return
    if not isinstance(value, list):
        # A list of at most one in the API can be a plain object in the SDK.
        yield from _check(shape.member, value, path)
        return
    yield from _size(shape, len(value), path, "items")
    for index, item in enumerate(value):
        yield from _check(shape.member, item, f"{path}[{index}]")


def _text(shape: Shape, value: str, path: str) -> Iterator[Failure]:
    yield from _size(shape, len(value), path, "characters")
    members = shape.metadata.get("enum")
    if members and value not in members:
        yield Failure(path, f"{excerpt(value)} is not one of {', '.join(members)}")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Failure(path, f"{excerpt(value)} does not match {pattern}")


def _size(shape: Shape, size: int, path: str, unit: str) -> Iterator[Failure]:
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if (lowest is not None and size < lowest) or (highest is not None and size > highest):
        yield Failure(path, f"has {size} {unit}, allowed are {lowest or 0} to {highest}")


def _range(shape: Shape, value: float, path: str) -> Iterator[Failure]:
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if (lowest is not None and value < lowest) or (highest is not None and value > highest):
        yield Failure(path, f"{value} is out of range, allowed are {lowest} to {highest}")


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern.replace(*SURROGATES), regex.V1 | regex.DOTALL)


def _missing_top(
    api: Api, root: Shape, schema: ResourceSchema, inputs: dict[str, Any]
) -> Iterator[Failure]:
    required = {_plain(name): name for name in root.required_members}
    for key in schema.properties:
        member = api.names.get(key, key)
        if _plain(member) in required and inputs.get(key) is None and key not in api.optional:
            yield Failure(
                key, f"missing: {api.shape.split(':')[1]} needs {required[_plain(member)]}"
            )
