"""Endpoints of a stack as its back ends tell of them, for a process that is not its server."""

from __future__ import annotations

from typing import Any

from training.endpoint import endpoint_of
from training.platform import Platform

TRAFFIC = ("requests", "error_share", "latency_p50_ms", "latency_p95_ms")


class RemoteEndpoint:
    """The endpoint of one model, asked of its service or read from its server's heartbeat."""

    def __init__(self, platform: Platform, model: str) -> None:
        self.model = model
        self._platform = platform

    def state(self) -> dict[str, Any]:
        """The state, as `training.serving.state.Endpoint` says; what is not told is None."""
        health = endpoint_of(self._platform).health(self._platform, self.model) or {}
        part = self._platform.part(self.model, "endpoint.json")
        serves = health.get("in_service", False)
        return {
            "model": self.model,
            "version": health.get("version") if serves else None,
            "digest": None,
            "release": None,
            "not_loaded": health.get("not_loaded"),
            "fleets": {},
            "captured_rows": health.get("captured_rows"),
            "pending_captures": health.get("pending_captures"),
            "dropped_rows": None,
            "capture_percent": part.get("capture_percent"),
            "traffic": {name: health.get(name) for name in TRAFFIC}
            if "requests" in health
            else None,
        }
