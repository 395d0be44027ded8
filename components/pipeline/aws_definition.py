"""The neutral pipelines as SageMaker pipeline definitions: plain data in, plain data out.

The form is version 2020-12-01 of
https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/

No step is cached, and none is of type Fail: data and champion change under the same address, and a
model that is refused is no failed run (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.pipeline.aws_jobs import PROPERTIES, compiled
from components.pipeline.aws_values import Json, Where
from training.pipeline import RUN, Pipeline, Step

VERSION = "2020-12-01"


def definition(pipeline: Pipeline, settings: Mapping[str, str | None], where: Where) -> Json:
    """`pipeline` for SageMaker; `settings` as `components.pipeline.step_settings` gives them."""
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": [
            {"Name": name, "Type": "String", "DefaultValue": default}
            for name, default in parameters(pipeline).items()
        ],
        # No experiment: a run's record is the platform's own.
        "PipelineExperimentConfig": None,
        "Steps": _compiled(pipeline.steps, settings, where),
    }


def parameters(pipeline: Pipeline) -> dict[str, str]:
    """The parameters of a run with their defaults; the service itself names its runs."""
    return {name: default for name, default in pipeline.parameters.items() if name != RUN}


def _compiled(
    steps: Sequence[Step], settings: Mapping[str, str | None], where: Where
) -> list[Json]:
    """The steps; one with a condition, and all that come after it, stand inside a condition."""
    found: list[Json] = []
    inside: set[str] = set()
    for number, step in enumerate(steps):
        if step.name in inside:
            continue
        if step.when:
            dependents = _dependents(step, steps[number:])
            inside.update(one.name for one in dependents)
            first, *rest = dependents
            body = [*compiled(first, settings, where), *_compiled(rest, settings, where)]
            found.append(_condition(step, body))
        else:
            found.extend(compiled(step, settings, where))
    return found


def _dependents(step: Step, steps: Sequence[Step]) -> list[Step]:
    names = {step.name}
    for one in steps:
        if names.intersection(one.after):
            names.add(one.name)
    return [one for one in steps if one.name in names]


def _condition(step: Step, body: list[Json]) -> Json:
    return {
        "Name": f"{step.name}-if-{'-'.join(one.field for one in step.when)}",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {
                    "Type": "Equals",
                    "LeftValue": {
                        "Std:JsonGet": {
                            "PropertyFile": {"Get": f"Steps.{one.step}.PropertyFiles.{PROPERTIES}"},
                            "Path": one.field,
                        }
                    },
                    "RightValue": True,
                }
                for one in step.when
            ],
            "IfSteps": body,
            "ElseSteps": [],
        },
    }
