"""What a rule of the catalog says of inputs, as tests compare it."""

from __future__ import annotations

from typing import Any

Told = list[tuple[str, str]]


def told(rule: Any, **inputs: Any) -> Told:
    """The path and the reason of each failure that a rule has for the inputs."""
    return [(failure.path, failure.reason) for failure in rule(inputs)]
