"""What the runner costs: five steps that do nothing, in the runner and without it.

    python -m bench.runner.run [--rounds 9] [--json]

Two kinds of step: one imports what a training step imports (pandas, scikit-learn), as every step
of a pipeline does, one imports nothing. What is left is the runner's own: its warm process, and a
fork, a folder, a log and two records per step. Whole processes are timed, in turns, from their
start to their end; a turn of each runs before that, so that files are in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from components import package
from training.platform import DOCUMENT, STACKS

ROOT = Path(__file__).resolve().parents[2]
COUNT = 5
NOTHING = """
def configure(parser): pass
def run(args): return {}
"""
STEPS = {"import pandas and scikit-learn": "import training.steps.train", "import nothing": ""}
# Each runs in a new process, with the code package first on its path.
CONTENDERS = {
    "one process, all steps in it": """
from training import steps
for number in range(1, 6): steps.run("nothing", ["--out", f"{out}/{number}"])
""",
    "the runner, a process per step": """
from training.platform import open_platform
from training.runs import local
local.start(open_platform("local"), "model", "nothing", {}, lambda *_: None)
""",
    "a new process per step": """
import subprocess
code = 'import sys; sys.path[0] = sys.argv[1]; from training import steps; steps.run('
for number in range(1, 6):
    call = f'{code}"nothing", ["--out", "{out}/{number}"])'
    subprocess.run([sys.executable, "-c", call, sys.path[0]], check=True)
""",
}

HEADINGS = """| five steps that | run in | median s | fastest s | x one process |
|---|---|---|---|---|"""
ROW = "| {steps} | {name} | {median_s:.2f} | {fastest_s:.2f} | {times_one_process:.2f} |"


def main() -> None:
    """Measure, and print seconds as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [row for name, imports in STEPS.items() for row in _rows(name, imports, args.rounds)]
    if args.json:
        print(json.dumps({"rounds": args.rounds, "processors": os.cpu_count(), "rows": rows}))
        return
    print(HEADINGS)
    for row in rows:
        print(ROW.format(**row))


def _rows(steps: str, imports: str, rounds: int) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        seconds = _measured(Path(folder), _project(Path(folder), imports), rounds)
    medians = {name: statistics.median(durations) for name, durations in seconds.items()}
    baseline = medians[next(iter(CONTENDERS))]
    return [
        {
            "steps": steps,
            "name": name,
            "median_s": round(median, 3),
            "fastest_s": round(min(seconds[name]), 3),
            "times_one_process": round(median / baseline, 2),
        }
        for name, median in medians.items()
    ]


def _project(folder: Path, imports: str) -> Path:
    """A stack with a pipeline of steps that do nothing; returns its code package."""
    files = {**package.contents(ROOT), "training/steps/nothing.py": f"{imports}{NOTHING}".encode()}
    store = folder / STACKS / "local"
    (store / "models/model/pipelines").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: bench\n")
    wheel = store / package.file_name(package.digest(files))
    wheel.write_bytes(package.build(files))
    document = {"stack": "local", "target": "local", "store": f"{STACKS}/local", "models": {}}
    (store / DOCUMENT).write_text(json.dumps(document))
    definition = {
        "package": wheel.name,
        "parameters": {},
        "steps": [
            {
                "name": "nothing",
                "arguments": {"out": "{outputs.nothing}"},
                "after": [],
                "when": [],
                "repeat": True,
            }
        ]
        * COUNT,
    }
    (store / "models/model/pipelines/nothing.json").write_text(json.dumps(definition))
    return wheel


def _measured(folder: Path, wheel: Path, rounds: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for number in range(rounds + 1):
        for name, program in CONTENDERS.items():
            print(f"turn {number} of {rounds}: {name}", file=sys.stderr)
            duration = _timed(folder, wheel, program)
            if number:
                seconds[name].append(duration)
    return seconds


def _timed(folder: Path, wheel: Path, program: str) -> float:
    start = f"import sys; sys.path[0] = {str(wheel)!r}"
    with tempfile.TemporaryDirectory(dir=folder) as out:
        code = f"{start}\nout = {out!r}\n{program}"
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
        return time.perf_counter() - begin


if __name__ == "__main__":
    main()
