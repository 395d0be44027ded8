"""`mlops export`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from training import bundles, versions
from training.cli.output import add_json, opened, print_json, version_number
from training.cli.released import say

# So that a workflow can tell a stack without a model from a failure.
NO_CHAMPION = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", nargs="?", help="its number; default: the champion")
    parser.add_argument("--out", type=Path, help="the file; default: MODEL-VERSION.tar")
    parser.epilog = f"Exit code: 0 written, {NO_CHAMPION} no champion yet, 1 error."
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the bundle and print its digest."""
    platform, model = opened(args)
    number = args.version
    version = version_number(number) if number else bundles.champion(platform, model)
    if version is None:
        print(f"model {model!r} has no release yet, nothing to export: mlops retrain",
              file=sys.stderr)  # fmt: skip
        return NO_CHAMPION
    out = args.out or Path(f"{model}-{version}.tar")
    say(f"reading version {version} of {model!r} and checking its digests")
    manifest = bundles.export(platform, model, version, out)
    digest = versions.sha256(out)
    if args.json:
        print_json(
            {
                "file": str(out),
                "sha256": digest,
                "bytes": out.stat().st_size,
                "stack": platform.stack,
                "model": model,
                "version": version,
                "artifact": manifest["artifact"]["sha256"],
            }
        )
    else:
        print(f"version {version} of {model!r} is in {out}, SHA-256 {digest}")
        print(f"into another stack: mlops -s STACK import {out} --sha256 {digest}")
    return 0
