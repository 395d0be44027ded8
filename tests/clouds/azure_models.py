"""Bodies held against the models of Azure ML's own client, strictly.

The client itself lets pass what its models do not name; here unknown and missing members, wrong
types and unknown values of enumerations are errors.
"""

from __future__ import annotations

import datetime
import enum
import typing
from functools import cache
from typing import Any


def wrong(kind: str, body: Any) -> list[str]:
    """What is wrong with a body as the model `kind`, such as ``JobBase``; empty if nothing."""
    return list(_model(getattr(_names()["_models"], kind), body, kind))


@cache
def _names() -> dict[str, Any]:
    """The names in the models' annotations."""
    # Here, since the client's import takes as long as that of all tests together.
    from azure.ai.ml._restclient.arm_ml_service import models
    from azure.ai.ml._restclient.arm_ml_service.models import _models as module

    return {**vars(module), "_models": models, "datetime": datetime}


def _model(cls: Any, body: Any, place: str) -> typing.Iterator[str]:
    if not isinstance(body, dict):
        yield f"{place} is {body!r}, no object"
        return
    cls = _discriminated(cls, body)
    # A model's fields are worked out when the first instance is made.
    fields = {field._rest_name: (name, field) for name, field in _fields(cls).items()}
    hints = _hints(cls)
    for key, (_, field) in fields.items():
        subclasses = cls.__mapping__ if field._is_discriminator else {}
        if subclasses and key in body and body[key] not in subclasses:
            yield f"{place}.{key} is {body[key]!r}, not one of {', '.join(map(str, subclasses))}"
    for key in body.keys() - fields.keys():
        yield f"{place}.{key} is unknown to {cls.__name__}"
    for key, (name, field) in fields.items():
        hint = hints.get(name, Any)
        optional = type(None) in typing.get_args(hint)
        if key in body:
            yield from _value(hint, body[key], f"{place}.{key}")
        elif not optional and field._visibility != ["read"] and hint is not Any:
            yield f"{place}.{key} is missing"


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls, _names())


@cache
def _fields(cls: Any) -> dict[str, Any]:
    return cls({})._attr_to_rest_field


def _discriminated(cls: Any, body: dict[str, Any]) -> Any:
    """The model that the value of the discriminator names."""
    for field in _fields(cls).values():
        subclass = (
            cls.__mapping__.get(body.get(field._rest_name)) if field._is_discriminator else None
        )
        if subclass is not None and subclass is not cls:
            return _discriminated(subclass, body)
    return cls


def _value(hint: Any, value: Any, place: str) -> typing.Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return
    if origin is typing.Union:
        problems = [
            list(_value(option, value, place)) for option in arguments if not _open(option, hint)
        ]
        if all(problems):
            yield from min(problems, key=len)
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{place} is {value!r}, no object"
            return
        for key, part in value.items():
            yield from _value(arguments[1], part, f"{place}.{key}")
    elif origin is list:
        for number, part in enumerate(value):
            yield from _value(arguments[0], part, f"{place}[{number}]")
    elif isinstance(hint, type) and hasattr(hint, "_is_model"):
        yield from _model(hint, value, place)
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        if value not in {member.value for member in hint}:
            yield f"{place} is {value!r}, not one of {', '.join(str(m.value) for m in hint)}"
    else:
        yield from _scalar(hint, value, place)


def _open(hint: Any, union: Any) -> bool:
    """Whether a union's text stands beside an enumeration that it would hide."""
    enums = [e for e in typing.get_args(union) if isinstance(e, type) and issubclass(e, enum.Enum)]
    return hint is str and bool(enums)


def _scalar(hint: Any, value: Any, place: str) -> typing.Iterator[str]:
    scalars = {float: (float, int), type(None): (type(None),), int: (int,), str: (str,)}
    kinds = scalars.get(hint, (bool,) if hint is bool else (str, dict, list))
    if not isinstance(value, kinds) or (isinstance(value, bool) and hint in (int, float)):
        yield f"{place} is {value!r}, no {getattr(hint, '__name__', hint)}"
