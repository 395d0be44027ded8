"""Steps of a SageMaker pipeline execution, as the platform names them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from training import clock, runs
from training.clients import aws
from training.pipeline import PIPELINES, Pipeline

STATUS = {
    "Starting": runs.RUNNING,
    "Executing": runs.RUNNING,
    "Stopping": runs.RUNNING,
    "Stopped": runs.FAILED,
    "Failed": runs.FAILED,
    "Succeeded": runs.SUCCEEDED,
}
# Where the service writes the output of jobs; a stream begins with the job's name.
LOG_GROUPS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
}
# What the job of a step leaves instead of a summary if its condition did not hold.
SKIPPED = "skipped"
MISSING_LOG = "ResourceNotFoundException"


def entries(client: Any, arn: str, pipeline: str, is_over: bool) -> dict[str, dict[str, Any]]:
    """Status, times and failure of each neutral step; those that never began are skipped.

    Conditions and other steps of the service's own are told only where they failed.
    """
    steps = {step["StepName"]: step for step in _steps(client, arn)}
    names = [step.name for step in _definition(pipeline).steps]
    step_entries = {name: _entry(steps[name]) for name in names if name in steps}
    if is_over:
        step_entries.update({name: {"status": runs.SKIPPED} for name in names if name not in steps})
    service_steps = {name: _entry(step) for name, step in steps.items() if name not in names}
    return step_entries | {
        name: e for name, e in service_steps.items() if e["status"] == runs.FAILED
    }


def error(execution: dict[str, Any], steps: dict[str, dict[str, Any]]) -> str:
    """The reason that an execution failed, in a sentence."""
    for name, entry in steps.items():
        if entry["status"] == runs.FAILED:
            return f"step {name!r} failed: {entry['error']}"
    status = execution["PipelineExecutionStatus"].lower()
    return execution.get("FailureReason") or f"the service says that it {status}"


def log(client: Any, logs: Any, arn: str, step: str) -> str:
    """The output of a step's job; empty if it had none or nothing is kept."""
    jobs = next((s.get("Metadata", {}) for s in _steps(client, arn) if s["StepName"] == step), {})
    lines = []
    for kind, group in LOG_GROUPS.items():
        if kind in jobs:
            prefix = f"{aws.last_part(jobs[kind]['Arn'])}/"
            lines += _lines(logs, group, prefix)
    return "".join(f"{line}\n" for line in lines)


def _lines(logs: Any, group: str, prefix: str) -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNamePrefix=prefix
    )
    try:
        return [event["message"].rstrip("\n") for page in pages for event in page["events"]]
    except ClientError as failed:
        if aws.code(failed) == MISSING_LOG:
            return []
        raise


def _steps(client: Any, arn: str) -> list[dict[str, Any]]:
    """All steps of an execution, in the order in which they began."""
    pages = client.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    )
    return [step for page in pages for step in page["PipelineExecutionSteps"]]


def _entry(step: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"status": STATUS[step["StepStatus"]]}
    start, end = step.get("StartTime"), step.get("EndTime")
    if start:
        entry["started"] = clock.text(start)
    if start and end:
        entry["seconds"] = round((end - start).total_seconds(), 3)
    if entry["status"] == runs.FAILED:
        entry["error"] = step.get("FailureReason", step["StepStatus"].lower())
    return entry


def _definition(name: str) -> Pipeline:
    return next(pipeline for pipeline in PIPELINES if pipeline.name == name)
