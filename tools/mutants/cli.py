"""`make mutants`: how many of the small faults planted in each area its tests see."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tools.mutants import process
from tools.mutants.areas import AREAS, Area
from tools.mutants.faults import Fault, plant

ROOT = Path(__file__).resolve().parents[2]
# A package of its own in the tree.
SIMCLOUD = Path("tools/simcloud")
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
# Not of the tree that is tested.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".mlops", ".hypothesis", ".pytest_cache", ".ruff_cache"
)


@dataclass
class Score:
    """The end of an area's faults."""

    made: int = 0
    killed: int = 0
    survivors: list[dict[str, Any]] = field(default_factory=list)
    equivalent: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """Killed of those that any test can see."""
        total = self.killed + len(self.survivors)
        return self.killed / total if total else 1.0


def equivalents(text: str) -> dict[str, str]:
    """Faults that change nothing that anybody sees, and why: ``identity``, then ``  reason``."""
    reasons: dict[str, str] = {}
    identities: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            identities = []
        elif line.startswith(" "):
            reasons.update(dict.fromkeys(identities, line.strip()))
        else:
            identities.append(line)
            reasons[line] = ""
    return reasons


def environment(tree: Path) -> dict[str, str]:
    """The environment of a process and of what its tests start, with the packages of `tree`."""
    return {
        **os.environ,
        # Before those that are installed, which are of the tree itself.
        "PYTHONPATH": os.pathsep.join(map(str, (tree, tree / SIMCLOUD))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def measure(
    name: str,
    area: Area,
    faults: list[Fault],
    reasons: dict[str, str],
    running: list[subprocess.Popen[str]],
) -> Score:
    """Hold `faults` against the area's tests, in a copy of the tree, by a process in `running`."""
    start = time.monotonic()
    score = Score(made=len(faults))
    for fault in faults:
        if fault.identity in reasons:
            why = reasons[fault.identity]
            score.equivalent.append({"identity": fault.identity, "reason": why})
    open_faults = [fault for fault in faults if fault.identity not in reasons]
    if not open_faults:
        return score
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT, symlinks=True)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        out = Path(folder) / "results"
        out.touch()
        request = {
            "area": name,
            "tests": area.tests_in(ROOT),
            "choice": area.choice,
            "faults": [asdict(fault) for fault in open_faults],
            "out": str(out),
        }
        child = subprocess.Popen(
            [sys.executable, "-m", process.__name__],
            cwd=tree,
            env=environment(tree),
            stdin=subprocess.PIPE,
            text=True,
        )
        running.append(child)
        child.communicate(json.dumps(request))
        running.remove(child)
        results = [json.loads(line) for line in out.read_text().splitlines()]
        if child.returncode or len(results) != len(open_faults):
            raise SystemExit(f"{name}: {len(results)} of {len(open_faults)} faults have an end")
    for result in results:
        if result["how"] in (process.KILLED, process.ENDLESS):
            score.killed += 1
        else:
            score.survivors.append(result)
    score.seconds = time.monotonic() - start
    return score


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--area", action="append", choices=sorted(AREAS), help="this one alone")
    parser.add_argument("--sample", type=int, help="so many faults of each area")
    parser.add_argument(
        "--seed", default=str(date.today()), help="which sample (default: today's date)"
    )
    parser.add_argument("--seconds", type=float, help="begin no area later, and no slow one")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail below this share")
    parser.add_argument("--json", type=Path, help="write the results to this file as well")
    parser.add_argument("--jobs", type=int, default=1, help="so many areas side by side")
    options = parser.parse_args(arguments)
    reasons = equivalents(EQUIVALENT.read_text())
    names = options.area or list(AREAS)
    if options.seconds:
        names = [name for name in names if not AREAS[name].slow]
        random.Random(options.seed).shuffle(names)
    end = time.monotonic() + (options.seconds or 1e9)
    scores: dict[str, Score] = {}
    running: list[subprocess.Popen[str]] = []
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))

    def run(name: str) -> None:
        if time.monotonic() > end:
            return
        area = AREAS[name]
        faults = [fault for path in area.files(ROOT) for fault in plant(ROOT, path, area.words)]
        if not faults:  # of a target that was taken out
            return
        if options.sample and options.sample < len(faults):
            faults = random.Random(f"{options.seed} {name}").sample(faults, options.sample)
        scores[name] = score = measure(name, area, faults, reasons, running)
        print(_line(name, score), flush=True)
        for survivor in score.survivors:
            print(f"    {survivor['how']}, line {survivor['line']}: {survivor['identity']}")
        sys.stdout.flush()

    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            list(pool.map(run, names))
        except BaseException:  # told to end, or an area without an end
            pool.shutdown(wait=False, cancel_futures=True)
            for child in running:
                child.terminate()
            raise
    total = Score()
    for score in scores.values():
        total.made += score.made
        total.killed += score.killed
        total.survivors += score.survivors
        total.equivalent += score.equivalent
        total.seconds += score.seconds
    print("\n" + table({name: scores[name] for name in AREAS if name in scores} | {"all": total}))
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(score) for name, score in scores.items()}, indent=1) + "\n"
        )
    return int(total.share < options.at_least)


def _line(name: str, score: Score) -> str:
    return (
        f"{name}: {score.killed} of {score.killed + len(score.survivors)} killed"
        f" ({score.share:.0%}), {score.seconds:.0f} s"
    )


def table(scores: dict[str, Score]) -> str:
    """The scores as a table in Markdown."""
    lines = [
        "| area | made | equivalent | killed | survived | killed of the rest |",
        "|---|---|---|---|---|---|",
    ]
    for name, score in scores.items():
        lines.append(
            f"| {name} | {score.made} | {len(score.equivalent)} | {score.killed}"
            f" | {len(score.survivors)} | {score.share:.0%} |"
        )
    return "\n".join(lines)
