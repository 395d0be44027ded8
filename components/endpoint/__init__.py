"""Serving: an endpoint per model that follows the newest release and captures its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components import targets
from components.capability import Capability, NoOutputs
from components.registry import Registry
from components.scope import ModelScope
from components.settings import Settings


@dataclass(frozen=True)
class EndpointArgs:
    """Arguments of the endpoints."""

    settings: Settings
    registry: Registry


@dataclass(frozen=True)
class EndpointModel:
    """Of one model: its endpoint, by name or address."""

    endpoint: pulumi.Output[str]


def release_settings(scope: ModelScope) -> dict[str, Any]:
    """The settings of a model's releases for `training.deployment`, the same on every target."""
    endpoint, target = scope.model.endpoint, targets.load(scope.settings.target)
    minutes = endpoint.canary_minutes
    keeps_previous = "endpoint.keepPreviousMinutes" in target.exclusive
    return {
        "canary_percent": endpoint.canary_percent,
        "canary_minutes": target.canary_minutes if minutes is None else minutes,
        "canary_min_requests": endpoint.canary_min_requests,
        "canary_wait_minutes": endpoint.canary_wait_minutes,
        "mirror_percent": endpoint.mirror_percent,
        "keep_previous_minutes": endpoint.keep_previous_minutes if keeps_previous else 0,
        "max_error_share": endpoint.max_error_share,
        "max_latency_ms": endpoint.max_latency_ms,
    }


class Endpoint(Capability[NoOutputs, EndpointModel]):
    """Owns the endpoint; which version it serves is the releases' business.

    What it makes on a target stands in `components/endpoint/<target>.py`.
    """
