"""`mlops promote`."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from training import bundles, deployment
from training.cli.output import add_json, opened, version_number
from training.cli.released import add_why, reason, report, say
from training.errors import UserError
from training.platform import Platform, open_platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("version", nargs="?", help="the version's number: mlops versions")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the newest release, wherever it stopped, instead of a new one",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="STACK",
        help="the number is one of this stack: register that artifact here, then release it",
    )
    add_why(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Release the version and see that it is served."""
    if args.resume:
        arguments = {"VERSION": args.version, "--from": args.source, "--why": args.why}
        for name, value in arguments.items():
            if value is not None:
                raise UserError(f"{name}: {value!r} is not allowed with --resume")
        platform, model = opened(args)
        record, in_service = deployment.resume(platform, model, say=say)
    else:
        if args.version is None:
            raise UserError("VERSION is missing; allowed: a number of mlops versions, or --resume")
        version, why = version_number(args.version), reason(args)
        platform, model = opened(args)
        if args.source is not None:
            version = _import_version(platform, model, version, args.source)
        record, in_service = deployment.promote(platform, model, version, why=why, say=say)
    report(record, in_service, model, args.json)
    return 0


def _import_version(platform: Platform, model: str, version: int, source: str) -> int:
    """The number that a version of the stack `source` has in this one."""
    source_platform = open_platform(source)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bundle.tar"
        say(f"bringing version {version} of {model!r} from stack {source}")
        bundles.export(source_platform, source_platform.model(model), version, file)
        manifest, _ = bundles.adopt(platform, file)
    return manifest["version"]
