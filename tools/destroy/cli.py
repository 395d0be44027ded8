"""Command line of a teardown.

mlops destroy aws-dev            # asks before anything is deleted
mlops destroy aws-dev --yes --json
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components import targets
from tools.destroy.exports import STACK, Export, outputs
from tools.destroy.report import Kept, kept
from tools.preview import engine
from training.errors import UserError
from training.platform import project_root


def main(arguments: list[str] | None = None) -> int:
    """Destroy one stack: 0 if nothing of it is left but what was meant to be kept."""
    given = _parser().parse_args(arguments)
    stack = given.stack or given.chosen
    try:
        if stack is None:
            raise UserError("say which stack: mlops destroy STACK")
        root = project_root()
        before = _exported(root, stack)
        own, command = _own(before), ("destroy", "--stack", stack)
        with tempfile.TemporaryDirectory(prefix="mlops-destroy-") as place:
            log = Path(place) / "events.json"
            done = engine.watched(root, command, given.yes, log)
            try:
                # What it made by itself may be in the way of the rest.
                while _taken(own, before, _exported(root, stack), log) and done:
                    done = engine.watched(root, command, True, log)
            except UserError as error:
                print(f"error: {error}", file=sys.stderr)
                done = done or 1
            reasons = engine.reasons(engine.read(log))
        after = _exported(root, stack)
        found = kept(before, after, reasons)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    _tell(stack, found, done == 0, given.json)
    return done


def _tell(stack: str, found: list[Kept], finished: bool, as_json: bool) -> None:
    if as_json:
        document = {"stack": stack, "finished": finished, "kept": [asdict(one) for one in found]}
        print(json.dumps(document, indent=1))
        return
    state = "is destroyed" if finished else "is not destroyed"
    print(f"\n{stack} {state}" + ("; kept:" if found else "; nothing is kept"))
    for one in found:
        print(f"  {one.name} ({one.type}): {one.why}")


def _own(export: Export) -> Any:
    """The module that takes away what the stack's platform made by itself; None if none has to."""
    for stack in outputs(export, STACK):
        if "models" in stack and targets.load(stack["target"]).leaves_versions:
            # Only an environment for this target has its client.
            return importlib.import_module(f"tools.destroy.{stack['target']}")
    return None


def _taken(own: Any, before: Export, after: Export, log: Path) -> bool:
    """Take away what the platform made by itself, as far as the stack let go of it."""
    failed = engine.failures(engine.read(log))
    nobody_confirmed = not failed and before["deployment"] == after["deployment"]
    if own is None or nobody_confirmed:
        return False
    told = own.take(before, after, failed)
    for line in told:
        print(line, file=sys.stderr)
    return bool(told)


def _exported(root: Path, stack: str) -> Export:
    done = subprocess.run(
        ["pulumi", "stack", "export", "--stack", stack],
        cwd=root,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UserError(f"STACK: {stack!r}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mlops destroy", description="Remove a stack.")
    parser.add_argument("stack", nargs="?", metavar="STACK")
    parser.add_argument("-s", "--stack", dest="chosen", help="the same, by an option")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
