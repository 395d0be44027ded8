"""What promote and rollback do after the record is written: verify what is served, and tell."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from training import monitoring
from training.cli.output import print_json
from training.errors import UserError
from training.platform import Platform
from training.release import Release

# The endpoint follows the newest record within a second; loading a large model takes longer.
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


def report(platform: Platform, record: Release, model: str, as_json: bool) -> None:
    """Print the release; raises UserError if a running endpoint does not come to serve it."""
    served = _wait(platform, model, record.version)
    if as_json:
        print_json({**record.as_json(), "served": served})
        return
    before = f", was version {record.previous}" if record.previous else ""
    print(f"version {record.version} of {model!r} is the champion{before}")
    print("the endpoint serves it" if served else "no endpoint is running: mlops serve")


def _wait(platform: Platform, model: str, version: int) -> bool:
    """Whether the running endpoint serves `version`; False if none is running."""
    beat = monitoring.health(platform.store, model)
    if beat is None:
        return False
    deadline = time.monotonic() + PATIENCE_SECONDS
    served: object = None
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{beat['url']}/models/{model}/version") as answer:
                served = json.load(answer)["version"]
        except urllib.error.HTTPError:
            served = None
        except OSError:  # the process that wrote the health record is gone
            return False
        if served == version:
            return True
        time.sleep(POLL_SECONDS)
    raise UserError(
        f"version {version} of {model!r} is released, but the endpoint at {beat['url']} still "
        f"serves version {served}; look at its log, or: mlops rollback"
    )
