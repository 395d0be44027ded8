"""Permissions on AWS: what the general evaluator does not know by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import PIPELINE
from pulumi_simcloud.permissions import Call, Need
from pulumi_simcloud.permissions.aws import EVERYTHING, AwsAuthority
from pulumi_simcloud.property_values import leaves, select
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

BUCKET_ARN = "arn:{partition}:s3:::{bucket}"
# Step types of a pipeline's definition to the call that the pipeline makes as its role.
# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
STEPS = {
    "Training": "sagemaker:CreateTrainingJob",
    "Processing": "sagemaker:CreateProcessingJob",
    "Transform": "sagemaker:CreateTransformJob",
    "RegisterModel": "sagemaker:CreateModelPackage",
    "Model": "sagemaker:CreateModel",
}
JOBS = {
    "Training": "training-job",
    "Processing": "processing-job",
    "Transform": "transform-job",
}


def _pipeline(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    """Calls of a pipeline as its role: it makes jobs, and passes the jobs' roles to SageMaker."""
    definition = row.inputs.get("pipelineDefinition")
    steps = json.loads(definition).get("Steps", []) if isinstance(definition, str) else []
    role_of_pipeline = row.inputs["roleArn"]
    for step in _flat(steps):
        action, kind = STEPS.get(step["Type"]), JOBS.get(step["Type"])
        if action and kind:
            # Jobs get names that begin with "pipelines-" and the execution's id.
            arn = row.outputs["arn"].rpartition(":")[0]
            yield role_of_pipeline, (Call(action, f"{arn}:{kind}/pipelines-sim-{step['Name']}"),)
        for path, role in leaves(step.get("Arguments", {})):
            if path.endswith("RoleArn") and isinstance(role, str) and role.startswith("arn:"):
                passed = {"iam:passedtoservice": "sagemaker.amazonaws.com"}
                yield role_of_pipeline, (Call("iam:PassRole", role, passed),)


def _flat(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        arguments = step.get("Arguments", {})
        if step.get("Type") == "Condition":
            yield from _flat([*arguments.get("IfSteps", []), *arguments.get("ElseSteps", [])])


def _target_calls(arn: Any, role: Any) -> Iterator[tuple[str, Need]]:
    """Calls of Scheduler and EventBridge as a target's role."""
    calls = {
        "sagemaker": "sagemaker:StartPipelineExecution",
        "sns": "sns:Publish",
        "sqs": "sqs:SendMessage",
        "lambda": "lambda:InvokeFunction",
    }
    service = arn.split(":")[2] if isinstance(arn, str) and arn.startswith("arn:") else ""
    if service in calls and isinstance(role, str):
        yield role, (Call(calls[service], arn),)


def _schedule(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    target = row.inputs.get("target", {})
    yield from _target_calls(target.get("arn"), target.get("roleArn"))
    for _, queue in select(target, "deadLetterConfig.arn"):
        if isinstance(queue, str):
            yield target["roleArn"], (Call("sqs:SendMessage", queue),)


def _target(row: Row, world: World) -> Iterator[tuple[str, Need]]:
    yield from _target_calls(row.inputs.get("arn"), row.inputs.get("roleArn"))


AUTHORITY = AwsAuthority(
    arns={
        "aws:s3/bucketObjectv2:BucketObjectv2": f"{BUCKET_ARN}/{{key}}",
        # All actions on subscriptions are allowed on their topic.
        "aws:sns/topicSubscription:TopicSubscription": "{topic}",
        "aws:cloudwatch/dashboard:Dashboard": (
            "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"
        ),
        "aws:cloudwatch/eventTarget:EventTarget": (
            "arn:{partition}:events:{region}:{account}:rule/{rule}"
        ),
        "aws:appautoscaling/target:Target": (
            "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/sim"
        ),
        "aws:appautoscaling/policy:Policy": (
            "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/sim"
        ),
    },
    services={
        "sagemaker": "sagemaker.amazonaws.com",
        "scheduler": "scheduler.amazonaws.com",
        "cloudwatch": "events.amazonaws.com",
        "lambda": "lambda.amazonaws.com",
        "appautoscaling": "application-autoscaling.amazonaws.com",
        "sns": "sns.amazonaws.com",
        "s3": "s3.amazonaws.com",
    },
    managed={"AdministratorAccess": EVERYTHING},
    running={
        PIPELINE: _pipeline,
        "aws:scheduler/schedule:Schedule": _schedule,
        "aws:cloudwatch/eventTarget:EventTarget": _target,
    },
)

__all__ = ["AUTHORITY"]
