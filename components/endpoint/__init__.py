"""Serving: an endpoint per model that follows the newest release and captures its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components.capability import Capability
from components.registry import Registry
from components.settings import Model, Settings


@dataclass(frozen=True)
class EndpointArgs:
    """What the endpoints are made from."""

    settings: Settings
    registry: Registry


@dataclass(frozen=True)
class EndpointShared:
    """Nothing is shared by the endpoints of a stack."""


@dataclass(frozen=True)
class EndpointModel:
    """Of one model: its endpoint, by name or address."""

    endpoint: pulumi.Output[str]


# Where releases are watched at all unless a setting says how long.
CANARY_MINUTES = {"local": 0.0, "aws": 5.0, "azure": 5.0, "gcp": 5.0}


def release_settings(settings: Settings, model: Model) -> dict[str, Any]:
    """What `training.deployment` has to know of a model's releases, the same on every target."""
    given = model.endpoint
    minutes = given.canary_minutes
    return {
        "canary_percent": given.canary_percent,
        "canary_minutes": CANARY_MINUTES[settings.target] if minutes is None else minutes,
        "canary_min_requests": given.canary_min_requests,
        "canary_wait_minutes": given.canary_wait_minutes,
        "mirror_percent": given.mirror_percent,
        "keep_previous_minutes": given.keep_previous_minutes,
        "max_error_share": given.max_error_share,
        "max_latency_ms": given.max_latency_ms,
    }


class Endpoint(Capability[EndpointShared, EndpointModel]):
    """Owns the endpoint; which version it serves is the releases' business."""

    title = "Endpoint"
