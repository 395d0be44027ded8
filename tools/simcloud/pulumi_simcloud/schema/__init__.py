"""The strict input schema of every resource type, read from the generated SDKs."""

from __future__ import annotations

from pulumi_simcloud.schema.check import check_inputs
from pulumi_simcloud.schema.sdk import ResourceSchema, UnknownTypeError, resource_schema

__all__ = ["ResourceSchema", "UnknownTypeError", "check_inputs", "resource_schema"]
