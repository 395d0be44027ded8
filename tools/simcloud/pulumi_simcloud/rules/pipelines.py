"""Checks of CreatePipeline in a SageMaker pipeline definition (schema version 2020-12-01)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.constraints.botocore_models import check_call
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, parsed
from pulumi_simcloud.rules.pipeline_steps import (
    member_errors,
    parameter_error,
    shape_errors,
    undeclared_files,
    unknown_members,
)

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
        "EMRServerless",
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
        for value_path, text in select(inputs, path):
            if isinstance(text, str):
                yield from (Failure(value_path, reason) for reason in _definition(text))

    return PathRule((path,), rule)


def _definition(text: str) -> Iterator[str]:
    document = parsed(text)
    if not isinstance(document, dict):
        yield f"{excerpt(text)} is not a JSON object"
        return
    if len(text) > LONGEST:
        yield f"has {len(text)} characters, allowed are {LONGEST}"
    if document.get("Version") != VERSION:
        yield f"Version {excerpt(document.get('Version'))} is not {VERSION!r}"
    broken = list(shape_errors(document))
    if broken:
        yield from broken
        return
    parameters = document.get("Parameters", [])
    yield from filter(None, map(parameter_error, parameters))
    for parameter in parameters:
        if parameter.get("Type", "String") not in PARAMETER_TYPES:
            types = ", ".join(PARAMETER_TYPES)
            yield f"parameter {excerpt(parameter)} has none of the types {types}"
        yield from _parameter(parameter)
    counted = Counter(str(item.get("Name")) for item in parameters)
    yield from (f"parameter {name!r} is there {n} times" for name, n in counted.items() if n > 1)
    steps = list(_steps(document.get("Steps", [])))
    if not steps:
        yield "no Steps"
    if len(steps) > MOST_STEPS:
        yield f"has {len(steps)} steps, allowed are {MOST_STEPS}"
    names = Counter(str(step.get("Name")) for step in steps)
    yield from (f"step name {name!r} is taken twice" for name, times in names.items() if times > 1)
    for step in steps:
        yield from member_errors(step)
        yield from _step(step, set(names), set(counted))
    yield from undeclared_files(steps)
    yield from _nesting(document.get("Steps", []))
    yield from _order(document.get("Steps", []))
    outputs = {str(step.get("Name")): _outputs(step) for step in steps}
    for step in steps:
        yield from _property_files(step, outputs)
        yield from _request(step)


# The schema of the definition, github aws-sagemaker-mlops.github.io
# sagemaker-model-building-pipeline-definition-JSON-schema: Parameter, Condition, RetryPolicy,
# CacheConfig; steps: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html, quotas.
MOST_STEPS = 50
VALUES = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
}
CONDITIONS = (
    "Equals", "GreaterThan", "LessThan", "GreaterThanOrEqualTo", "LessThanOrEqualTo", "In", "Not",
    "Or",
)  # fmt: skip
EXCEPTIONS = (
    "Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT",
)  # fmt: skip
DURATION = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?", re.I)


def _parameter(parameter: dict[str, Any]) -> Iterator[str]:
    """A default is of the parameter's type, and one of the values that it may have."""
    name, default = parameter.get("Name"), parameter.get("DefaultValue")
    choices = parameter.get("EnumValues")
    fits = VALUES.get(str(parameter.get("Type", "String")))
    if default is None:
        return
    if fits and not fits(default):
        yield f"parameter {name!r}: {excerpt(default)} is no {parameter.get('Type', 'String')}"
    if choices and default not in choices:
        yield f"parameter {name!r}: {excerpt(default)} is not one of {choices}"


def _options(step: dict[str, Any]) -> Iterator[str]:
    """Conditions, retries and the cache of a step."""
    name = step.get("Name")
    if step.get("Type") == "Condition":
        conditions = step.get("Arguments", {}).get("Conditions")
        if not conditions:
            yield f"condition step {name!r} has no Conditions"
        for condition in conditions or []:
            if condition.get("Type") not in CONDITIONS:
                yield f"step {name!r}: condition {excerpt(condition.get('Type'))} does not exist"
    for policy in step.get("RetryPolicies") or []:
        for kind in policy.get("ExceptionType") or []:
            if kind not in EXCEPTIONS:
                yield f"step {name!r}: RetryPolicies: {excerpt(kind)} is not one of {EXCEPTIONS}"
    cache = step.get("CacheConfig")
    after = cache.get("ExpireAfter") if isinstance(cache, dict) else None
    if isinstance(after, str) and not DURATION.fullmatch(after):
        yield f"step {name!r}: ExpireAfter {excerpt(after)} is no duration such as P30D"


