"""A nineteenth round on AWS, taken blind: events, schedules, functions."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import trust

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
WORKFLOW = "arn:aws:states:eu-central-1:123456789012:stateMachine:workflow"
PARTNER = "aws.partner/grafana.com/stacks/alerts"
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sim:1"
ORDERED = ("ordered", "queue", {"name": "ordered.fifo", "fifoQueue": True})


def _slug(value: Any) -> dict[str, Any]:
    return {
        "eventPattern": json.dumps(
            {"detail-type": ["Build Started"], "detail": {"pipeline": {"slug": value}}}
        )
    }


def _packed(**more: Any) -> dict[str, Any]:
    """A function of an image."""
    return {
        "packageType": "Image",
        "imageUri": IMAGE,
        "s3Bucket": REMOVED,
        "s3Key": REMOVED,
        "handler": REMOVED,
        "runtime": REMOVED,
        **more,
    }


def _sent(arn: str, **more: Any) -> dict[str, Any]:
    """A target that isn't a pipeline."""
    return {"arn": arn, "sagemakerPipelineTarget": REMOVED, "roleArn": REMOVED, **more}


def _scheduled(arn: str) -> dict[str, Any]:
    return {"target": {"arn": arn, "roleArn": "${role.arn}"}}


EVENTS = [
    Refusal(
        f"{GITHUB}/boto/boto3/issues/3558",
        REFERENCE,
        "schedule",
        "scheduler is not a supported service for a target",
        _scheduled("arn:aws:scheduler:eu-central-1:123456789012:schedule/default/MY_EVENT_NAME"),
        _scheduled("${function.arn}"),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js-v3/issues/6494",
        REFERENCE,
        "schedule",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role",
        {"target.roleArn": "${foreign.arn}"},
        {},
        (("foreign", "role", {"name": "foreign", "assumeRolePolicy": trust("lambda")}),),
    ),
    Refusal(
        f"{TERRAFORM}/issues/35065",
        PATTERN,
        "bus",
        "EventBus name starting with 'aws.' is not valid",
        {"name": "aws.partner/auth0.com/test-95208a2f-58d4-4986-8c13-13eb03a04f40/auth0.logs"},
        {"name": "partner-auth0"},
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-eventbridge/issues/194",
        EXCLUSIVE,
        "bus",
        "bus_name must match event_source_name",
        {"name": "partner", "eventSourceName": PARTNER},
        {"name": PARTNER, "eventSourceName": PARTNER},
    ),
    Refusal(
        f"{GITHUB}/buildkite/docs/pull/896",
        TEXT,
        "rule",
        'Event pattern is not valid. Reason: "slug" must be an object or an array',
        _slug("some-pipeline"),
        _slug(["some-pipeline"]),
    ),
    Refusal(
        f"{GITHUB}/awsdocs/aws-cloudformation-user-guide/pull/456",
        MISSING,
        "rule",
        "Parameter(s) EventPattern or ScheduleExpression must be specified",
        {"eventPattern": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/winglang/wing/issues/7115",
        PATTERN,
        "rule",
        "Parameter ScheduleExpression is not valid",
        {"eventPattern": REMOVED, "scheduleExpression": "cron(15 12 ? * -1 *)"},
        {"eventPattern": REMOVED, "scheduleExpression": "cron(15 12 ? * 1 *)"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/19913",
        MISSING,
        "target",
        "RoleArn is required for target arn:aws:states",
        _sent(WORKFLOW),
        _sent(WORKFLOW, roleArn="${role.arn}"),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cloudformation-coverage-roadmap/issues/351",
        EXCLUSIVE,
        "target",
        "RoleArn is not supported for Cloudwatch (nor for Lambda)",
        _sent("${loggroup.arn}", roleArn="${role.arn}"),
        _sent("${loggroup.arn}"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/20263",
        MISSING,
        "target",
        "Parameter(s) SqsParameters must be specified for target",
        _sent("${ordered.arn}"),
        _sent("${ordered.arn}", sqsTarget={"messageGroupId": "test"}),
        (ORDERED,),
    ),
    Refusal(
        f"{GITHUB}/aarondfrancis/sidecar/issues/147",
        PATTERN,
        "function",
        "Value 'lambdarole' at 'role' failed to satisfy constraint",
        {"role": "lambdarole"},
    ),
    Refusal(
        f"{GITHUB}/vittorio-nardone/disposable_app/issues/3",
        ENUM,
        "function",
        "The runtime parameter of python3.7 is no longer supported",
        {"runtime": "python3.7"},
        {"runtime": "python3.13"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-aws/issues/5439",
        EXCLUSIVE,
        "function",
        "Please don't provide Handler or Runtime or Layer when the PackageType is Image",
        _packed(handler="main.handler"),
        _packed(),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/7408",
        PATTERN,
        "permission",
        "The provided input 'arn:aws:iam:000000000000:role/xxxx' was invalid",
        {"principal": "arn:aws:iam:000000000000:role/xxxx", "sourceArn": REMOVED},
        {"principal": "${role.arn}", "sourceArn": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/issues/7763",
        PATTERN,
        "permission",
        "Statement ID should be [0-9a-zA-z_/-]+",
        {"statementId": "example.com"},
        {"statementId": "example-com"},
    ),
    Refusal(
        f"{GITHUB}/Pocket/terraform-modules/pull/1037",
        PATTERN,
        "permission",
        "The provided principal was invalid",
        {"principal": "amazonaws.com"},
        {"principal": "apigateway.amazonaws.com"},
    ),
]
