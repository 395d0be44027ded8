"""The strict input schema of every resource type, read from the generated SDKs."""

from __future__ import annotations

from tools.simcloud.schema.check import check_inputs
from tools.simcloud.schema.sdk import ResourceSchema, UnknownTypeError, resource_schema

__all__ = ["ResourceSchema", "UnknownTypeError", "check_inputs", "resource_schema"]
