"""Limits that the services' own models put on values: patterns, ranges, lengths, enums."""

from __future__ import annotations

from typing import Any

from tools.simcloud.constraints.botocore_models import check_request
from tools.simcloud.constraints.discovery import check_body
from tools.simcloud.failures import Failure
from tools.simcloud.kinds import Kind
from tools.simcloud.schema import ResourceSchema


def check_limits(kind: Kind, schema: ResourceSchema, inputs: dict[str, Any]) -> list[Failure]:
    """What the service's model has against the inputs, if the catalog names a model."""
    if kind.api is None:
        return []
    check = check_request if kind.cloud == "aws" else check_body
    return list(check(kind.api, schema, inputs))


__all__ = ["check_limits"]
