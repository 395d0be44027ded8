"""The pipeline steps: each a command that takes paths and writes paths.

A step module has `configure(parser)`, which declares its arguments, and `run(args)`, which
returns its summary; the command writes that to ``result.json`` in its ``--out`` folder.
"""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from training.pipeline import PIPELINES, RESULT

NAMES = tuple(step.name for pipeline in PIPELINES for step in pipeline.steps)


def run(name: str, arguments: list[str]) -> dict[str, Any]:
    """Run the step `name`, write its summary and return it; raises UserError."""
    module = importlib.import_module(f"training.steps.{name}")
    parser = argparse.ArgumentParser(prog=f"mlops step {name}", description=module.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder the step writes into")
    module.configure(parser)
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    summary = module.run(args)
    (args.out / RESULT).write_text(json.dumps(summary, indent=1))
    return summary


def summary(folder: Path) -> dict[str, Any]:
    """The summary of an earlier step, from its ``result.json``."""
    return json.loads((folder / RESULT).read_text())
