"""Output of promote and rollback, once it is verified which version is served."""

from __future__ import annotations

import argparse
import sys

from training.cli.output import print_json
from training.errors import UserError
from training.release import Release


def add_why(parser: argparse.ArgumentParser) -> None:
    """Declare --why."""
    parser.add_argument("--why", help="the reason, kept in the release record; required")


def reason(args: argparse.Namespace) -> str:
    """The reason that the user gives; raises UserError without one."""
    if args.why is None or not args.why.strip():
        raise UserError(
            f"--why: {args.why!r} is not allowed; allowed: the reason in some words, which the "
            'history keeps: --why "..."'
        )
    return args.why.strip()


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
    service = "the endpoint serves it" if in_service else "no endpoint is running: mlops serve"
    return f"version {record.version} of {model!r} is the champion{before}\n{service}"
