"""`mlops history`."""

from __future__ import annotations

import argparse

from training import release
from training.cli.output import add_json, opened, print_json, print_table, short


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print all releases, newest first for people, in order for machines."""
    platform, model = opened(args)
    records = release.history(platform.store, model)
    if args.json:
        print_json([record.as_json() for record in records])
    elif not records:
        print(f"model {model!r} has no release yet: mlops retrain")
    else:
        print_table(
            ["release", "kind", "version", "previous", "when (UTC)", "by", "why"],
            [
                [r.number, r.kind, r.version, r.previous, short(r.when), r.by, r.why]
                for r in reversed(records)
            ],
        )
    return 0
