"""The entry of Vertex AI's pipeline tasks.

    python -m training.jobs.gcp [--field=NAME=FILE ...] STEP [--name=value ...]

The store is mounted, so a step reads and writes its files itself. What a condition looks at is a
field of ``result.json`` that is written to a file of the service's, and why a step failed to a
file beside its outputs, since the service keeps an exit code only.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from training.pipeline import RESULT
from training.runs.gcp_tasks import REASON
from training.runs.warm import run_step

TEXT = {True: "true", False: "false"}


def main(argv: list[str]) -> int:
    """Run the step; the task's exit code."""
    parser = argparse.ArgumentParser(prog="training.jobs.gcp", description=__doc__)
    parser.add_argument("--field", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("step")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    out = next(Path(a.partition("=")[2]) for a in options.arguments if a.startswith("--out="))
    out.mkdir(parents=True, exist_ok=True)
    code = run_step(options.step, options.arguments, (out / REASON).write_text)
    if code == 0:
        # Of an attempt before this one.
        (out / REASON).unlink(missing_ok=True)
        summary = json.loads((out / RESULT).read_text())
        for field in options.field:
            name, _, file = field.partition("=")
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(TEXT[bool(summary[name])])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
