"""What promote and rollback print, once it is verified what is served."""

from __future__ import annotations

import sys

from training.cli.output import print_json
from training.release import Release


def say(text: str) -> None:
    """A line of progress."""
    print(f"  {text}", file=sys.stderr, flush=True)


def report(record: Release, in_service: bool, model: str, as_json: bool) -> None:
    """Print the release."""
    if as_json:
        print_json({**record.as_json(), "served": in_service})
        return
    print(sentences(record, in_service, model))


def sentences(record: Release, in_service: bool, model: str) -> str:
    """The release in words."""
    before = f", was version {record.previous}" if record.previous else ""
    served = "the endpoint serves it" if in_service else "no endpoint is running: mlops serve"
    return f"version {record.version} of {model!r} is the champion{before}\n{served}"
