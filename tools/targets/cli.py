"""Command line: writes docs/targets.md, or prints what it is made of.

python -m tools.targets          # two minutes: every stack comes up on a simulated cloud
python -m tools.targets --json   # the same as data
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from components import targets
from tools.cost.estimate import estimate
from tools.targets.brought import state_of
from tools.targets.created import State, created, resources
from tools.targets.page import PAGE, page, stacks
from training.errors import UserError
from training.platform import project_root


def main(arguments: list[str] | None = None) -> int:
    """Bring every stack up and write the page; 1 if one does not come up."""
    parser = argparse.ArgumentParser("python -m tools.targets", description="Write docs/targets.md")
    parser.add_argument("--json", action="store_true", help="print data, write nothing")
    args = parser.parse_args(arguments)
    try:
        root = project_root()
        states = {stack: state_of(root, stack) for stack in stacks()}
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if args.json:
        document = {
            "stacks": {stack: _document(state) for stack, state in states.items()},
            "lacks": {target.name: dict(target.limitations) for target in targets.every()},
        }
        print(json.dumps(document, indent=1))
    else:
        (root / PAGE).write_text(page(states))
        print(PAGE)
    return 0


def _document(state: State) -> dict[str, Any]:
    return {"creates": created(state), "cost": asdict(estimate(resources(state)))}
