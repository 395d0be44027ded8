"""Serving: an endpoint per model that follows the newest release and captures its requests."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability, NoOutputs
from components.registry import Registry
from components.settings import Settings


@dataclass(frozen=True)
class EndpointArgs:
    """What the endpoints are made from."""

    settings: Settings
    registry: Registry


@dataclass(frozen=True)
class EndpointModel:
    """Of one model: its endpoint, by name or address."""

    endpoint: pulumi.Output[str]


class Endpoint(Capability[NoOutputs, EndpointModel]):
    """Owns the endpoint; which version it serves is the releases' business."""
