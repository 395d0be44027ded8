"""One execution of a run on this computer: its steps in order, its record, its folders.

A step writes into a folder that gets its final name only when the step has succeeded.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training import clock, runs
from training.errors import UserError
from training.files import sync, sync_tree
from training.pipeline import RESULT, flags
from training.platform import Platform
from training.runs import Progress
from training.runs.warm import ERROR_MARK
from training.runs.worker import Worker


@dataclass
class Job:
    """One execution of a run: walks the steps, keeps the record."""

    platform: Platform
    record: dict[str, Any]
    folder: Path
    progress: Progress
    worker: Worker
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self) -> None:
        """Walk the steps; raises UserError at the first that fails."""
        (self.folder / "logs").mkdir(exist_ok=True)
        self._save()
        for step in self.record["definition"]["steps"]:
            self._step(step)
        self.record["status"] = runs.SUCCEEDED

    def close(self) -> None:
        """Write the record for the last time, whatever happened."""
        if self.record["status"] == runs.RUNNING:
            self.record["status"] = runs.FAILED
            self.record["error"] = self.record["error"] or "the run was interrupted"
        self.record["ended"] = clock.text(clock.now())
        self.record["results"] = self.results
        self._save()

    def _step(self, step: dict[str, Any]) -> None:
        name = step["name"]
        status = self.record["steps"].get(name, {}).get("status")
        if status == runs.SUCCEEDED and not step["repeat"]:
            self.results[name] = json.loads((self._output(name) / RESULT).read_text())
            return
        if not self._is_due(step):
            self._note(name, {"status": runs.SKIPPED})
            return
        self.record["steps"][name] = {}  # what an attempt before this one took is not its own
        self._note(name, {"status": runs.RUNNING, "started": clock.text(clock.now())})
        start = time.monotonic()
        staged = self._output(name).with_suffix(".partial")
        shutil.rmtree(staged, ignore_errors=True)
        log = self.folder / "logs" / f"{name}.log"
        code = self.worker.run(name, self._arguments(step, staged), log)
        outcome = {"exit_code": code, "seconds": round(time.monotonic() - start, 3)}
        if code != 0:
            self._note(name, {"status": runs.FAILED, **outcome})
            self.record["error"] = f"step {name!r} failed: {_last_error(log, code)}"
            raise UserError(f"{self.record['error']} (log: {self._relative(log)})")
        shutil.rmtree(self._output(name), ignore_errors=True)
        sync_tree(staged)
        staged.rename(self._output(name))
        sync(staged.parent)
        self.results[name] = json.loads((self._output(name) / RESULT).read_text())
        self._note(name, {"status": runs.SUCCEEDED, **outcome})

    def _is_due(self, step: dict[str, Any]) -> bool:
        if any(name not in self.results for name in step["after"]):
            return False
        return all(self.results[c["step"]][c["field"]] for c in step["when"])

    def _arguments(self, step: dict[str, Any], staged: Path) -> list[str]:
        places = {f"outputs.{name}": str(self._output(name)) for name in self.results}
        places[f"outputs.{step['name']}"] = str(staged)
        values = {f"parameters.{k}": v for k, v in self.record["parameters"].items()}
        settings = step["arguments"].items()
        return flags({name: _filled(value, {**places, **values}) for name, value in settings})

    def _output(self, name: str) -> Path:
        return self.folder / "outputs" / name

    def _note(self, name: str, changes: dict[str, Any]) -> None:
        entry = {**self.record["steps"].get(name, {}), **changes}
        self.record["steps"][name] = entry
        self._save()
        self.progress(name, entry["status"], entry)

    def _save(self) -> None:
        key = f"{runs.folder(self.record['model'], self.record['run'])}/{runs.RECORD}"
        self.platform.store.write(key, json.dumps(self.record, indent=1).encode())

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.platform.root))


def _filled(argument: str, values: Mapping[str, str]) -> str:
    """`argument`, or the value of the one placeholder ``{name}`` that it is."""
    is_placeholder = argument.startswith("{") and argument[1:-1] in values
    return values[argument[1:-1]] if is_placeholder else argument


def _last_error(log: Path, code: int) -> str:
    lines = log.read_text(errors="replace").splitlines()
    marked = [line.removeprefix(ERROR_MARK) for line in lines if line.startswith(ERROR_MARK)]
    return marked[-1] if marked else f"exit code {code}"