# The request that a step's arguments are. A name that they leave out the service gives.
CALLS = {
    "Processing": ("sagemaker:CreateProcessingJob", "ProcessingJobName"),
    "Training": ("sagemaker:CreateTrainingJob", "TrainingJobName"),
    "Transform": ("sagemaker:CreateTransformJob", "TransformJobName"),
    "Tuning": ("sagemaker:CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
    "Model": ("sagemaker:CreateModel", "ModelName"),
    "EndpointConfig": ("sagemaker:CreateEndpointConfig", "EndpointConfigName"),
    "Endpoint": ("sagemaker:CreateEndpoint", "EndpointName"),
    "RegisterModel": ("sagemaker:CreateModelPackage", ""),
}
FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")


def _branches(step: dict[str, Any]) -> list[dict[str, Any]]:
    arguments = step.get("Arguments", {})
    return [inner for branch in ("IfSteps", "ElseSteps") for inner in arguments.get(branch, [])]


def _nesting(steps: list[dict[str, Any]]) -> Iterator[str]:
    """No condition stands in a condition.

    "Pipelines doesn't support the use of nested condition steps": developer guide, "Condition
    step", Limitations.
    """
    for step in steps:
        for inner in _branches(step):
            if inner.get("Type") == "Condition":
                yield f"condition {inner.get('Name')!r} is nested in condition {step.get('Name')!r}"
            yield from _nesting(_branches(inner))


def _order(steps: list[dict[str, Any]]) -> Iterator[str]:
    """Steps outside a condition can't wait for steps inside, and none for itself.

    Developer guide, "Condition step": "you can't reference steps in a branch from outside";
    "Pipelines overview": the dependencies are a directed acyclic graph.
    """
    inside = {
        inner.get("Name"): step.get("Name") for step in steps for inner in _steps(_branches(step))
    }
    needs: dict[Any, set[str]] = {}
    for step in steps:
        waits = {*step.get("DependsOn", []), *_referred(step.get("Arguments", {}))}
        for predecessor in waits & set(inside):
            reason = f"which is inside condition {inside[predecessor]!r}"
            yield f"step {step.get('Name')!r} depends on {predecessor!r}, {reason}"
        needs[step.get("Name")] = waits - set(inside)
    for step in steps:
        yield from _order(_branches(step))
    remaining = {name: waits & set(needs) for name, waits in needs.items()}
    while ready := [name for name, waits in remaining.items() if not waits]:
        remaining = {
            name: waits - set(ready) for name, waits in remaining.items() if name not in ready
        }
    if remaining:
        yield f"steps depend on each other in a cycle: {', '.join(sorted(map(str, remaining)))}"


def _referred(value: Any) -> Iterator[str]:
    for target in _gets(value):
        kind, _, rest = target.partition(".")
        if kind == "Steps":
            yield re.split(r"[.\[]", rest, maxsplit=1)[0]


def _outputs(step: dict[str, Any]) -> set[Any]:
    config = step.get("Arguments", {}).get("ProcessingOutputConfig", {})
    return {str(output.get("OutputName")) for output in config.get("Outputs", [])}


def _property_files(step: dict[str, Any], outputs: dict[str, set[Any]]) -> Iterator[str]:
    """A property file is a file of an output that its Processing step declares."""
    for file in step.get("PropertyFiles", []):
        if str(file.get("OutputName")) not in outputs[str(step.get("Name"))]:
            shown_name = excerpt(file.get("OutputName"))
            yield f"step {step.get('Name')!r}: property file of the undeclared output {shown_name}"


def _request(step: dict[str, Any]) -> Iterator[str]:
    """The arguments have the shape of the call's request, as far as they are no functions."""
    call = CALLS.get(str(step.get("Type")))
    arguments = step.get("Arguments")
    if call is None or not arguments:
        return
    operation, name = call
    filled = _filled(arguments)
    # One in the arguments is checked: the answer in github aws/sagemaker-python-sdk#5099.
    request = {name: "job", **filled} if name else filled
    for member in unknown_members(step):
        yield f"step {step.get('Name')!r}: Unknown Argument member {member!r}"
    for failure in check_call(operation, request):
        place = f"{failure.path}: " if failure.path else ""
        yield f"step {step.get('Name')!r}: {place}{failure.reason}"


def _filled(value: Any) -> Any:
    """The arguments, with what a run alone knows as unknown."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in FUNCTIONS:
            return UNKNOWN
        return {key: _filled(item) for key, item in value.items()}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        arguments = step.get("Arguments", {})
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(arguments.get(branch, []))


def _step(step: dict[str, Any], names: set[str], parameters: set[str]) -> Iterator[str]:
    name = step.get("Name")
    if not STEP_NAME.fullmatch(str(name)):
        yield f"step name {excerpt(name)} is not allowed (A-Z a-z 0-9 - _, at most 64)"
    if str(step.get("Type")) not in STEP_TYPES:
        yield f"step {name!r} has the unknown type {excerpt(step.get('Type'))}"
    for predecessor in step.get("DependsOn", []):
        if predecessor not in names:
            yield f"step {name!r} depends on {predecessor!r}, which does not exist"
    yield from _options(step)
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
