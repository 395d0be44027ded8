"""The entry of Azure ML's jobs: a node of a pipeline runs a step, or sees that it is not wanted.

    python -m training.jobs.azure [--after PATH ...] [--when PATH FIELD ...] [--retrain]
        --run RUN --store STORE --model MODEL STEP [--name value ...]

Every node of an Azure ML pipeline runs. One whose earlier step was skipped (`--after`), or whose
condition does not hold (`--when`), marks its output as skipped and ends well. Status, summary and
what the step printed go to the store, where `training.runs.azure_steps` looks.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training import clock, retraining_admission, runs
from training.drift.verdict import DRIFT
from training.pipeline import RESULT, TRAINING
from training.platform import platform_at
from training.runs import azure as jobs
from training.runs import azure_steps
from training.runs.warm import run_step
from training.store import Store, open_store

SKIPPED = "skipped"
# Beside the summary, what of a step's output people look at.
REPORT_FILES = (RESULT, "report.html", "report.json")


def main(argv: list[str]) -> int:
    """Run the step that the job is for; the job's exit code."""
    parser = argparse.ArgumentParser(prog="training.jobs.azure")
    parser.add_argument("--after", type=Path, action="append", default=[])
    parser.add_argument("--when", nargs=2, action="append", default=[])
    parser.add_argument("--retrain", action="store_true", help="start a retraining on drift")
    parser.add_argument("--run", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("step")
    parser.add_argument("given", nargs=argparse.REMAINDER, help="the step's own arguments")
    args = parser.parse_args(argv)
    out = Path(args.given[args.given.index("--out") + 1])
    store = open_store(args.store)
    if not _is_due(args.after, [(Path(path), field) for path, field in args.when]):
        # An output without a file could not be mounted by the nodes that come after.
        out.mkdir(parents=True, exist_ok=True)
        (out / SKIPPED).write_text("a step before was skipped, or a condition did not hold\n")
        _note(store, args, {"status": runs.SKIPPED})
        return 0
    code = _run(store, args, out)
    if code == 0 and args.retrain and _summary(out).get("verdict") == DRIFT:
        run = jobs.submit(
            platform_at(args.store),
            args.model,
            TRAINING.name,
            {"trigger": retraining_admission.DRIFT},
        )
        print(f"drift: retraining {run} is started")
    return code


def _is_due(after: list[Path], when: list[tuple[Path, str]]) -> bool:
    if any((path / SKIPPED).exists() for path in after):
        return False
    return all(_summary(path)[field] for path, field in when)


def _run(store: Store, args: argparse.Namespace, out: Path) -> int:
    start = clock.now()
    record = {"status": runs.RUNNING, "started": clock.text(start)}
    _note(store, args, record)
    reasons: list[str] = []
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as log:
        with _copy_output(log):
            code = run_step(args.step, args.given, reasons.append)
        log.flush()
        printed = Path(log.name).read_bytes()
    store.write(azure_steps.log_key(args.model, args.run, args.step), printed)
    if code == 0:
        folder = f"{runs.folder(args.model, args.run)}/outputs/{args.step}"
        for name in REPORT_FILES:
            if (out / name).is_file():
                store.write(f"{folder}/{name}", (out / name).read_bytes())
    now = clock.now()
    entry: dict[str, Any] = {
        "status": runs.SUCCEEDED if code == 0 else runs.FAILED,
        "ended": clock.text(now),
        "exit_code": code,
        "seconds": round((now - start).total_seconds(), 3),
    }
    if code != 0:
        entry["error"] = reasons[-1] if reasons else f"exit code {code}"
    _note(store, args, {**record, **entry})
    return code


@contextmanager
def _copy_output(log: Any) -> Iterator[None]:
    """Copy everything that is printed meanwhile to `log`."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Tee(before[0], log), _Tee(before[1], log)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _Tee:
    def __init__(self, *streams: Any) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()


def _note(store: Store, args: argparse.Namespace, entry: dict[str, Any]) -> None:
    key = azure_steps.entry_key(args.model, args.run, args.step)
    store.write(key, json.dumps(entry, indent=1).encode())


def _summary(folder: Path) -> dict[str, Any]:
    return json.loads((folder / RESULT).read_text())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
