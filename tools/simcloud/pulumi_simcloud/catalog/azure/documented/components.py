"""Specifications of Azure ML components.

learn.microsoft.com, "CLI (v2) command component YAML schema": inputs, outputs, resources,
distribution, environment; the shape is the REST API's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import excerpt

PLAIN = {
    "string": (str,),
    "number": (int, float, str),
    "integer": (int, str),
    "boolean": (bool, str),
}
PATHS = (
    "uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model",
    "safe_input",
)  # fmt: skip
DISTRIBUTIONS = ("pytorch", "tensorflow", "mpi", "ray")
NAME = re.compile(r"[A-Za-z_]\w*")
ENVIRONMENT = re.compile(
    r"azureml:/?/?[^\s:]+(:[^\s:]+|@latest)|azureml:/\S+|/subscriptions/\S+|\$\{\{.+\}\}"
)
CODE = re.compile(r"azureml:\S+|/subscriptions/\S+|https?://\S+|\$\{\{.+\}\}")


STEP = {"component", "componentId", "component_id", "trial", "task", "command", "code", "jobs"}


def spec_error(value: Any) -> str | None:
    """What is wrong with a component's specification; None if nothing is."""
    return next(_wrong(value), None) if isinstance(value, dict) else None


def _wrong(spec: dict[str, Any]) -> Iterator[str]:
    for part, allowed in (("inputs", (*PLAIN, *PATHS)), ("outputs", (*PATHS, *PLAIN))):
        ports = spec.get(part)
        for name, port in ports.items() if isinstance(ports, dict) else ():
            if not NAME.fullmatch(name):
                yield f"{part}.{name}: a name has letters, digits and _"
            if isinstance(port, dict):
                yield from _port(f"{part}.{name}", port, allowed)
    resources = spec.get("resources")
    count = resources.get("instance_count") if isinstance(resources, dict) else None
    if isinstance(count, int) and count < 1:
        yield f"resources.instance_count {count} is less than 1"
    distribution = spec.get("distribution")
    kind = distribution.get("type") if isinstance(distribution, dict) else None
    if isinstance(kind, str) and kind.lower() not in DISTRIBUTIONS:
        yield f"distribution.type {kind!r} is none of {', '.join(DISTRIBUTIONS)}"
    environment = spec.get("environment")
    if isinstance(environment, str) and not ENVIRONMENT.fullmatch(environment):
        yield f"environment {excerpt(environment)} is no azureml:NAME:VERSION and no id"
    jobs = spec.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        # "CLI (v2) pipeline component YAML schema": a step is a component, or one within the step.
        if isinstance(job, dict) and not STEP & set(job):
            yield f"jobs.{name} has no component"
        reference = job.get("component") if isinstance(job, dict) else None
        if isinstance(reference, str) and not CODE.fullmatch(reference):
            yield f"jobs.{name}: component {excerpt(reference)} is no azureml:NAME:VERSION"
    code = spec.get("code")
    if isinstance(code, str) and not CODE.fullmatch(code):
        yield f"code {excerpt(code)} is no azureml:NAME:VERSION and no id"


def _port(path: str, port: dict[str, Any], allowed: tuple[str, ...]) -> Iterator[str]:
    kind, default = port.get("type"), port.get("default")
    if isinstance(kind, str) and kind.lower() not in allowed:
        yield f"{path}: type {kind!r} is none of {', '.join(allowed)}"
        return
    lowest, highest = port.get("min"), port.get("max")
    numbers = [item for item in (lowest, highest) if isinstance(item, int | float)]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        yield f"{path}: min {lowest} is more than max {highest}"
    if default is None:
        return
    if str(kind).lower() in PATHS:
        yield f"{path}: an input of type {kind} has no default"
    elif not _fits(str(kind).lower(), default):
        yield f"{path}: the default {excerpt(default)} is no {kind}"
    choices = port.get("enum")
    if isinstance(choices, list) and default not in choices:
        yield f"{path}: the default {excerpt(default)} is none of {choices}"


def _fits(kind: str, default: Any) -> bool:
    """A default is of its type, or a text that says such a value."""
    if kind not in PLAIN or not isinstance(default, PLAIN[kind]):
        return kind not in PLAIN
    if isinstance(default, str) and kind != "string":
        shapes = {
            "number": r"-?\d+(\.\d+)?([eE][+-]?\d+)?",
            "integer": r"-?\d+",
            "boolean": r"(?i)true|false",
        }
        return re.fullmatch(shapes[kind], default) is not None
    return not (kind != "boolean" and isinstance(default, bool))
