"""What promote and rollback print, once it is verified what is served."""

from __future__ import annotations

from training import served
from training.cli.output import print_json
from training.platform import Platform
from training.release import Release


def report(platform: Platform, record: Release, model: str, as_json: bool) -> None:
    """Print the release; raises UserError if a running endpoint does not come to serve it."""
    in_service = served.verify(platform, model, record.version)
    if as_json:
        print_json({**record.as_json(), "served": in_service})
        return
    before = f", was version {record.previous}" if record.previous else ""
    print(f"version {record.version} of {model!r} is the champion{before}")
    print("the endpoint serves it" if in_service else "no endpoint is running: mlops serve")
