"""Pipeline runs on this computer: the local pipeline definition, a process per step.

A run can be killed at any point and resumed: a step writes into a folder that gets its final
name only when the step has succeeded, and the record says which have.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from training import clock, retraining_admission, runs
from training.errors import UserError
from training.monitoring import local as monitoring
from training.platform import Platform
from training.runs import Progress, records
from training.runs.alive import hold
from training.runs.follow import resumable
from training.runs.local_job import Job
from training.runs.schedules import Schedule, describe, read_schedules
from training.runs.worker import Worker
from training.serving import address

WARM_UP = "warm-up"

# What a step loads late, to be loaded in the warm process already, if it is installed.
LATE_IMPORTS = {
    "train": ["training.drift.profiling", "training.models.default", "skops.io"],
    "register": [
        "training.registry.local",
        "mlflow.pyfunc",
        "mlflow.store.model_registry.sqlalchemy_store",
        "mlflow.store.tracking.sqlalchemy_store",
    ],
    "drift": ["training.drift.comparison", "training.drift.profiling"],
}


def start(
    platform: Platform,
    model: str,
    pipeline: str,
    parameters: Mapping[str, str],
    progress: Progress,
    worker: Worker | None = None,
) -> dict[str, Any]:
    """Run `pipeline` of `model` to its end and return the run's record.

    Without a `worker` a warm process is started for this run. Raises UserError if a step fails.
    """
    definition = platform.part(model, f"pipelines/{pipeline}.json")
    name = records.new_name(pipeline)
    new_record = {
        "run": name,
        "model": model,
        "pipeline": pipeline,
        "status": runs.RUNNING,
        "started": clock.text(clock.now()),
        "ended": None,
        "parameters": {**definition["parameters"], **parameters, "run": name},
        "definition": definition,
        "steps": {},
        "error": "",
    }
    return _execute(platform, new_record, progress, worker)


def resume(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Go on with a run at the step that failed or was killed; returns its record."""
    failed = resumable(platform, model, run)
    return _execute(platform, {**failed, "status": runs.RUNNING, "error": ""}, progress, None)


def recent(
    platform: Platform, model: str, most: int = 20, pipeline: str | None = None
) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
    return records.recent(platform.store, model, most, pipeline)


def record(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """A run's record; raises KeyError where there is none."""
    return records.record(platform.store, model, run)


def schedules(platform: Platform, model: str) -> list[Schedule]:
    """The schedules of `model`: they are on while the stack's server runs and fires them."""
    health = monitoring.health(platform.store, model) or {}
    is_on = address.is_served(platform) and health.get("fires_schedules", True)
    return [describe(name, t, is_on=is_on) for name, t in read_schedules(platform, model).items()]


def alive(platform: Platform, model: str, run: str) -> bool:
    """True if the run's process is still there."""
    return records.alive(platform.store, model, run)


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """The log of a step of the run; empty if it did not begin."""
    path = Path(platform.store.uri) / runs.folder(model, run) / "logs" / f"{step}.log"
    return path.read_text(errors="replace") if path.is_file() else ""


def warm_worker(platform: Platform, model: str, *pipelines: str) -> Worker:
    """A warm process for the steps of `pipelines`, to be used for several runs."""
    parts = [platform.part(model, f"pipelines/{name}.json") for name in pipelines]
    steps = [step["name"] for part in parts for step in part["steps"]]
    late = [
        module
        for step in steps
        for module in LATE_IMPORTS.get(step, [])
        if find_spec(module.partition(".")[0]) is not None
    ]
    preload = [f"training.steps.{step}" for step in steps] + late
    package = Path(platform.store.uri) / parts[0]["package"]
    return Worker(package, platform.root, preload)


def _execute(
    platform: Platform, record: dict[str, Any], progress: Progress, worker: Worker | None
) -> dict[str, Any]:
    if worker is None:
        progress(WARM_UP, runs.RUNNING, {})
        start = time.monotonic()
        with warm_worker(platform, record["model"], record["pipeline"]) as warm:
            progress(WARM_UP, runs.SUCCEEDED, {"seconds": time.monotonic() - start})
            return _execute(platform, record, progress, warm)
    model, run = record["model"], record["run"]
    folder = Path(platform.store.uri) / runs.folder(model, run)
    with hold(folder) as is_held:
        if not is_held:
            raise UserError(f"run {run!r} is under way in another process")
        job = Job(platform, record, folder, progress, worker)
        try:
            job.run()
        finally:
            job.close()
            retraining_admission.finish(platform.store, model, run)
    return record
