"""Pipeline runs: started, resumed and followed where the target runs them.

On every target a run's step leaves its outputs in the artifact store, in
``models/<model>/runs/<run>/outputs/<step>/``, its summary ``result.json`` among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from training.backends import backend

if TYPE_CHECKING:
    from training.platform import Platform

RUNNING, SUCCEEDED, FAILED, SKIPPED = "running", "succeeded", "failed", "skipped"
RECORD = "run.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")

# Told of every change: the step's name, its new status, and its record.
Progress = Callable[[str, str, dict[str, Any]], None]


class Runs(Protocol):
    """A back end is a module per target with these functions.

    A run's record has ``run``, ``model``, ``pipeline``, ``status``, ``started``, ``ended``,
    ``error``, ``parameters``, ``steps`` (name to ``{"status", ...}``) and, once it has ended,
    ``results`` (name to the step's summary).
    """

    def start(
        self,
        platform: Platform,
        model: str,
        pipeline: str,
        parameters: Mapping[str, str],
        progress: Progress,
    ) -> dict[str, Any]:
        """Run `pipeline` of `model` to its end and return its record; UserError if it fails."""
        ...

    def resume(
        self, platform: Platform, model: str, run: str, progress: Progress
    ) -> dict[str, Any]:
        """Go on with a failed run at the step that failed, and return its record."""
        ...

    def recent(
        self, platform: Platform, model: str, most: int = 20, pipeline: str | None = None
    ) -> list[dict[str, Any]]:
        """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
        ...

    def record(self, platform: Platform, model: str, run: str) -> dict[str, Any]:
        """A run's record; raises KeyError where there is none."""
        ...

    def alive(self, platform: Platform, model: str, run: str) -> bool:
        """True if the run is still under way, so that its lease counts."""
        ...

    def schedules(self, platform: Platform, model: str) -> list[dict[str, Any]]:
        """The schedules of `model`, as `training.runs.schedules.Schedule`, on or off."""
        ...

    def log(self, platform: Platform, model: str, run: str, step: str) -> str:
        """The log of a step of the run; empty if nothing is kept of it."""
        ...


def runs_of(platform: Platform) -> Runs:
    """The back end of the stack's target."""
    return backend("runs", platform.target)


def is_name(text: str) -> bool:
    """True if a run may be called so, on any target: a name in a path, and not a path."""
    return _NAME.fullmatch(text) is not None


def folder(model: str, run: str) -> str:
    """The key prefix of a run."""
    return f"models/{model}/runs/{run}"
