"""Make the approved version the champion."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training import deployment, release
from training.platform import Platform, platform_at
from training.steps import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--run", required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the release record; a run that is resumed goes on with its own."""
    platform = platform_at(args.store)
    registered = summary(args.register)
    by = f"{release.BY_RUN}{args.run}"
    own_releases = [r for r in release.history(platform.store, args.model) if r.by == by]
    if own_releases and not _is_under_way(platform, args.model, own_releases[0]):
        return own_releases[0].as_json()
    if own_releases:
        record, in_service = deployment.resume(platform, args.model, say=print)
    else:
        record, in_service = deployment.promote(
            platform,
            args.model,
            registered["version"],
            why=registered["reason"],
            by=by,
            kind="release",
            say=print,
        )
    print(f"version {record.version} is the champion, was {record.previous or 'none'}")
    print("the endpoint serves it" if in_service else "no endpoint is running")
    return record.as_json()


def _is_under_way(platform: Platform, model: str, record: release.Release) -> bool:
    newest = release.champion(platform.store, model)
    return newest == record and release.unfinished(platform.store, model, record) is not None
