"""The neutral pipelines as SageMaker pipeline definitions: plain data in, plain data out.

The form is version 2020-12-01 of
https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/

"Pipelines doesn't support the use of nested condition steps" (SageMaker developer guide, "Condition
step", Limitations), so the pipeline's first condition is one of the service's, with all that comes
after it inside; a job whose own condition does not hold ends at once (`training.jobs.aws`).

No step is cached, and none is of type Fail: data and champion change under the same address, and a
model that is refused is no failed run (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.pipeline.aws_context import CompileContext, Json
from components.pipeline.aws_jobs import PROPERTIES, compiled, divided
from training.pipeline import RUN, Pipeline, Step

VERSION = "2020-12-01"
# What started a run. EventBridge Scheduler starts no pipeline without a parameter: "Parameters
# SageMakerPipelineParameters must be specified" (hashicorp/terraform-provider-aws#33526).
TRIGGER = {"trigger": "manual"}


def definition(
    pipeline: Pipeline, settings: Mapping[str, str | None], context: CompileContext
) -> Json:
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
        "Steps": _compiled(pipeline.steps, settings, context),
    }


def parameters(pipeline: Pipeline) -> dict[str, str]:
    """The parameters of a run with their defaults; the service itself names its runs."""
    defaults = {name: default for name, default in pipeline.parameters.items() if name != RUN}
    return {**TRIGGER, **defaults}


def _compiled(
    steps: Sequence[Step], settings: Mapping[str, str | None], context: CompileContext
) -> list[Json]:
    """The steps; the first one with a condition stands inside it with all that come after it."""
    first = next((step for step in steps if step.when), None)
    if first is None:
        return [part for step in steps for part in _unconditional(step, settings, context)]
    looked_at = {condition.step for condition in first.when}
    inside, body, skippable = _dependents(first, steps), [], set()
    for step in inside:
        when = step.when if step != first else ()
        after = [name for name in step.after if name in skippable]
        if when or after:
            skippable.add(step.name)
        body.append(compiled(step, settings, context, when=when, after=after))
    outside = [
        compiled(step, settings, context, is_looked_at=step.name in looked_at)
        for step in steps
        if step not in inside
    ]
    return [*outside, _condition(first, body)]


def _unconditional(
    step: Step, settings: Mapping[str, str | None], context: CompileContext
) -> list[Json]:
    """A step; one that reads captures is divided among the instances that the settings give it."""
    if context.check_instances > 1 and "captures" in step.sources:
        return divided(step, settings, context)
    return [compiled(step, settings, context)]


def _dependents(step: Step, steps: Sequence[Step]) -> list[Step]:
    names = {step.name}
    for candidate in steps:
        if names.intersection(candidate.after):
            names.add(candidate.name)
    return [candidate for candidate in steps if candidate.name in names]


def _condition(step: Step, body: list[Json]) -> Json:
    return {
        "Name": f"{step.name}-if-{'-'.join(condition.field for condition in step.when)}",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {
                    "Type": "Equals",
                    "LeftValue": {
                        "Std:JsonGet": {
                            "PropertyFile": {
                                "Get": f"Steps.{condition.step}.PropertyFiles.{PROPERTIES}"
                            },
                            "Path": condition.field,
                        }
                    },
                    "RightValue": True,
                }
                for condition in step.when
            ],
            "IfSteps": body,
            "ElseSteps": [],
        },
    }
