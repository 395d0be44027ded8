"""The neutral pipelines as Vertex AI runs them: KFP's intermediate representation, 2.1.0.

A step is a container that runs the code package from the mounted store and writes into its
folder there, so a run leaves the same files as on every target. Conditions read the parameters
that `training.jobs.gcp` writes out of ``result.json``; what is behind one stands in a pipeline
within the pipeline, as KFP's own compiler writes it.
Source: https://github.com/kubeflow/pipelines/blob/master/api/v2alpha1/pipeline_spec.proto
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.pipeline import RUN, Condition, Pipeline, Step

START = 'pip install --quiet "$0[gcp,gcp-steps]" && exec python -m training.jobs.gcp "$@"'
# The run's own name, and a parameter's value; filled in by Vertex AI.
RUN_NAME = "{{$.pipeline_job_name}}"
PARAMETER = "{{{{$.inputs.parameters['{}']}}}}"
OUTPUT = "{{{{$.outputs.parameters['{}'].output_file}}}}"
MOUNT = "/gcs/"
TEXT = {"parameterType": "STRING"}
NO_CACHE = {"enableCache": False}

Json = dict[str, Any]


@dataclass(frozen=True)
class StepEnvironment:
    """The environment of a model's steps: addresses are ``gs://``, sizes whole machines."""

    name: str
    image: str
    package: str
    outputs: str
    sources: Mapping[str, str]
    processors: float
    gigabytes: float


def definition(
    pipeline: Pipeline, settings: Mapping[str, str | None], environment: StepEnvironment
) -> Json:
    """The pipeline spec; every parameter is a string."""
    parameters = {name: default for name, default in pipeline.parameters.items() if name != RUN}
    spec = _Spec(pipeline, settings, environment, tuple(parameters))
    dag = spec.dag(pipeline.steps, frozenset())
    return {
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "pipelineInfo": {"name": environment.name},
        "root": {
            "dag": dag,
            "inputDefinitions": {
                "parameters": {
                    name: {**TEXT, "defaultValue": default} for name, default in parameters.items()
                }
            },
        },
        "components": spec.components,
        "deploymentSpec": {"executors": spec.executors},
    }


def mounted(address: str) -> str:
    """The path at which ``gs://BUCKET/KEY`` stands in a step's container.

    Source: https://cloud.google.com/vertex-ai/docs/training/cloud-storage-file-system
    """
    return address.replace("gs://", MOUNT, 1)


class _Spec:
    """A spec that is being written: components and executors by name."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Mapping[str, str | None],
        environment: StepEnvironment,
        parameters: tuple[str, ...],
    ) -> None:
        self.components: Json = {}
        self.executors: Json = {}
        self._pipeline, self._settings, self._environment = pipeline, settings, environment
        self._parameters = parameters

    def dag(self, steps: Sequence[Step], conditions: frozenset[Condition]) -> Json:
        """The tasks of `steps`; those behind a condition that is not known yet stand deeper."""
        tasks: Json = {}
        waiting = list(steps)
        while waiting:
            step = waiting[0]
            new = [condition for condition in step.when if condition not in conditions]
            if not new:
                tasks[step.name] = self._task(step, {task for task in tasks})
                waiting.remove(step)
                continue
            behind = _behind(step, waiting)
            tasks[f"if-{step.name}"] = self._guarded(step, behind, conditions | set(new), new)
            waiting = [candidate for candidate in waiting if candidate not in behind]
        return {"tasks": tasks}

    def _guarded(
        self,
        first: Step,
        steps: Sequence[Step],
        conditions: frozenset[Condition],
        new: Sequence[Condition],
    ) -> Json:
        name = f"comp-if-{first.name}"
        self.components[name] = {
            "dag": self.dag(steps, conditions),
            "inputDefinitions": {
                "parameters": {name: TEXT for name in (*self._parameters, *map(_channel, new))}
            },
        }
        outcomes = {
            _channel(condition): {
                "taskOutputParameter": {
                    "producerTask": condition.step,
                    "outputParameterKey": condition.field,
                }
            }
            for condition in new
        }
        tests = [f"inputs.parameter_values['{_channel(condition)}'] == 'true'" for condition in new]
        return {
            "taskInfo": {"name": f"if-{first.name}"},
            "componentRef": {"name": name},
            "dependentTasks": sorted({condition.step for condition in new}),
            "inputs": {"parameters": {**_passed(self._parameters), **outcomes}},
            "triggerPolicy": {"condition": " && ".join(tests)},
        }

    def _task(self, step: Step, beside: set[str]) -> Json:
        parameters = tuple(name for name in step.parameters if name != RUN)
        fields = _fields(self._pipeline, step)
        component: Json = {"executorLabel": f"exec-{step.name}"}
        if parameters:
            component["inputDefinitions"] = {"parameters": {name: TEXT for name in parameters}}
        if fields:
            component["outputDefinitions"] = {"parameters": {name: TEXT for name in fields}}
        self.components[f"comp-{step.name}"] = component
        self.executors[f"exec-{step.name}"] = {"container": self._container(step, fields)}
        task: Json = {
            "taskInfo": {"name": step.name},
            "componentRef": {"name": f"comp-{step.name}"},
            "cachingOptions": NO_CACHE,
        }
        # Those in a pipeline further out have ended before this one begins.
        waits = sorted(beside & set(step.after))
        if waits:
            task["dependentTasks"] = waits
        if parameters:
            task["inputs"] = {"parameters": _passed(parameters)}
        return task

    def _container(self, step: Step, fields: Sequence[str]) -> Json:
        arguments = step.arguments(self._settings, self._path, self._value)
        return {
            "image": self._environment.image,
            "command": ["bash", "-c", START, mounted(self._environment.package)],
            "args": [
                *(f"--field={name}={OUTPUT.format(name)}" for name in fields),
                step.name,
                # One argument each: none is ever empty.
                *(f"--{name.replace('_', '-')}={value}" for name, value in arguments.items()),
            ],
            "resources": {
                "cpuLimit": self._environment.processors,
                "memoryLimit": self._environment.gigabytes,
            },
        }

    def _path(self, name: str) -> str:
        source = self._environment.sources.get(name)
        if source is not None:
            return mounted(source)
        return mounted(f"{self._environment.outputs}/{RUN_NAME}/outputs/{name}")

    @staticmethod
    def _value(parameter: str) -> str:
        return RUN_NAME if parameter == RUN else PARAMETER.format(parameter)


def _behind(first: Step, steps: Sequence[Step]) -> list[Step]:
    """`first` and what of `steps` needs it, directly or not."""
    dependents = [first]
    for step in steps:
        if step not in dependents and {dependent.name for dependent in dependents} & set(
            step.after
        ):
            dependents.append(step)
    return dependents


def _fields(pipeline: Pipeline, step: Step) -> list[str]:
    """The fields of the step's summary that conditions look at."""
    conditions = (condition for candidate in pipeline.steps for condition in candidate.when)
    return sorted({c.field for c in conditions if c.step == step.name})


def _passed(names: Sequence[str]) -> Json:
    return {name: {"componentInputParameter": name} for name in names}


def _channel(condition: Condition) -> str:
    return f"pipelinechannel--{condition.step}-{condition.field}"
