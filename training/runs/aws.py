"""Pipeline runs on SageMaker: executions of the stack's two pipelines per model.

A run is called by the service's execution id. What its steps summed up is in the artifact store;
all else is asked of the service.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from training import clock, runs
from training.clients import aws
from training.pipeline import PIPELINES, RUN
from training.platform import Platform
from training.registry.aws import open_at
from training.runs import Progress, aws_steps
from training.runs.follow import follow, results, resumable
from training.runs.schedules import Schedule, describe, read_service_schedules

STATUS = {
    "Executing": runs.RUNNING,
    "Stopping": runs.RUNNING,
    "Stopped": runs.FAILED,
    "Failed": runs.FAILED,
    "CompletedWithFailures": runs.FAILED,
    "Succeeded": runs.SUCCEEDED,
}
THREADS = 8
CONDITIONAL = {step.name for pipeline in PIPELINES for step in pipeline.steps if step.when}
NOT_FOUND = "ResourceNotFound"


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
    client, definition = _client(platform), _definition(platform, model, pipeline)
    pipeline_parameters = [
        {"Name": name, "Value": value} for name, value in parameters.items() if value
    ]
    execution = client.start_pipeline_execution(
        PipelineName=definition["pipeline"],
        PipelineParameters=pipeline_parameters,
        ClientRequestToken=uuid.uuid4().hex,
    )
    run = aws.last_part(execution["PipelineExecutionArn"])
    return follow(platform, model, run, progress)


def resume(platform: Platform, model: str, run: str, progress: Progress) -> dict[str, Any]:
    """Go on with a failed run at the step that failed; returns its record."""
    resumable(platform, model, run)
    _, execution = _find_execution(platform, model, run)
    _client(platform).retry_pipeline_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"],
        ClientRequestToken=uuid.uuid4().hex,
    )
    return follow(platform, model, run, progress)


def recent(
    platform: Platform, model: str, most: int = 20, pipeline: str | None = None
) -> list[dict[str, Any]]:
    """The records of the newest runs of `model`, newest first; of one `pipeline`, or of all."""
    client, summaries = _client(platform), []
    for name in [pipeline] if pipeline else [candidate.name for candidate in PIPELINES]:
        answer = client.list_pipeline_executions(
            PipelineName=_definition(platform, model, name)["pipeline"],
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=most,
        )
        summaries += answer["PipelineExecutionSummaries"]
    summaries.sort(key=lambda summary: summary["StartTime"], reverse=True)
    names = [aws.last_part(summary["PipelineExecutionArn"]) for summary in summaries[:most]]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda name: record(platform, model, name), names))


def record(platform: Platform, model: str, run: str) -> dict[str, Any]:
    """A run's record; raises KeyError where there is none."""
    pipeline, execution = _find_execution(platform, model, run)
    client, arn = _client(platform), execution["PipelineExecutionArn"]
    parameters = client.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    status = STATUS[execution["PipelineExecutionStatus"]]
    is_over = status != runs.RUNNING
    steps = aws_steps.entries(client, arn, pipeline, is_over)
    steps = {name: _or_skipped(platform, model, run, name, entry) for name, entry in steps.items()}
    run_record = {
        "run": run,
        "model": model,
        "pipeline": pipeline,
        "status": status,
        "started": clock.text(execution["CreationTime"]),
        "ended": clock.text(execution["LastModifiedTime"]) if is_over else None,
        "error": aws_steps.error(execution, steps) if status == runs.FAILED else "",
        "parameters": {
            **_definition(platform, model, pipeline)["parameters"],
            **{p["Name"]: p["Value"] for p in parameters.get("PipelineParameters", [])},
            RUN: run,
        },
        "steps": steps,
    }
    return (
        {**run_record, "results": results(platform, model, run, steps)} if is_over else run_record
    )


def _or_skipped(
    platform: Platform, model: str, run: str, step: str, entry: dict[str, Any]
) -> dict[str, Any]:
    """A step's entry; one that succeeded since its condition did not hold was skipped."""
    if entry["status"] == runs.SUCCEEDED and step in CONDITIONAL:
        marker = f"{runs.folder(model, run)}/outputs/{step}/{aws_steps.SKIPPED}"
        with suppress(KeyError):
            platform.store.read(marker)
            return {**entry, "status": runs.SKIPPED}
    return entry


def schedules(platform: Platform, model: str) -> list[Schedule]:
    """The schedules of `model`, as EventBridge Scheduler has them.

    It tells whether one is on, and neither its next time nor its last
    (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html).
    """
    client = aws.client("scheduler", open_at(platform.registry_uri).region)
    return [
        describe(
            name,
            times,
            is_on=client.get_schedule(Name=times["schedule"])["State"] == "ENABLED",
        )
        for name, times in read_service_schedules(platform, model).items()
    ]


def alive(platform: Platform, model: str, run: str) -> bool:
    """True if the service still runs it."""
    try:
        _, execution = _find_execution(platform, model, run)
    except KeyError:
        return False
    return STATUS[execution["PipelineExecutionStatus"]] == runs.RUNNING


def log(platform: Platform, model: str, run: str, step: str) -> str:
    """The output of a step of the run, from CloudWatch Logs; empty if there is none."""
    _, execution = _find_execution(platform, model, run)
    logs = aws.client("logs", open_at(platform.registry_uri).region)
    return aws_steps.log(_client(platform), logs, execution["PipelineExecutionArn"], step)


def _find_execution(platform: Platform, model: str, run: str) -> tuple[str, dict[str, Any]]:
    """A run's pipeline and what the service says of it; raises KeyError where there is none."""
    for pipeline in PIPELINES:
        arn = f"{_definition(platform, model, pipeline.name)['arn']}/execution/{run}"
        try:
            execution = _client(platform).describe_pipeline_execution(PipelineExecutionArn=arn)
        except ClientError as error:
            if aws.code(error) == NOT_FOUND:
                continue
            raise
        return pipeline.name, execution
    raise KeyError(run)


def _definition(platform: Platform, model: str, pipeline: str) -> dict[str, Any]:
    return platform.part(model, f"pipelines/{pipeline}.json")


def _client(platform: Platform) -> Any:
    return aws.client("sagemaker", open_at(platform.registry_uri).region)
