"""The parts of a SageMaker pipeline definition: what each of them has to have.

The schema of the definition, github aws-sagemaker-mlops
sagemaker-model-building-pipeline-definition-JSON-schema; what CreatePipeline answered ("Expecting
start of Json Array.", "Expecting start of Json Object.", "Unknown Argument member ..."): github
aws/sagemaker-python-sdk issues 2345, 3908, 4994 and pull request 3472.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt

PARAMETER_NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
OUTPUT_TYPES = ("String", "Integer", "Boolean", "Float")
# What a step has beside its arguments, which these two may lack.
OWN = {"Lambda": "FunctionArn", "Callback": "SqsQueueUrl"}
CHECKS = ("QualityCheck", "ClarifyCheck")
# Lists of a step, and what each of their items is.
LISTS = {"DependsOn": str, "PropertyFiles": dict, "RetryPolicies": dict, "OutputParameters": dict}
EXPECTED = {str: "String", list: "start of Json Array", dict: "start of Json Object"}
BRANCHES = ("IfSteps", "ElseSteps")
# https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
RETRIES = {"MaxAttempts": 20, "IntervalSeconds": 43_200, "ExpireAfterMin": 14_400}


def shape_errors(document: dict[str, Any]) -> Iterator[str]:
    """Lists and objects that are something else: nothing else can be read then."""
    for name in ("Parameters", "Steps"):
        items = document.get(name, [])
        if not isinstance(items, list):
            yield f"Unable to parse pipeline definition. Expecting start of Json Array: {name}"
        elif not all(isinstance(item, dict) for item in items):
            yield f"Unable to parse pipeline definition. Expecting start of Json Object: {name}"
        else:
            for item in items:
                yield from _step_shape(item) if name == "Steps" else _parameter_shape(item)


def _parameter_shape(parameter: dict[str, Any]) -> Iterator[str]:
    if not isinstance(parameter.get("EnumValues") or [], list):
        yield f"parameter {parameter.get('Name')!r}: Expecting start of Json Array: EnumValues"


def _step_shape(step: dict[str, Any]) -> Iterator[str]:
    name, arguments = step.get("Name"), step.get("Arguments", {})
    if not isinstance(name, str):
        yield f"{excerpt(step)} has no Name"
    if not isinstance(arguments, dict):
        yield f"step {name!r}: Expecting start of Json Object: Arguments"
        return
    yield from (f"step {name!r}: Expecting {reason}" for reason in _member_shapes(step, arguments))
    for key in (*BRANCHES, "Conditions") if step.get("Type") == "Condition" else ():
        items = arguments.get(key, [])
        if not isinstance(items, list):
            yield f"step {name!r}: Expecting start of Json Array: {key}"
        elif not all(isinstance(item, dict) for item in items):
            yield f"step {name!r}: Expecting start of Json Object: {key}"
        elif key in BRANCHES:
            for item in items:
                yield from _step_shape(item)


def _member_shapes(step: dict[str, Any], arguments: dict[str, Any]) -> Iterator[str]:
    """Lists of a step that are something else, or that have something else in them."""
    for key, kind in LISTS.items():
        yield from _list_errors(key, step.get(key, []), kind)
    for key, inner, kind in (
        ("PropertyFiles", "PropertyFileName", str),
        ("PropertyFiles", "OutputName", str),
        ("RetryPolicies", "ExceptionType", list),
    ):
        items = step.get(key, [])
        for item in items if isinstance(items, list) else ():
            value = item.get(inner) if isinstance(item, dict) else None
            if value is not None and not isinstance(value, kind):
                yield f"{EXPECTED[kind]}: {key}.{inner}"
    config = arguments.get("ProcessingOutputConfig", {})
    if not isinstance(config, dict):
        yield f"{EXPECTED[dict]}: ProcessingOutputConfig"
    else:
        yield from _list_errors("Outputs", config.get("Outputs", []), dict)


def _list_errors(name: str, items: Any, kind: type) -> Iterator[str]:
    if not isinstance(items, list):
        yield f"{EXPECTED[list]}: {name}"
    elif not all(isinstance(item, kind) for item in items):
        yield f"{EXPECTED[kind]}: {name}"


def member_errors(step: dict[str, Any]) -> Iterator[str]:
    """What a step lacks, by its type."""
    name, kind = step.get("Name"), str(step.get("Type"))
    if kind in OWN and not step.get(OWN[kind]):
        yield f"step {name!r} has no {OWN[kind]}"
    if kind not in OWN and "Arguments" not in step:
        yield f"step {name!r} has no Arguments"
    if kind in CHECKS and not step.get("CheckType"):
        yield f"step {name!r} has no CheckType"
    for output in step.get("OutputParameters", []):
        output_type = output.get("OutputType") if isinstance(output, dict) else None
        if output_type not in OUTPUT_TYPES:
            yield f"step {name!r}: OutputType {excerpt(output_type)} is not one of {OUTPUT_TYPES}"
    cache = step.get("CacheConfig")
    if isinstance(cache, dict) and not isinstance(cache.get("Enabled", True), bool):
        yield f"step {name!r}: CacheConfig.Enabled {excerpt(cache['Enabled'])} is no Boolean"
    for policy in step.get("RetryPolicies", []):
        for key, highest in RETRIES.items() if isinstance(policy, dict) else ():
            value = policy.get(key)
            if isinstance(value, int) and not 0 <= value <= highest:
                yield f"step {name!r}: {key} {value} is not 0 to {highest}"
    if kind == "Condition":
        for condition in step.get("Arguments", {}).get("Conditions", []):
            yield from (f"step {name!r}: {reason}" for reason in _condition_errors(condition))


def unknown_members(step: dict[str, Any]) -> Iterator[str]:
    """Members that the operation of a step knows and CreatePipeline does not.

    For those of a container: github aws/sagemaker-python-sdk#4994.
    """
    arguments = step.get("Arguments", {})
    if step.get("Type") == "RegisterModel" and "ModelPackageName" in arguments:
        yield "ModelPackageName"
    if step.get("Type") != "Model" or not isinstance(arguments, dict):
        return
    containers = arguments.get("Containers", [])
    containers = containers if isinstance(containers, list) else []
    for container in (arguments.get("PrimaryContainer"), *containers):
        if isinstance(container, dict) and "AdditionalModelDataSources" in container:
            yield "AdditionalModelDataSources"


def _condition_errors(condition: Any) -> Iterator[str]:
    """Two sides of a comparison, and the conditions of a condition."""
    kind = condition.get("Type") if isinstance(condition, dict) else None
    if kind is None:
        yield f"condition {excerpt(condition)} has no Type"
    elif kind == "Or":
        within = condition.get("Arguments", condition)
        inner = within.get("Conditions") if isinstance(within, dict) else None
        for part in inner if isinstance(inner, list) and inner else [None]:
            yield from _condition_errors(part)
    elif kind not in ("In", "Not"):
        for side in ("LeftValue", "RightValue"):
            if condition.get(side) is None:
                yield f"condition {excerpt(condition)} has no {side}"


def parameter_error(parameter: dict[str, Any]) -> str | None:
    """What is wrong with a parameter's name (Parameter, Name)."""
    name = parameter.get("Name")
    if isinstance(name, str) and PARAMETER_NAME.fullmatch(name):
        return None
    return f"parameter name {excerpt(name)} is not allowed (A-Z a-z 0-9 - _, at most 256)"


def undeclared_files(steps: list[dict[str, Any]]) -> Iterator[str]:
    """Property files that are read and that no step declares."""
    declared = {
        (step.get("Name"), file.get("PropertyFileName"))
        for step in steps
        for file in step.get("PropertyFiles", [])
        if isinstance(file, dict)
    }
    for step in steps:
        for target in _file_names(step.get("Arguments", {})):
            found = re.fullmatch(r"Steps\.([^.\[]+)\.PropertyFiles\.(.+)", target)
            if found and (found[1], found[2]) not in declared:
                yield f"step {step.get('Name')!r} reads {target!r}, which is not declared"


def _file_names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        read = value.get("PropertyFile")
        if isinstance(read, dict) and isinstance(read.get("Get"), str):
            yield read["Get"]
        for key, item in value.items():
            if key not in BRANCHES:
                yield from _file_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _file_names(item)
