"""Pipeline runs on Vertex AI: pipeline jobs of the specs that the stack keeps in its store.

A run is called by the job's id. What its steps summed up is in the artifact store; all else is
asked of the service.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from training import admission, clock, runs
from training.clients import gcp
from training.errors import UserError
from training.pipeline import PIPELINES, RESULT, RUN
from training.platform import Platform
from training.registry.gcp import open_at
from training.runs import Progress, gcp_tasks

POLL_SECONDS = 10.0
STATUS = {
    "PIPELINE_STATE_CANCELLED": runs.FAILED,
    "PIPELINE_STATE_FAILED": runs.FAILED,
    "PIPELINE_STATE_SUCCEEDED": runs.SUCCEEDED,
}
LOGS = "https://logging.googleapis.com/v2/entries:list"
MOST_LINES = 1000


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
    definition = _definition(platform, model, pipeline)
    unique = f"{clock.now():%Y%m%d%H%M%S}-{secrets.token_hex(2)}"
    run = f"{definition['name']}-{unique}"
    _create(platform, definition, run, parameters)
    return _follow(platform, model, run, progress)


def resume(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Run a failed run again under its name, and return its record.

    The service has no way to go on at a step, so all run again: what they wrote is replaced, and
    what they entered is found by the run's name.
    """
    try:
        failed = record(platform, model, run)
    except KeyError:
        known = ", ".join(r["run"] for r in recent(platform, model, 5)) or "none"
        raise UserError(f"model {model!r} has no run {run!r}; the newest: {known}") from None
    if failed["status"] != runs.FAILED:
        raise UserError(f"run {run!r} is {failed['status']}; only a failed run can be resumed")
    definition = _definition(platform, model, failed["pipeline"])
    deleted = gcp.call("DELETE", _address(definition, run), repeat=False)
    gcp.finished(json.loads(deleted))
    given = {name: value for name, value in failed["parameters"].items() if name != RUN}
    _create(platform, definition, run, given)
    return _follow(platform, model, run, progress)


def recent(platform: Platform, model: str, most: int = 20) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first."""
    parent = open_at(platform.registry_uri).parent
    names = [_definition(platform, model, pipeline.name)["name"] for pipeline in PIPELINES]
    found = gcp.get(
        gcp.vertex(f"{parent}/pipelineJobs"),
        filter=" OR ".join(f'display_name="{name}"' for name in names),
        orderBy="create_time desc",
        pageSize=most,
    )
    jobs = found.get("pipelineJobs", [])[:most]
    # A list has no details of the tasks.
    return [record(platform, model, job["name"].rpartition("/")[2]) for job in jobs]


def record(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """A run's record; raises KeyError where there is none."""
    definition, job = _found(platform, model, run)
    status = STATUS.get(job.get("state", ""), runs.RUNNING)
    ended = status != runs.RUNNING
    steps = gcp_tasks.entries(job, definition["steps"], ended)
    found = {
        "run": run,
        "model": model,
        "pipeline": definition["pipeline"],
        "status": status,
        "started": clock.text(clock.parse(job["createTime"])),
        "ended": clock.text(clock.parse(job["endTime"])) if "endTime" in job else None,
        "error": (
            gcp_tasks.error(platform, model, run, job, steps) if status == runs.FAILED else ""
        ),
        "parameters": {
            **definition["parameters"],
            **job.get("runtimeConfig", {}).get("parameterValues", {}),
            RUN: run,
        },
        "steps": steps,
    }
    return {**found, "results": _results(platform, model, found)} if ended else found


def alive(platform: Platform, model: str, run: str) -> bool:
    """Whether the service still runs it."""
    try:
        _, job = _found(platform, model, run)
    except KeyError:
        return False
    return job.get("state", "") not in STATUS


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """What a step of the run printed, as Cloud Logging has it; empty if nothing."""
    _, job = _found(platform, model, run)
    worker = gcp_tasks.worker(job, step)
    if worker is None:
        return ""
    asked = {
        "resourceNames": [f"projects/{open_at(platform.registry_uri).project}"],
        "filter": f'resource.type="ml_job" AND resource.labels.job_id="{worker}"',
        "orderBy": "timestamp asc",
        "pageSize": MOST_LINES,
    }
    entries = json.loads(gcp.call("POST", LOGS, asked)).get("entries", [])
    lines = [e.get("textPayload") or e.get("jsonPayload", {}).get("message", "") for e in entries]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _create(
    platform: Platform, definition: dict[str, Any], run: str, parameters: Mapping[str, str]
) -> None:
    job = definition["job"]
    given = {name: value for name, value in parameters.items() if value}
    body = {
        **job,
        "pipelineSpec": json.loads(platform.store.read(definition["spec"])),
        "runtimeConfig": {**job["runtimeConfig"], "parameterValues": given},
    }
    # A repetition would meet its own run.
    url = gcp.vertex(f"{definition['parent']}/pipelineJobs")
    gcp.call("POST", url, body, repeat=False, pipelineJobId=run)


def _follow(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    told: dict[str, str] = {}
    while True:
        found = record(platform, model, run)
        for step, entry in found["steps"].items():
            if told.get(step) != entry["status"]:
                told[step] = entry["status"]
                progress(step, entry["status"], entry)
        if found["status"] != runs.RUNNING:
            break
        time.sleep(POLL_SECONDS)
    admission.finish(platform.store, model, run)
    if found["status"] == runs.FAILED:
        raise UserError(f"{found['error']} (its log: mlops runs {run})")
    return found


def _results(platform: Platform, model: str, found: dict[str, Any]) -> dict[str, Any]:
    results = {}
    for step, entry in found["steps"].items():
        if entry["status"] == runs.SUCCEEDED:
            key = f"{runs.folder(model, found['run'])}/outputs/{step}/{RESULT}"
            with suppress(KeyError):  # past its retention
                results[step] = json.loads(platform.store.read(key))
    return results


def _found(platform: Platform, model: str, run: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run's pipeline and what the service says of it; raises KeyError where there is none."""
    for pipeline in PIPELINES:
        definition = _definition(platform, model, pipeline.name)
        if run.startswith(f"{definition['name']}-"):
            return definition, gcp.get(_address(definition, run))
    raise KeyError(run)


def _address(definition: dict[str, Any], run: str) -> str:
    return gcp.vertex(f"{definition['parent']}/pipelineJobs/{run}")


def _definition(platform: Platform, model: str, pipeline: str) -> dict[str, Any]:
    return {"pipeline": pipeline, **platform.part(model, f"pipelines/{pipeline}.json")}
