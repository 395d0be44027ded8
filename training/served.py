"""Which version a running endpoint really serves: the check after every release."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from training import monitoring
from training.errors import UserError
from training.platform import Platform

# The endpoint follows the newest record at once; loading a large model takes longer.
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


def verify(platform: Platform, model: str, version: int) -> bool:
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
