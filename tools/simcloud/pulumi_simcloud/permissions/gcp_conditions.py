"""Conditions of bindings, in CEL, with the attributes that IAM defines.

https://cloud.google.com/iam/docs/conditions-attribute-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any

from pulumi_simcloud.permissions import NotUnderstoodError

GRANTED = "iam.googleapis.com/modifiedGrantsByRole"


def holds(expression: str, context: Mapping[str, Any]) -> bool:
    """True if a condition holds for a call.

    Raises:
        NotUnderstoodError: it cannot be read, or asks for what is not known here.
    """
    import celpy
    from celpy.celparser import CELParseError
    from celpy.celtypes import BoolType, ListType, MapType, StringType, TimestampType
    from celpy.evaluation import CELEvalError

    def granted(api: Any, name: Any, default: Any) -> Any:
        if str(name) != GRANTED:
            raise NotUnderstoodError(f"NotUnderstood: the attribute {name!r} of a condition")
        role = context.get("role")
        return ListType([StringType(role)]) if role else default

    def only(values: Any, choices: Any) -> Any:
        return BoolType(all(value in choices for value in values))

    attributes = {
        "resource": MapType(
            {
                StringType("name"): StringType(context["resource.name"]),
                StringType("type"): StringType(context["resource.type"]),
                StringType("service"): StringType(context["resource.type"].partition("/")[0]),
            }
        ),
        "request": MapType({StringType("time"): TimestampType(datetime.now(timezone.utc))}),
        "api": MapType({}),
    }
    functions = {
        "getAttribute": granted,
        "hasOnly": only,
        "extract": _extract,
    }
    try:
        program = celpy.Environment().program(_parsed(expression), functions=functions)
        return bool(program.evaluate(attributes))
    except (CELParseError, CELEvalError) as error:
        raise NotUnderstoodError(f"NotUnderstood: the condition {expression!r}: {error}") from None


def _extract(text: Any, template: Any) -> Any:
    """The text between the two ends of a template such as ``/folders/{name}/``."""
    from celpy.celtypes import StringType

    before, _, rest = str(template).partition("{")
    after = rest.partition("}")[2]
    value = str(text)
    start = value.find(before)
    if start < 0:
        return StringType("")
    start += len(before)
    end = value.find(after, start) if after else len(value)
    return StringType(value[start:end] if end >= 0 else "")


@cache
def _parsed(expression: str) -> Any:
    import celpy

    return celpy.Environment().compile(expression)
