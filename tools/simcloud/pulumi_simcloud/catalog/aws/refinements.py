"""Exceptions from the table of relations, each with its reason."""

from __future__ import annotations

from pulumi_simcloud.constraints.relations import Refinement

# Type token to property path ("(name)": the rules of the name) to refinement.
REFINEMENTS: dict[str, dict[str, Refinement]] = {}

__all__ = ["REFINEMENTS"]
