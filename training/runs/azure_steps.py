"""Steps of a pipeline job of Azure ML: what each left of itself in the store.

What the service keeps of a pipeline's nodes is no part of its stable API, so each node's entry
(`training.jobs.azure`) leaves its status and its output's last lines in the store.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from training import runs
from training.platform import Platform

Entries = dict[str, dict[str, Any]]


def entry_key(model: str, run: str, step: str) -> str:
    """The key of the status that the entry of a step's job writes."""
    return f"{runs.folder(model, run)}/steps/{step}.json"


def log_key(model: str, run: str, step: str) -> str:
    """The key of the log that the entry of a step's job writes."""
    return f"{runs.folder(model, run)}/logs/{step}.log"


def entries(
    platform: Platform, model: str, run: str, names: Sequence[str], is_over: bool
) -> Entries:
    """The steps that have begun, in order; once the job has ended, the skipped ones too."""
    steps = {}
    for name in names:
        try:
            steps[name] = json.loads(platform.store.read(entry_key(model, run, name)))
        except KeyError:
            if is_over:
                steps[name] = {"status": runs.SKIPPED}
    return steps


def error(status: str, steps: Entries) -> str:
    """The reason that a run failed: in the words of its failed step, or else of the service."""
    for name, entry in steps.items():
        if entry["status"] == runs.FAILED:
            return f"step {name!r} failed: {entry['error']}"
    return f"the service says that it {status.lower()}"


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """The output of a step; empty if it did not begin."""
    try:
        return platform.store.read(log_key(model, run, step)).decode(errors="replace")
    except KeyError:
        return ""


def forget(platform: Platform, model: str, run: str) -> None:
    """Delete what the steps of an attempt left of themselves: it is not the next one's."""
    for key in platform.store.keys(f"{runs.folder(model, run)}/steps"):
        platform.store.delete(key)
