"""What of the table of relations is not enforced as it stands, and why."""

from __future__ import annotations

from pulumi_simcloud.constraints.relations import Refinement

# Type token to property path ("(name)": the rules of the name) to refinement.
REFINEMENTS: dict[str, dict[str, Refinement]] = {}

__all__ = ["REFINEMENTS"]
