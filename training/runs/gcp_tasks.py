"""The tasks of a pipeline job of Vertex AI as steps of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training import clock, runs
from training.platform import Platform

# Where a step leaves why it failed, beside its outputs (`training.jobs.gcp`).
REASON = "error.txt"
STATUS = {
    "PENDING": runs.RUNNING,
    "RUNNING": runs.RUNNING,
    "CANCEL_PENDING": runs.RUNNING,
    "CANCELLING": runs.RUNNING,
    "SUCCEEDED": runs.SUCCEEDED,
    "SKIPPED": runs.SKIPPED,
    "NOT_TRIGGERED": runs.SKIPPED,
    "CANCELLED": runs.FAILED,
    "FAILED": runs.FAILED,
}

Entries = dict[str, dict[str, Any]]


def entries(job: Mapping[str, Any], names: Sequence[str], is_over: bool) -> Entries:
    """The steps that have begun, in order; once the job has ended, the skipped ones too."""
    tasks = {task["taskName"]: task for task in job.get("jobDetail", {}).get("taskDetails", [])}
    steps = {name: _entry(tasks[name]) for name in names if name in tasks}
    skipped = {name: {"status": runs.SKIPPED} for name in names if name not in tasks and is_over}
    return {name: {**steps, **skipped}[name] for name in names if name in {**steps, **skipped}}


def error(platform: Platform, model: str, run: str, job: Mapping[str, Any], steps: Entries) -> str:
    """The reason that a run failed: in the words of its failed step, or else of the service."""
    message = job.get("error", {}).get("message", "the service does not say why")
    for name, entry in steps.items():
        if entry["status"] == runs.FAILED:
            try:
                key = f"{runs.folder(model, run)}/outputs/{name}/{REASON}"
                reason = platform.store.read(key).decode()
            except KeyError:  # it did not come to run
                reason = entry.get("error") or message
            return f"step {name!r} failed: {reason}"
    return message


def worker(job: Mapping[str, Any], step: str) -> str | None:
    """The id of the custom job that ran a step; None if it did not run."""
    for task in job.get("jobDetail", {}).get("taskDetails", []):
        detail = task.get("executorDetail", {}).get("containerDetail", {})
        if task["taskName"] == step and "mainJob" in detail:
            return detail["mainJob"].rpartition("/")[2]
    return None


def _entry(task: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"status": STATUS.get(task.get("state", ""), runs.RUNNING)}
    if "startTime" in task:
        entry["started"] = clock.text(clock.parse(task["startTime"]))
    if "startTime" in task and "endTime" in task:
        took = clock.parse(task["endTime"]) - clock.parse(task["startTime"])
        entry["seconds"] = round(took.total_seconds(), 3)
    if "error" in task:
        entry["error"] = task["error"].get("message", "")
    return entry
