"""Command line of the doctor.

mlops doctor aws-dev
mlops doctor aws-dev --json
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from components.targets import LOCAL
from tools.doctor.checks import BAD, OPEN, SETTINGS, Check, Stack, common, read
from training.errors import UserError
from training.platform import default_stack, project_root


def main(arguments: list[str] | None = None) -> int:
    """Check one stack: 1 if anything it needs is missing."""
    args = _parser().parse_args(arguments)
    try:
        stack = read(project_root(), args.stack or args.chosen or default_stack())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    checks = []
    for check in all_checks(stack):
        checks.append(check)
        if not args.json:
            print(f"{check.state:<8} {check.name}: {check.found}", flush=True)
            if check.todo:
                print(f"{'':<8}   to do: {check.todo}", flush=True)
    if args.json:
        print(json.dumps([asdict(check) for check in checks], indent=1))
    return int(any(check.state == BAD for check in checks))


def all_checks(stack: Stack) -> Iterator[Check]:
    """The checks of every target, and those of the stack's own."""
    valid = True
    for check in common(stack):
        valid = valid and not (check.name == SETTINGS and check.state == BAD)
        yield check
    if stack.target == LOCAL:
        return
    if valid:
        yield from importlib.import_module(f"tools.doctor.{stack.target}").checks(stack)
    else:
        # What the cloud has to have is read from them.
        yield Check("cloud", OPEN, "not asked: the settings come first")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mlops doctor", description="What a stack needs.")
    parser.add_argument("stack", nargs="?", metavar="STACK", help="default: $MLOPS_STACK or local")
    parser.add_argument("-s", "--stack", dest="chosen", help="the same, by an option")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
