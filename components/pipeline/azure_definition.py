"""The neutral pipelines as Azure ML components: a command component per step, and the pipeline.

The shapes are those that Azure ML's REST API (2025-12-01) takes as ``componentSpec``; they are held
against the output of azure-ai-ml in a test. Azure ML's stable API has no condition between the
nodes of a pipeline, so every node runs, and one whose condition does not hold ends at once
(`training.jobs.azure`). No component is deterministic: data and champion change under the same
address, so nothing may be reused.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from training.clients.azure import CLIENT
from training.pipeline import RUN, Pipeline, Step, flags
from training.runs.azure import ATTEMPT

Spec = dict[str, Any]

SCHEMAS = "https://azuremlschemas.azureedge.net/latest"
# The pipeline job's own name (learn.microsoft.com, "Environment variables in Azure ML jobs"),
# without what tells a later attempt (`training.runs.azure`).
JOB = f'"${{AZUREML_ROOT_RUN_ID%%{ATTEMPT}*}}"'
OUT = "out"
# What a job needs beside its environment, by version and hash: a part of the code package.
PACKAGES = "\"$(python -c 'import training.jobs; print(training.jobs.__path__[0])')/azure.txt\""


@dataclass(frozen=True)
class Serverless:
    """Machines that Azure ML brings for each job: their size, and the client id of the identity."""

    size: str
    client: str


def data_type(location: str) -> str:
    """The input type of the table at `location`: a file has a suffix."""
    return "uri_file" if PurePosixPath(location).suffix in (".csv", ".parquet") else "uri_folder"


def command_component(
    name: str,
    pipeline: Pipeline,
    step: Step,
    settings: Mapping[str, str | None],
    *,
    captures: str,
    data: str,
    wheel: str,
    code: str,
    environment: str,
    retrain: bool,
) -> Spec:
    """The component of one step.

    `settings` are all settings of steps, `captures` is the address of the captured requests,
    `data` the type of the table's input, `code` the id of the code asset in which `wheel` lies.
    `retrain` asks the drift check to start the training pipeline if there is drift.
    """
    inputs: dict[str, Spec] = {predecessor: {"type": "uri_folder"} for predecessor in step.after}
    if "data" in step.sources:
        inputs["data"] = {"type": data}
    for parameter in step.parameters:
        if parameter != RUN:
            inputs[parameter] = _parameter(pipeline.parameters[parameter])
    return _component(
        "command",
        name,
        is_deterministic=False,
        command=_command(step, pipeline, settings, captures, wheel, retrain),
        code=f"azureml:{code}",
        environment=environment,
        inputs=inputs,
        outputs={OUT: {"type": "uri_folder"}},
    )


def pipeline_component(
    name: str,
    pipeline: Pipeline,
    components: Mapping[str, str],
    data: str,
    serverless: Serverless | None = None,
) -> Spec:
    """The component of the whole pipeline; `components` are the ids of the steps' by name.

    Its nodes run where the job's settings say: on a cluster, whose identity they act as, or
    `serverless`.
    """
    inputs = {
        parameter: _parameter(default)
        for parameter, default in pipeline.parameters.items()
        if parameter != RUN
    }
    return _component(
        "pipeline",
        name,
        inputs={"data": {"type": data}, **inputs},
        outputs={},
        jobs={step.name: _node(step, components[step.name], serverless) for step in pipeline.steps},
    )


def component_name(*parts: str) -> str:
    """A component's name: lower case, digits and underscores (azure-ai-ml, `ComponentSchema`)."""
    return "_".join(parts).replace("-", "_")


def content_version(content: Any) -> str:
    """The version of a component: the same content has the same one, and no other has it."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _component(kind: str, name: str, **content: Any) -> Spec:
    return {
        "$schema": f"{SCHEMAS}/{kind}Component.schema.json",
        "type": kind,
        "name": name,
        "display_name": name,
        **content,
    }


def _parameter(default: str) -> Spec:
    """A text; Azure ML takes no empty one, so a parameter that is empty by default is optional."""
    return (
        {"type": "string", "default": default} if default else {"type": "string", "optional": True}
    )


def _command(
    step: Step,
    pipeline: Pipeline,
    settings: Mapping[str, str | None],
    captures: str,
    wheel: str,
    retrain: bool,
) -> str:
    """The shell command: what is given is quoted, what Azure ML fills in is not."""
    quoted = {
        name: None if value is None else shlex.quote(value) for name, value in settings.items()
    }

    def path(name: str) -> str:
        if name == "captures":
            return shlex.quote(captures)
        return f"${{{{outputs.{OUT}}}}}" if name == step.name else f"${{{{inputs.{name}}}}}"

    def parameter(name: str) -> str:
        return JOB if name == RUN else f"'${{{{inputs.{name}}}}}'"

    arguments = step.arguments(quoted, path, parameter)
    optional = [name for name in step.parameters if name != RUN and not pipeline.parameters[name]]
    always = {name: value for name, value in arguments.items() if name not in optional}
    parts = [
        f"pip install --quiet --no-deps {shlex.quote(f'./{wheel}')}",
        f"&& pip install --quiet --require-hashes -r {PACKAGES}",
        "&& python -m training.jobs.azure",
        *("--retrain" for _ in range(retrain)),
        *(f"--after {path(name)}" for name in step.after),
        *(f"--when {path(condition.step)} {condition.field}" for condition in step.when),
        f"--run {JOB}",
        f"--store {quoted['store']} --model {quoted['model']}",
        step.name,
        *flags(always),
        *(f"$[[{' '.join(flags({name: arguments[name]}))}]]" for name in optional),
    ]
    return " ".join(parts)


def _node(step: Step, component: str, serverless: Serverless | None) -> Spec:
    names = [*step.after, *(parameter for parameter in step.parameters if parameter != RUN)]
    inputs = {
        predecessor: f"${{{{parent.jobs.{predecessor}.outputs.{OUT}}}}}"
        for predecessor in step.after
    }
    inputs |= {
        name: f"${{{{parent.inputs.{name}}}}}"
        for name in (*(("data",) if "data" in step.sources else ()), *names[len(step.after) :])
    }
    node = {
        "name": step.name,
        "type": "command",
        "componentId": component,
        "inputs": {
            name: {"job_input_type": "literal", "value": value} for name, value in inputs.items()
        },
        "identity": {"identity_type": "Managed"},
    }
    if serverless is None:
        return node
    return {
        **node,
        "identity": {**node["identity"], "client_id": serverless.client},
        "resources": {"instance_type": serverless.size, "instance_count": 1},
        # A cluster's node finds this by itself.
        "environment_variables": {CLIENT: serverless.client},
    }
