"""Both pipelines of a model, compiled for SageMaker out of plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from components.config import parse
from components.pipeline import step_settings
from components.pipeline.aws_context import CompileContext
from components.pipeline.aws_definition import definition
from components.settings import Model
from training.pipeline import PIPELINES

ROLES = {
    actor: f"arn:aws:iam::123456789012:role/p-flights-{actor}"
    for actor in ("pipeline", "steps", "release")
}
IMAGE = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
DATA = {"location": "s3://data/flights/", "target": "late", "timeColumn": "time_hour"}


def model(**settings: Any) -> Model:
    """A model called flights with these settings, by their names in the stack file."""
    config = {"model": "flights", "data": DATA, **settings}
    text = {key: json.dumps(v) if isinstance(v, dict) else str(v) for key, v in config.items()}
    return parse({"target": "aws", **text}).models[0]


def compiled(settings: Model, **arn_parts: Any) -> dict[str, dict[str, Any]]:
    """The definitions by pipeline name; `places` replaces parts of where it runs."""
    context: dict[str, Any] = {
        "store": "s3://p-store",
        "package": "s3://p-store/code/mlops_training-0.1.0+abc-py3-none-any.whl",
        "data": settings.data.location,
        "image": IMAGE,
        "instance_type": "ml.m5.large",
        "volume_gb": 30,
        "check_instances": settings.drift.instances or 1,
        "max_seconds": 7200,
        "roles": ROLES,
        "key": "arn:aws:kms:eu-central-1:123456789012:key/1",
        "tags": {"project": "p"},
        **arn_parts,
    }
    values: Any = step_settings(
        settings, "abc", context["store"], "sagemaker://eu-central-1/p", context["image"]
    )
    return {
        pipeline.name: definition(pipeline, values, CompileContext(**context))
        for pipeline in PIPELINES
    }


def steps(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All steps by name, those inside conditions too."""
    return {step["Name"]: step for step in _walked(document["Steps"])}


def _walked(branch_steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in branch_steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _walked(step["Arguments"].get(branch, []))


def filled(value: Any) -> Any:
    """The value as the service has it in a run, every reference filled in."""
    if isinstance(value, dict):
        if set(value) == {"Get"}:
            return RUN[value["Get"].split(".")[0]]
        if set(value) == {"Std:Join"}:
            join = value["Std:Join"]
            return join["On"].join(map(filled, join["Values"]))
        return {key: filled(part) for key, part in value.items()}
    return [filled(part) for part in value] if isinstance(value, list) else value


# What stands for each kind of reference.
RUN = {
    "Execution": "abcdefghijkl",
    "Parameters": "manual",
    "Steps": "s3://p-store/models/flights/training/abcdefghijkl/job/output/model.tar.gz",
}
