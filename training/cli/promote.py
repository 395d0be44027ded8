"""`mlops promote`."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from training import bundles, deployment
from training.cli.output import add_json, opened, version_number
from training.cli.released import report, say
from training.platform import Platform, open_platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", help="the version's number: mlops versions")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="STACK",
        help="the number is one of this stack: register that artifact here, then release it",
    )
    parser.add_argument("--why", help="kept in the release record")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Release the version and see that it is served."""
    platform, model = opened(args)
    version, why = version_number(args.version), args.why or "promoted by hand"
    if args.source is not None:
        why = args.why or f"from version {version} of stack {args.source}"
        version = _brought(platform, model, version, args.source)
    record, served = deployment.promote(platform, model, version, why=why, say=say)
    report(record, served, model, args.json)
    return 0


def _brought(platform: Platform, model: str, version: int, source: str) -> int:
    """The number that a version of the stack `source` has in this one."""
    other = open_platform(source)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bundle.tar"
        say(f"bringing version {version} of {model!r} from stack {source}")
        bundles.export(other, other.model(model), version, file)
        found, _ = bundles.adopt(platform, file)
    return found["version"]
