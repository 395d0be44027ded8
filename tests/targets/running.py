"""What the stacks that are up have in common: one model, its runs, its journals."""

from __future__ import annotations

from typing import Any

from training.journal import Journal
from training.platform import Platform
from training.runs import runs_of
from training.runs.follow import follow

MODEL = "flights"
Results = dict[str, dict[str, Any]]


def run(platform: Platform, pipeline: str, parameters: dict[str, str]) -> Results:
    """Run a pipeline; what its steps summed up."""
    return runs_of(platform).start(platform, MODEL, pipeline, parameters, _untold)["results"]


def await_results(platform: Platform, run: str) -> Results:
    """Wait for the end of a run that a service started; what its steps summed up."""
    return follow(platform, MODEL, run, _untold)["results"]


def records(platform: Platform, journal: str) -> list[dict[str, Any]]:
    """The records of one of the model's journals, oldest first."""
    return Journal(platform.store, f"models/{MODEL}/{journal}").records()


def _untold(step: str, status: str, entry: dict[str, Any]) -> None:
    """Nobody looks at the progress."""
