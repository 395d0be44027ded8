"""`mlops versions`."""

from __future__ import annotations

import argparse

from training import release, versions
from training.cli.output import add_json, opened, print_json, print_table, short


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print all registered versions, the champion marked."""
    platform, model = opened(args)
    records = versions.manifests(platform.store, model)
    current = release.champion(platform.store, model)
    champion = current.version if current else None
    if args.json:
        print_json([{**m, "champion": m["version"] == champion} for m in records])
    elif not records:
        print(f"model {model!r} has no version yet: mlops retrain")
    else:
        print_table(
            ["version", "", "created", "rows", "metric", "value", "sha256"],
            [
                [
                    m["version"],
                    "champion" if m["version"] == champion else "",
                    short(m["created"]),
                    m["data"]["rows"],
                    m["metrics"]["metric"],
                    m["metrics"]["challenger"],
                    m["artifact"]["sha256"][:12],
                ]
                for m in reversed(records)
            ],
        )
    return 0
