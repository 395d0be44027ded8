"""A neutral step as a step of a SageMaker pipeline: the job that it needs.

Each step's `Arguments` are the request of the API call that it stands for (CreateProcessingJob,
CreateTrainingJob) without the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.pipeline.aws_context import (
    RUN_ID,
    CompileContext,
    Json,
    joined,
    output,
    parameter,
    source,
)
from components.targets.aws.machines import has_own_disk
from training.pipeline import RESULT, TRAIN, Condition, Step

# Where SageMaker puts inputs and takes outputs from.
JOB_INPUT, JOB_OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
CHANNELS, MODEL_OUTPUT = "/opt/ml/input/data", "/opt/ml/model"
# Starts a step: the code package, with what the image lacks of its needs, then the entry.
START = 'pip install --quiet "$(echo {code}/*.whl)[aws]" && exec python -m training.jobs.aws "$@"'
PROPERTIES = "result"
# The argument, and the input, with what all instances of a divided step made.
PARTS = "parts"
# The step's role by its name; all others have the role "steps".
OWN_ROLE = ("release",)
# What may pass by itself. Steps can be repeated: they write into their own run's folder.
RETRIES = (
    {
        "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"],
        "IntervalSeconds": 5,
        "BackoffRate": 2.0,
        "MaxAttempts": 5,
    },
    {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
        "IntervalSeconds": 60,
        "BackoffRate": 2.0,
        "MaxAttempts": 3,
    },
)


def compiled(
    step: Step,
    settings: Mapping[str, str | None],
    context: CompileContext,
    *,
    when: Sequence[Condition] = (),
    after: Sequence[str] = (),
    is_looked_at: bool = False,
) -> Json:
    """The step as one of SageMaker's; `settings` as for `aws_definition`.

    Its job ends at once unless the conditions `when` hold, or if one of the steps `after` did. A
    condition of the service can look at the summary of a step that `is_looked_at`.
    """
    if step.kind == TRAIN:
        assert not when and not after and not is_looked_at, "a Training job leaves a model only"
        return _training(step, settings, context)
    request = _processing(step, settings, context, when, after)
    property_file = {"PropertyFileName": PROPERTIES, "OutputName": step.name, "FilePath": RESULT}
    files = {"PropertyFiles": [property_file]} if is_looked_at else {}
    return _step(step.name, "Processing", step.steps, request, files)


def divided(step: Step, settings: Mapping[str, str | None], context: CompileContext) -> list[Json]:
    """The step on several instances: each counts its part, then one concludes.

    The service uploads what each instance leaves under one address, so that the step after it
    has the parts of all (`training.drift.shards`).
    """
    parts = f"{step.name}-parts"
    counting = _processing(step, settings, context, instances=context.check_instances)
    counting["AppSpecification"]["ContainerArguments"].insert(0, "--part")
    (out,) = counting["ProcessingOutputConfig"]["Outputs"]
    out["OutputName"], out["S3Output"]["S3Uri"] = parts, output(parts, settings, context)
    concluding = _processing(step, settings, context)
    folder = f"{JOB_INPUT}/{PARTS}"
    concluding["AppSpecification"]["ContainerArguments"].append(f"--{PARTS}={folder}")
    concluding["ProcessingInputs"].append(_input(PARTS, output(parts, settings, context), folder))
    return [
        _step(parts, "Processing", step.steps, counting),
        _step(step.name, "Processing", [*step.steps, parts], concluding),
    ]


def _processing(
    step: Step,
    settings: Mapping[str, str | None],
    context: CompileContext,
    when: Sequence[Condition] = (),
    after: Sequence[str] = (),
    instances: int = 1,
) -> Json:
    def path(name: str) -> str:
        if name == "captures":
            # Not mounted: the step fetches the hours it needs, and there may be none yet.
            return f"{context.store}/models/{settings['model']}/captures"
        return JOB_OUTPUT if name == step.name else f"{JOB_INPUT}/{name}"

    mounted = [name for name in (*step.sources, *step.steps) if name != "captures"]
    code = f"{JOB_INPUT}/code"
    return {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": instances, **_machine(context)},
        },
        "AppSpecification": {
            "ImageUri": context.image,
            "ContainerEntrypoint": _entrypoint(code),
            "ContainerArguments": [
                *(f"--when={condition.field}:{path(condition.step)}" for condition in when),
                *(f"--after={path(name)}" for name in after),
                step.name,
                *_flags(step.arguments(settings, path, parameter)),
            ],
        },
        "RoleArn": context.roles[step.name if step.name in OWN_ROLE else "steps"],
        "ProcessingInputs": [
            _input("code", context.package, code),
            *(_input(name, source(name, settings, context), path(name)) for name in mounted),
        ],
        "ProcessingOutputConfig": {
            "KmsKeyId": context.key,
            "Outputs": [
                {
                    "OutputName": step.name,
                    "AppManaged": False,
                    "S3Output": {
                        "S3Uri": output(step.name, settings, context),
                        "LocalPath": JOB_OUTPUT,
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ],
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": context.max_seconds},
        "Tags": _tags(context),
    }


def _training(step: Step, settings: Mapping[str, str | None], context: CompileContext) -> Json:
    def path(name: str) -> str:
        return MODEL_OUTPUT if name == step.name else f"{CHANNELS}/{name}"

    hyperparameters = step.arguments(settings, path, parameter)
    channels = {
        "code": context.package,
        **{name: source(name, settings, context) for name in step.steps},
    }
    arguments: Json = {
        "AlgorithmSpecification": {
            "TrainingImage": context.image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": _entrypoint(f"{CHANNELS}/code"),
            "ContainerArguments": [step.name],
        },
        # A training job has one output, the packed model; its summary goes beside the others'.
        "HyperParameters": {**hyperparameters, "results": output(step.name, settings, context)},
        "InputDataConfig": [
            {
                "ChannelName": name,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": source,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for name, source in channels.items()
        ],
        "OutputDataConfig": {
            "KmsKeyId": context.key,
            "S3OutputPath": joined(
                "/", f"{context.store}/models/{settings['model']}/runs", RUN_ID, "training"
            ),
        },
        "ResourceConfig": {"InstanceCount": 1, **_machine(context)},
        "StoppingCondition": {"MaxRuntimeInSeconds": context.max_seconds},
        "RoleArn": context.roles["steps"],
        "Tags": _tags(context),
    }
    return _step(step.name, "Training", step.steps, arguments)


def _step(
    name: str, kind: str, after: Sequence[str], arguments: Json, more: Json | None = None
) -> Json:
    request: Json = {"Name": name, "Type": kind, "Arguments": arguments}
    retries = {"RetryPolicies": [dict(policy) for policy in RETRIES]}
    return {**request, "DependsOn": list(after), **retries, **(more or {})}


def _entrypoint(code: str) -> list[str]:
    return ["/bin/bash", "-c", START.format(code=code), "--"]


def _flags(arguments: Mapping[str, Any]) -> list[Any]:
    """``--name=value`` for each argument: never an empty one, whatever a parameter holds."""
    return [
        f"{flag}{value}" if isinstance(value, str) else joined("", flag, value)
        for flag, value in ((f"--{n.replace('_', '-')}=", v) for n, v in arguments.items())
    ]


def _input(name: str, source: Any, path: str) -> Json:
    return {
        "InputName": name,
        "AppManaged": False,
        "S3Input": {
            "S3Uri": source,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def _machine(context: CompileContext) -> Json:
    key = {} if has_own_disk(context.instance_type) else {"VolumeKmsKeyId": context.key}
    return {"InstanceType": context.instance_type, "VolumeSizeInGB": context.volume_gb, **key}


def _tags(context: CompileContext) -> list[Json]:
    return [{"Key": key, "Value": value} for key, value in context.tags.items()]
