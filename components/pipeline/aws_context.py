"""Compile-time context of a SageMaker pipeline: placeholders of run values, and data addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.pipeline import RUN

Json = dict[str, Any]

RUN_ID = {"Get": "Execution.PipelineExecutionId"}


@dataclass(frozen=True)
class CompileContext:
    """The environment of one model's steps; addresses begin with ``s3://``, roles are ARNs."""

    store: str
    package: str
    data: str
    image: str
    instance_type: str
    volume_gb: int
    check_instances: int
    max_seconds: int
    roles: Mapping[str, str]
    key: str
    tags: Mapping[str, str]


def parameter(name: str) -> Any:
    """The placeholder of a parameter's value in a run."""
    return RUN_ID if name == RUN else {"Get": f"Parameters.{name}"}


def source(name: str, settings: Mapping[str, str | None], context: CompileContext) -> Any:
    """The address of a source, or of what a step before made."""
    if name == "data":
        return context.data
    if name == "train":
        return {"Get": "Steps.train.ModelArtifacts.S3ModelArtifacts"}
    return output(name, settings, context)


def output(name: str, settings: Mapping[str, str | None], context: CompileContext) -> Json:
    """The address of what a step of the run makes."""
    runs = f"{context.store}/models/{settings['model']}/runs"
    return joined("/", runs, RUN_ID, "outputs", name)


def joined(on: str, *values: Any) -> Json:
    """Text that is put together in a run."""
    return {"Std:Join": {"On": on, "Values": list(values)}}
