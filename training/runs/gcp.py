"""Pipeline runs on Vertex AI: pipeline jobs of the specs that the stack keeps in its store.

A run is called by the job's id. What its steps summed up is in the artifact store; all else is
asked of the service.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from training import clock, runs
from training.clients import gcp
from training.clients.gcp import GoogleError
from training.errors import UserError
from training.pipeline import PIPELINES, RUN
from training.platform import Platform
from training.registry.gcp import open_at
from training.runs import Progress, gcp_tasks
from training.runs.follow import follow, results, resumable
from training.runs.schedules import Schedule, describe, read_service_schedules

STATUS = {
    "PIPELINE_STATE_CANCELLED": runs.FAILED,
    "PIPELINE_STATE_FAILED": runs.FAILED,
    "PIPELINE_STATE_SUCCEEDED": runs.SUCCEEDED,
}
LOGS = "https://logging.googleapis.com/v2/entries:list"
MOST_LINES = 1000
METADATA_STORE, EXISTS = "default", 409


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
    return follow(platform, model, run, progress)


def resume(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Run a failed run again under its name, and return its record.

    The service has no way to go on at a step, so all run again: what they wrote is replaced, and
    what they entered is found by the run's name.
    """
    failed = resumable(platform, model, run)
    definition = _definition(platform, model, failed["pipeline"])
    deleted = gcp.call("DELETE", _address(definition, run), repeat=False)
    gcp.finished(json.loads(deleted))
    parameters = {name: value for name, value in failed["parameters"].items() if name != RUN}
    _create(platform, definition, run, parameters)
    return follow(platform, model, run, progress)


def recent(
    platform: Platform, model: str, most: int = 20, pipeline: str | None = None
) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
    registry = open_at(platform.registry_uri)
    names = [
        f'display_name="{_definition(platform, model, candidate.name)["name"]}"'
        for candidate in PIPELINES
        if pipeline in (None, candidate.name)
    ]
    page = gcp.get(
        gcp.vertex(f"{registry.parent}/pipelineJobs"),
        # Those of a stack of the same name before this one were written to another bucket.
        filter=f'labels.store="{registry.bucket}" AND ({" OR ".join(names)})',
        orderBy="create_time desc",
        pageSize=most,
    )
    jobs = page.get("pipelineJobs", [])[:most]
    # A list has no details of the tasks.
    return [record(platform, model, job["name"].rpartition("/")[2]) for job in jobs]


def record(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """A run's record; raises KeyError where there is none."""
    definition, job = _find_job(platform, model, run)
    status = STATUS.get(job.get("state", ""), runs.RUNNING)
    is_over = status != runs.RUNNING
    steps = gcp_tasks.entries(job, definition["steps"], is_over)
    run_record = {
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
    return (
        {**run_record, "results": results(platform, model, run, steps)} if is_over else run_record
    )


def schedules(platform: Platform, model: str) -> list[Schedule]:
    """The schedules of `model`, as Vertex AI has them: state, and the next time while one is on.

    https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.schedules
    """
    result = []
    for name, times in read_service_schedules(platform, model).items():
        try:
            schedule = gcp.get(gcp.vertex(times["schedule"]))
        except KeyError:
            raise UserError(
                f"schedule {times['schedule']!r} is gone; pulumi up --refresh"
            ) from None
        following = schedule.get("nextRunTime")
        result.append(
            describe(
                name,
                times,
                is_on=schedule["state"] == "ACTIVE",
                following=following and clock.text(clock.parse(following)),
            )
        )
    return result


def alive(platform: Platform, model: str, run: str) -> bool:
    """True if the service still runs it."""
    try:
        _, job = _find_job(platform, model, run)
    except KeyError:
        return False
    return job.get("state", "") not in STATUS


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """The output of a step of the run, from Cloud Logging; empty if there is none."""
    _, job = _find_job(platform, model, run)
    worker = gcp_tasks.worker(job, step)
    if worker is None:
        return ""
    query = {
        "resourceNames": [f"projects/{open_at(platform.registry_uri).project}"],
        "filter": f'resource.type="ml_job" AND resource.labels.job_id="{worker}"',
        "orderBy": "timestamp asc",
        "pageSize": MOST_LINES,
    }
    entries = json.loads(gcp.call("POST", LOGS, query)).get("entries", [])
    lines = [e.get("textPayload") or e.get("jsonPayload", {}).get("message", "") for e in entries]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def create_metadata_store(parent: str) -> bool:
    """Make the metadata store of runs in the location `parent`; False if there is one.

    It gets no key of a stack's: https://cloud.google.com/vertex-ai/docs/pipelines/configure-project
    says that the first run would make it with that run's.
    """
    try:
        gcp.get(gcp.vertex(f"{parent}/metadataStores/{METADATA_STORE}"))
    except KeyError:
        url = gcp.vertex(f"{parent}/metadataStores")
        try:
            operation = gcp.call("POST", url, {}, metadataStoreId=METADATA_STORE)
        except GoogleError as error:
            if error.status != EXISTS:
                raise
            # Somebody else's run was quicker.
            return False
        gcp.finished(json.loads(operation))
        return True
    return False


def _create(
    platform: Platform, definition: dict[str, Any], run: str, parameters: Mapping[str, str]
) -> None:
    job = definition["job"]
    values = {name: value for name, value in parameters.items() if value}
    body = {
        **job,
        "pipelineSpec": json.loads(platform.store.read(definition["spec"])),
        "runtimeConfig": {**job["runtimeConfig"], "parameterValues": values},
    }
    # A repetition would meet its own run.
    url = gcp.vertex(f"{definition['parent']}/pipelineJobs")
    gcp.call("POST", url, body, repeat=False, pipelineJobId=run)


def _find_job(platform: Platform, model: str, run: str) -> tuple[dict[str, Any], dict[str, Any]]:
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
