"""Refusals of the simulated cloud."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

LONGEST = 120


@dataclass(frozen=True)
class Failure:
    """One thing wrong with one input: the property path and a sentence."""

    path: str
    reason: str


class CloudError(Exception):
    """A refused operation, worded as the service would word it."""


class PartialError(CloudError):
    """A create or update that failed after the resource came to be."""

    def __init__(self, message: str, identity: str, outputs: dict[str, Any]) -> None:
        super().__init__(message)
        self.identity = identity
        self.outputs = outputs


def excerpt(value: Any) -> str:
    """A value for an error message: JSON, shortened."""
    text = json.dumps(value, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
