"""What CreatePipeline checks in a SageMaker pipeline definition (schema version 2020-12-01)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure, shown
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.rules.basic import PathRule, parsed
from pulumi_simcloud.values import select

VERSION = "2020-12-01"
LONGEST = 1_048_576
STEP_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
STEP_TYPES = frozenset(
    [
        "Condition",
        "Model",
        "Processing",
        "RegisterModel",
        "Training",
        "Transform",
        "Callback",
        "Tuning",
        "Lambda",
        "EMR",
        "Fail",
        "AutoML",
        "EndpointConfig",
        "Endpoint",
        "QualityCheck",
        "ClarifyCheck",
        "InferenceComponent",
        "Lineage",
    ]
)
PARAMETER_TYPES = ("String", "Integer", "Float", "Boolean")


def pipeline_definition(path: str) -> Rule:
    """A definition whose steps, parameters and references to them hold together."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for where, text in select(inputs, path):
            if isinstance(text, str):
                yield from (Failure(where, reason) for reason in _definition(text))

    return PathRule((path,), rule)


def _definition(text: str) -> Iterator[str]:
    document = parsed(text)
    if not isinstance(document, dict):
        yield f"{shown(text)} is not a JSON object"
        return
    if len(text) > LONGEST:
        yield f"has {len(text)} characters, allowed are {LONGEST}"
    if document.get("Version") != VERSION:
        yield f"Version {shown(document.get('Version'))} is not {VERSION!r}"
    parameters = document.get("Parameters", [])
    for parameter in parameters:
        if parameter.get("Type") not in PARAMETER_TYPES:
            yield f"parameter {shown(parameter)} has none of the types {', '.join(PARAMETER_TYPES)}"
    steps = list(_steps(document.get("Steps", [])))
    if not steps:
        yield "no Steps"
    names = Counter(str(step.get("Name")) for step in steps)
    yield from (f"step name {name!r} is taken twice" for name, times in names.items() if times > 1)
    for step in steps:
        yield from _step(step, set(names), {item.get("Name") for item in parameters})


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        arguments = step.get("Arguments", {})
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(arguments.get(branch, []))


def _step(step: dict[str, Any], names: set[str], parameters: set[Any]) -> Iterator[str]:
    name = step.get("Name")
    if not STEP_NAME.fullmatch(str(name)):
        yield f"step name {shown(name)} is not allowed (A-Z a-z 0-9 - _, at most 64)"
    if step.get("Type") not in STEP_TYPES:
        yield f"step {name!r} has the unknown type {shown(step.get('Type'))}"
    for other in step.get("DependsOn", []):
        if other not in names:
            yield f"step {name!r} depends on {other!r}, which does not exist"
    for target in _gets(step.get("Arguments", {})):
        kind, _, rest = target.partition(".")
        # `Steps.prepare[0]` and `Steps.prepare.X` both name the step "prepare".
        first = re.split(r"[.\[]", rest, maxsplit=1)[0]
        if kind == "Steps" and first not in names:
            yield f"step {name!r} refers to {target!r}, which does not exist"
        if kind == "Parameters" and first not in parameters:
            yield f"step {name!r} refers to {target!r}, which is not declared"
        if kind not in ("Steps", "Parameters", "Execution"):
            yield f"step {name!r} refers to {target!r}, which is neither step nor parameter"


def _gets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"Get"}:
            yield str(value["Get"])
        for key, item in value.items():
            if key not in ("IfSteps", "ElseSteps"):
                yield from _gets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _gets(item)
