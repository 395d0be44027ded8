"""Limits that the services' own models put on values: patterns, ranges, lengths, enums."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.schema import ResourceSchema


def check_limits(kind: Kind, schema: ResourceSchema, inputs: dict[str, Any]) -> list[Failure]:
    """Failures of the inputs by the service's model, if the catalog names a model."""
    if kind.api is None:
        return []
    # Each imports what only its cloud has installed.
    if kind.cloud == "aws":
        from pulumi_simcloud.constraints.botocore_models import check_request as check
    else:
        from pulumi_simcloud.constraints.discovery import check_body as check
    return list(check(kind.api, schema, inputs))


__all__ = ["check_limits"]
