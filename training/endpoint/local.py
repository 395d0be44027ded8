"""The endpoint on this computer: a running `mlops serve` follows the newest release by itself."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from training import clock, versions
from training.endpoint import Say
from training.errors import UserError
from training.monitoring import local as monitoring
from training.platform import Platform

# The endpoint follows the newest record at once; loading a large model takes longer.
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """What the endpoint last wrote of itself; None if it was stopped or never ran."""
    beat = monitoring.health(platform.store, model)
    if beat is None:
        return None
    return {**beat, "in_service": beat["in_service"] and monitoring.is_fresh(beat, clock.now())}


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError if the libraries here are not those that the version was made with."""
    versions.check_libraries(manifest)


def deploy(platform: Platform, model: str, version: int, say: Say) -> bool:
    """Wait until the endpoint serves `version`; False if no endpoint is running.

    Raises UserError if it still serves another version after half a minute.
    """
    beat = monitoring.health(platform.store, model)
    if beat is None:
        return False
    deadline = time.monotonic() + PATIENCE_SECONDS
    served: object = None
    while time.monotonic() < deadline:
        try:
            served = _served(beat["url"], model)
        except OSError:  # the process that wrote the health record is gone
            return False
        if served == version:
            return True
        time.sleep(POLL_SECONDS)
    raise UserError(
        f"version {version} of {model!r} is released, but the endpoint at {beat['url']} still "
        f"serves version {served}; look at its log, or: mlops rollback"
    )


def _served(url: str, model: str) -> object:
    try:
        with urllib.request.urlopen(f"{url}/models/{model}/version", timeout=5) as answer:
            return json.load(answer)["version"]
    except urllib.error.HTTPError:  # nothing is released there yet
        return None
