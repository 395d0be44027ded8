"""Pipeline runs: their records in the artifact store, and who may say that one still runs.

A run's record is ``models/<model>/runs/<run>/run.json``; its steps' logs and outputs stand
beside it. Where runs happen is a target's own matter: `training.runs.local` on this computer.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from training import clock
from training.store import Store

RUNNING, SUCCEEDED, FAILED, SKIPPED = "running", "succeeded", "failed", "skipped"
RECORD = "run.json"


def new_name(pipeline: str) -> str:
    """A run's name that sorts by time, such as ``20130401t000000-training-1f3a``."""
    return f"{clock.now():%Y%m%dt%H%M%S}-{pipeline}-{secrets.token_hex(2)}"


def folder(model: str, run: str) -> str:
    """The key prefix of a run."""
    return f"models/{model}/runs/{run}"


def names(store: Store, model: str) -> list[str]:
    """The names of the runs of `model`, newest first."""
    prefix = f"models/{model}/runs/"
    found = {key.removeprefix(prefix).split("/")[0] for key in store.keys(prefix.rstrip("/"))}
    return sorted(found, reverse=True)


def record(store: Store, model: str, run: str) -> dict[str, Any]:
    """A run's record; one that says running but was killed reads as failed.

    Raises KeyError where there is none.
    """
    found = json.loads(store.read(f"{folder(model, run)}/{RECORD}"))
    if found["status"] == RUNNING and not alive(store, model, run):
        found.update(status=FAILED, error="the run was killed")
    return found


def recent(store: Store, model: str, most: int = 20) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first."""
    found = []
    for name in names(store, model)[:most]:
        try:
            found.append(record(store, model, name))
        except KeyError:  # killed before its first record was written
            continue
    return found


def alive(store: Store, model: str, run: str) -> bool:
    """Whether the run's process is still there; on a cloud only its lease's expiry tells."""
    if "://" in store.uri:
        return True
    from training.runs.lock import is_held

    return is_held(Path(store.uri) / folder(model, run))
