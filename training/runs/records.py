"""Records of runs in the artifact store, as the local runner keeps them.

A run's record is ``models/<model>/runs/<run>/run.json``. On the clouds the service keeps them.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from training import clock
from training.runs import FAILED, RECORD, RUNNING, folder
from training.runs.alive import is_held
from training.store import Store


def new_name(pipeline: str) -> str:
    """A run's name that sorts by time, such as ``20130401t000000000000-training-1f3a``."""
    return f"{clock.now():%Y%m%dt%H%M%S%f}-{pipeline}-{secrets.token_hex(2)}"


def names(store: Store, model: str) -> list[str]:
    """The names of the runs of `model`, newest first."""
    # Only this folder, not the files of each run, of which a year has tens of thousands.
    try:
        with os.scandir(Path(store.uri) / f"models/{model}/runs") as entries:
            folders = [entry.name for entry in entries if entry.is_dir()]
    except FileNotFoundError:
        return []
    return sorted((name for name in folders if not name.startswith(".")), reverse=True)


def record(store: Store, model: str, run: str) -> dict[str, Any]:
    """A run's record; one that says running but was killed reads as failed.

    Raises KeyError where there is none.
    """
    result = json.loads(store.read(f"{folder(model, run)}/{RECORD}"))
    if result["status"] == RUNNING and not alive(store, model, run):
        result.update(status=FAILED, error="the run was killed")
    return result


def recent(
    store: Store, model: str, most: int = 20, pipeline: str | None = None
) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
    return list(islice(newest(store, model, pipeline), most))


def newest(store: Store, model: str, pipeline: str | None = None) -> Iterator[dict[str, Any]]:
    """The records of all runs of `model`, newest first, each read when it is asked for."""
    # A name says its pipeline (`new_name`).
    of_pipeline = (n for n in names(store, model) if not pipeline or f"-{pipeline}-" in n)
    for name in of_pipeline:
        with suppress(KeyError):  # killed before its first record was written
            yield record(store, model, name)


def alive(store: Store, model: str, run: str) -> bool:
    """True if the run's process is still there."""
    return is_held(Path(store.uri) / folder(model, run))
