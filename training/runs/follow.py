"""What the back ends of runs have in common: which run can be resumed, and how one is followed."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from training import admission, runs
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
        found = back.record(platform, model, run)
    except KeyError:
        known = ", ".join(each["run"] for each in back.recent(platform, model, 5)) or "none"
        raise UserError(f"model {model!r} has no run {run!r}; the newest: {known}") from None
    if found["status"] != runs.FAILED:
        raise UserError(f"run {run!r} is {found['status']}; only a failed run can be resumed")
    return found


def follow(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Ask the service for a run until it has ended, and return its record.

    Tells of every change; a step that begins and ends between two looks is told of twice. Raises
    UserError if the run fails.
    """
    told: dict[str, str] = {}
    while True:
        found = runs_of(platform).record(platform, model, run)
        for step, entry in found["steps"].items():
            _tell(progress, step, told.get(step), entry)
            told[step] = entry["status"]
        if found["status"] != runs.RUNNING:
            break
        time.sleep(POLL_SECONDS)
    admission.finish(platform.store, model, run)
    if found["status"] == runs.FAILED:
        raise UserError(f"{found['error']} (its log: mlops runs {run})")
    return found


def results(platform: Platform, model: str, run: str, steps: Entries) -> dict[str, Any]:
    """What the steps that succeeded summed up, as the store has it."""
    found = {}
    for step, entry in steps.items():
        if entry["status"] == runs.SUCCEEDED:
            key = f"{runs.folder(model, run)}/outputs/{step}/{RESULT}"
            with suppress(KeyError):  # past its retention
                found[step] = json.loads(platform.store.read(key))
    return found


def _tell(progress: Progress, step: str, before: str | None, entry: dict[str, Any]) -> None:
    status = entry["status"]
    if before is None and status in (runs.SUCCEEDED, runs.FAILED):
        progress(step, runs.RUNNING, entry)
    if before != status:
        progress(step, status, entry)
