"""Pipeline runs on Azure ML: pipeline jobs of the stack's two components per model.

A run is called as its first job is. Azure ML cannot go on with a failed job: a run that is resumed
runs again as a job of its own, ``RUN__attempt2``, under the run's name, so that it registers once.

Source: Azure ML's REST API, "Jobs", api-version 2025-12-01.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from training import clock, runs
from training.clients.azure import find_resource, list_all, management
from training.pipeline import PIPELINES, RUN
from training.platform import Platform
from training.registry.azure import VERSION, open_at
from training.runs import Progress, azure_steps
from training.runs.follow import follow, results, resumable
from training.runs.schedules import Schedule, describe, read_service_schedules

ATTEMPT = "__attempt"
# What a job has in common with the one before it that failed.
COMMON_FIELDS = (
    "jobType",
    "displayName",
    "componentId",
    "experimentName",
    "inputs",
    "settings",
    "identity",
)
# All others are on their way (`JobStatus` of the REST API).
END_STATUSES = {"Completed": runs.SUCCEEDED, "Failed": runs.FAILED, "Canceled": runs.FAILED}

Job = dict[str, Any]


def start(
    platform: Platform,
    model: str,
    pipeline: str,
    parameters: Mapping[str, str],
    progress: Progress,
) -> dict[str, Any]:
    """Run `pipeline` of `model` on the service, follow it to its end and return its record.

    Raises UserError if a step fails. The run goes on if the caller ends.
    """
    run = submit(platform, model, pipeline, parameters)
    return follow(platform, model, run, progress)


def submit(platform: Platform, model: str, pipeline: str, parameters: Mapping[str, str]) -> str:
    """Start `pipeline` of `model` and return the run's name."""
    definition = _definition(platform, model, pipeline)
    inputs = {
        name: {"jobInputType": "literal", "value": value}
        for name, value in parameters.items()
        if value
    }
    run = f"{model}-{pipeline}-{clock.now():%Y%m%dt%H%M%S%f}-{secrets.token_hex(3)}"
    body = {
        "jobType": "Pipeline",
        "displayName": pipeline,
        "componentId": definition["component"],
        "experimentName": definition["experiment"],
        "inputs": {**definition["inputs"], **inputs},
        "settings": definition["settings"],
        "identity": definition["identity"],
    }
    _put(platform, run, body)
    return run


def resume(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Run a failed run again under its name; returns its record."""
    resumable(platform, model, run)
    attempts = _attempts(platform, run)
    before = attempts[-1]["properties"]
    body = {name: before[name] for name in COMMON_FIELDS if name in before}
    azure_steps.forget(platform, model, run)
    attempt = f"{run}{ATTEMPT}{len(attempts) + 1}"
    _put(platform, attempt, body)
    return follow(platform, model, run, progress)


def recent(
    platform: Platform, model: str, most: int = 20, pipeline: str | None = None
) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
    components = {
        _unversioned(_definition(platform, model, candidate.name)["component"])
        for candidate in PIPELINES
        if pipeline in (None, candidate.name) and _has(platform, model, candidate.name)
    }
    jobs = [
        job
        for job in list_all(f"{_workspace(platform)}/jobs", VERSION, jobType="Pipeline")
        if _unversioned(job["properties"].get("componentId") or "") in components
    ]
    jobs.sort(key=lambda job: job["systemData"]["createdAt"], reverse=True)
    names = dict.fromkeys(job["name"].partition(ATTEMPT)[0] for job in jobs)
    return [record(platform, model, name) for name in list(names)[:most]]


def record(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """A run's record; raises KeyError where there is none."""
    attempts = _attempts(platform, run)
    job = attempts[-1]["properties"]
    pipeline = _pipeline(platform, model, job)
    definition = _definition(platform, model, pipeline)
    status = END_STATUSES.get(job["status"], runs.RUNNING)
    is_over = status != runs.RUNNING
    steps = azure_steps.entries(platform, model, run, definition["steps"], is_over)
    literals = {
        name: job_input["value"]
        for name, job_input in (job.get("inputs") or {}).items()
        if job_input["jobInputType"] == "literal"
    }
    ends = [entry["ended"] for entry in steps.values() if "ended" in entry]
    created = clock.text(clock.parse(attempts[0]["systemData"]["createdAt"]))
    run_record = {
        "run": run,
        "model": model,
        "pipeline": pipeline,
        "status": status,
        "started": created,
        "ended": max(ends, default=created) if is_over else None,
        "error": azure_steps.error(job["status"], steps) if status == runs.FAILED else "",
        "parameters": {**definition["parameters"], **literals, RUN: run},
        "steps": steps,
    }
    return (
        {**run_record, "results": results(platform, model, run, steps)} if is_over else run_record
    )


def schedules(platform: Platform, model: str) -> list[Schedule]:
    """The schedules of `model`, as the workspace has them.

    It tells whether one is on (`isEnabled`), and neither its next time nor its last (REST API,
    "Schedules - Get").
    """
    return [
        describe(
            name,
            times,
            is_on=management(
                "GET", f"{_workspace(platform)}/schedules/{times['schedule']}", VERSION
            ).json()["properties"]["isEnabled"],
        )
        for name, times in read_service_schedules(platform, model).items()
    ]


def alive(platform: Platform, model: str, run: str) -> bool:
    """True if the service still runs it."""
    try:
        return _attempts(platform, run)[-1]["properties"]["status"] not in END_STATUSES
    except KeyError:
        return False


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """The output of a step of the run; empty if it did not begin."""
    return azure_steps.log(platform, model, run, step)


def _attempts(platform: Platform, run: str) -> list[Job]:
    """The jobs of a run, oldest first; raises KeyError where there is none."""
    jobs: list[Job] = []
    while True:
        name = f"{run}{ATTEMPT}{len(jobs) + 1}" if jobs else run
        job = find_resource(f"{_workspace(platform)}/jobs/{name}", VERSION)
        if job is None:
            break
        jobs.append(job)
    if not jobs:
        raise KeyError(run)
    return jobs


def _pipeline(platform: Platform, model: str, job: dict[str, Any]) -> str:
    """The pipeline that a job runs; raises KeyError for a job of another model."""
    component = _unversioned(job.get("componentId") or "")
    for pipeline in PIPELINES:
        if not _has(platform, model, pipeline.name):
            continue
        if _unversioned(_definition(platform, model, pipeline.name)["component"]) == component:
            return pipeline.name
    raise KeyError(component)


def _has(platform: Platform, model: str, pipeline: str) -> bool:
    return f"models/{model}/pipelines/{pipeline}.json" in platform.store.keys(
        f"models/{model}/pipelines"
    )


def _unversioned(component: str) -> str:
    return component.rpartition("/versions/")[0]


def _definition(platform: Platform, model: str, pipeline: str) -> dict[str, Any]:
    return platform.part(model, f"pipelines/{pipeline}.json")


def _workspace(platform: Platform) -> str:
    return open_at(platform.registry_uri).workspace


def _put(platform: Platform, name: str, properties: dict[str, Any]) -> None:
    path = f"{_workspace(platform)}/jobs/{name}"
    management("PUT", path, VERSION, {"properties": properties})
