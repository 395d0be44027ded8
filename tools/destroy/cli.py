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
from tools.destroy.report import Leftover, leftovers
from tools.preview import engine
from training.errors import UserError
from training.platform import project_root


def main(arguments: list[str] | None = None) -> int:
    """Destroy one stack: 0 if nothing of it is left but what was meant to be kept."""
    args = _parser().parse_args(arguments)
    stack = args.stack or args.chosen
    try:
        if stack is None:
            raise UserError("say which stack: mlops destroy STACK")
        root = project_root()
        before = _exported(root, stack)
        cleanup, command = _cleanup_module(before), ("destroy", "--stack", stack)
        with tempfile.TemporaryDirectory(prefix="mlops-destroy-") as folder:
            log = Path(folder) / "events.json"
            code = engine.watched(root, command, args.yes, log)
            try:
                # What it made by itself may be in the way of the rest.
                while _take_away(cleanup, before, _exported(root, stack), log) and code:
                    code = engine.watched(root, command, True, log)
            except UserError as error:
                print(f"error: {error}", file=sys.stderr)
                code = code or 1
            reasons = engine.reasons(engine.read(log))
        after = _exported(root, stack)
        remaining = leftovers(before, after, reasons)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    _tell(stack, remaining, code == 0, args.json)
    return code


def _tell(stack: str, remaining: list[Leftover], finished: bool, as_json: bool) -> None:
    if as_json:
        document = {
            "stack": stack,
            "finished": finished,
            "kept": [asdict(item) for item in remaining],
        }
        print(json.dumps(document, indent=1))
        return
    state = "is destroyed" if finished else "is not destroyed"
    print(f"\n{stack} {state}" + ("; kept:" if remaining else "; nothing is kept"))
    for item in remaining:
        print(f"  {item.name} ({item.type}): {item.why}")


def _cleanup_module(export: Export) -> Any:
    """The module that takes away what the stack's platform made by itself; None if none has to."""
    for stack in outputs(export, STACK):
        if "models" in stack and targets.load(stack["target"]).leaves_versions:
            # Only an environment for this target has its client.
            return importlib.import_module(f"tools.destroy.{stack['target']}")
    return None


def _take_away(cleanup: Any, before: Export, after: Export, log: Path) -> bool:
    """Take away what the platform made by itself, as far as the stack let go of it."""
    failed = engine.failures(engine.read(log))
    nobody_confirmed = not failed and before["deployment"] == after["deployment"]
    if cleanup is None or nobody_confirmed:
        return False
    messages = cleanup.take(before, after, failed)
    for line in messages:
        print(line, file=sys.stderr)
    return bool(messages)


def _exported(root: Path, stack: str) -> Export:
    process = subprocess.run(
        ["pulumi", "stack", "export", "--stack", stack],
        cwd=root,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise UserError(f"STACK: {stack!r}: {process.stderr.strip()}")
    return json.loads(process.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mlops destroy", description="Remove a stack.")
    parser.add_argument("stack", nargs="?", metavar="STACK")
    parser.add_argument("-s", "--stack", dest="chosen", help="the same, by an option")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
