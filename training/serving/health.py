"""The heartbeat: what a running endpoint writes of itself, for status and alarms."""

from __future__ import annotations

import json
import time

from training import clock
from training.monitoring import local as monitoring
from training.serving.endpoint import Endpoint
from training.store import Store


def beat(store: Store, endpoint: Endpoint, url: str, *, fires_schedules: bool) -> None:
    """Write the health object; before a first release nothing is down."""
    description = endpoint.describe()
    traffic = endpoint.traffic.summary(time.monotonic())
    health = {
        "at": clock.text(clock.now()),
        "in_service": description["version"] is not None or description["not_loaded"] is None,
        "version": description["version"],
        "not_loaded": description["not_loaded"],
        "url": url,
        "fires_schedules": fires_schedules,
        "requests": traffic.requests,
        "error_share": traffic.error_share,
        "latency_p95_ms": traffic.latency_p95_ms,
        "pending_captures": description["pending_captures"],
        "captured_rows": description["captured_rows"],
    }
    store.write(monitoring.health_key(endpoint.model), json.dumps(health, indent=1).encode())


def remove(store: Store, model: str) -> None:
    """An orderly stop is no outage: the health object goes."""
    store.delete(monitoring.health_key(model))
