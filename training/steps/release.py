"""Make the approved version the champion."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training import deployment, release
from training.platform import platform_at
from training.steps import summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--run", required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the release record; a run that is resumed finds its own record again."""
    platform = platform_at(args.store)
    registered = summary(args.register)
    by = f"pipeline run {args.run}"
    for record in release.history(platform.store, args.model):
        if record.by == by:
            return record.as_json()
    record, served = deployment.promote(
        platform,
        args.model,
        registered["version"],
        why=registered["reason"],
        by=by,
        kind="release",
        say=print,
    )
    print(f"version {record.version} is the champion, was {record.previous or 'none'}")
    print("the endpoint serves it" if served else "no endpoint is running")
    return record.as_json()
