"""Common parts of the back ends of runs: the check for resuming one, and following one."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from training import retraining_admission, runs
from training.errors import UserError
from training.pipeline import RESULT
from training.platform import Platform
from training.runs import Progress, runs_of

POLL_SECONDS = 10.0

Entries = dict[str, dict[str, Any]]


def resumable(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """The record of a run that can be resumed; raises UserError for any other."""
    back = runs_of(platform)
    try:
        latest = back.record(platform, model, run)
    except KeyError:
        hint = ", ".join(run["run"] for run in back.recent(platform, model, 5)) or "none"
        raise UserError(f"model {model!r} has no run {run!r}; the newest: {hint}") from None
    if latest["status"] != runs.FAILED:
        raise UserError(f"run {run!r} is {latest['status']}; only a failed run can be resumed")
    return latest


def follow(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Ask the service for a run until it has ended, and return its record.

    Tells of every change; a step that begins and ends between two looks is told of twice. Raises
    UserError if the run fails.
    """
    reported: dict[str, str] = {}
    while True:
        latest = runs_of(platform).record(platform, model, run)
        for step, entry in latest["steps"].items():
            _tell(progress, step, reported.get(step), entry)
            reported[step] = entry["status"]
        if latest["status"] != runs.RUNNING:
            break
        time.sleep(POLL_SECONDS)
    retraining_admission.finish(platform.store, model, run)
    if latest["status"] == runs.FAILED:
        raise UserError(f"{latest['error']} (its log: mlops runs {run})")
    return latest


def results(platform: Platform, model: str, run: str, steps: Entries) -> dict[str, Any]:
    """Summaries of the steps that succeeded, as the store has them."""
    results = {}
    for step, entry in steps.items():
        if entry["status"] == runs.SUCCEEDED:
            key = f"{runs.folder(model, run)}/outputs/{step}/{RESULT}"
            with suppress(KeyError):  # past its retention
                results[step] = json.loads(platform.store.read(key))
    return results


def _tell(progress: Progress, step: str, before: str | None, entry: dict[str, Any]) -> None:
    status = entry["status"]
    if before is None and status in (runs.SUCCEEDED, runs.FAILED):
        progress(step, runs.RUNNING, entry)
    if before != status:
        progress(step, status, entry)
