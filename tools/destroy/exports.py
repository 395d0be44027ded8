"""Exports of a stack's state, before and after a destroy."""

from __future__ import annotations

from typing import Any

STACK = "pulumi:pulumi:Stack"
Export = dict[str, Any]


def outputs(export: Export, kind: str) -> list[dict[str, Any]]:
    """The outputs of each resource of a type."""
    resources = export.get("deployment", {}).get("resources") or ()
    return [resource.get("outputs", {}) for resource in resources if resource["type"] == kind]
