"""A second independent sample on Amazon Web Services: events, functions, registries."""

from __future__ import annotations

import json
from typing import Any

from samples.documents import trust

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:Workflow"


def _pattern(**pattern: Any) -> dict[str, str]:
    return {"eventPattern": json.dumps(pattern)}


def _timed(expression: str) -> dict[str, Any]:
    """A rule for times instead of events."""
    return {"eventPattern": None, "scheduleExpression": expression}


def _expired(action: dict[str, Any] | None = None, **selection: Any) -> dict[str, str]:
    """A policy of one rule about images."""
    rule = {"rulePriority": 1, "selection": selection, "action": action or {"type": "expire"}}
    return {"policy": json.dumps({"rules": [rule]})}


EVENTS = [
    Refusal(
        f"{TERRAFORM}/issues/35065",
        PATTERN,
        "bus",
        "ValidationException: EventBus name starting with 'aws.' is not valid",
        {"name": "aws.partner/auth0.com/test-95208a2f-58d4-4986-8c13-13eb03a04f40/auth0.logs"},
        {"name": "auth0.logs"},
    ),
    Refusal(
        f"{GITHUB}/winglang/wing/issues/7115",
        PATTERN,
        "rule",
        "ValidationException: Parameter ScheduleExpression is not valid",
        _timed("cron(15 12 ? * -1 *)"),
        _timed("cron(15 12 ? * 1 *)"),
    ),
    Refusal(
        f"{GITHUB}/buildkite/docs/pull/896",
        PATTERN,
        "rule",
        'Event pattern is not valid. Reason: "slug" must be an object or an array',
        _pattern(**{"detail-type": ["Build Started"], "detail": {"pipeline": {"slug": "some"}}}),
        _pattern(**{"detail-type": ["Build Started"], "detail": {"pipeline": {"slug": ["some"]}}}),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/36904",
        RANGE,
        "rule",
        "Event pattern is not valid. Reason: Empty arrays are not allowed",
        _pattern(**{"detail-type": [], "source": ["example.source"], "account": ["123456789012"]}),
        _pattern(source=["example.source"], account=["123456789012"]),
    ),
    Refusal(
        f"{TERRAFORM}/pull/19913",
        MISSING,
        "target",
        "ValidationException: RoleArn is required for target stateMachine:Workflow",
        {"arn": MACHINE, "roleArn": None, "sagemakerPipelineTarget": None},
        {"arn": MACHINE, "sagemakerPipelineTarget": None},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-js-v3/issues/2240",
        PATTERN,
        "target",
        "ValidationException: 'arn:aws:events:eu-west-1:...:rule/Test' at 'rule' failed to "
        "satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
        {"rule": "${rule.arn}"},
        {"rule": "${rule.name}"},
    ),
    Refusal(
        f"{GITHUB}/aws-devtools-labs/aws-blocks/pull/458",
        PATTERN,
        "schedule",
        "rate(10 seconds) is rejected",
        {"scheduleExpression": "rate(10 seconds)"},
        {"scheduleExpression": "rate(10 minutes)"},
    ),
    Refusal(
        "https://openillumi.com/en/en-fix-eventbridge-scheduler-assumerole-error",
        POLICY,
        "schedule",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role",
        {"target.roleArn": "${evented.arn}"},
        {"target.roleArn": "${scheduled.arn}"},
        (
            ("evented", "role", {"name": "evented", "assumeRolePolicy": trust("events")}),
            ("scheduled", "role", {"name": "scheduled", "assumeRolePolicy": trust("scheduler")}),
        ),
    ),
]

FUNCTIONS = [
    Refusal(
        f"{GITHUB}/mattermost/mattermost-cloud-monitoring/pull/264",
        ENUM,
        "function",
        "the environment variables you have provided contains reserved keys that are currently "
        "not supported for modification. Reserved keys used in this request: AWS_REGION",
        {"environment": {"variables": {"AWS_REGION": "eu-central-1"}}},
        {"environment": {"variables": {"REGION": "eu-central-1"}}},
    ),
    Refusal(
        f"{GITHUB}/spring-cloud/spring-cloud-function/pull/659",
        PATTERN,
        "function",
        "The key must start with a letter and can only contain letters, numbers, and underscores",
        {"environment": {"variables": {"spring.cloud.function.definition": "uppercase"}}},
        {"environment": {"variables": {"SPRING_CLOUD_FUNCTION_DEFINITION": "uppercase"}}},
    ),
    Refusal(
        f"{GITHUB}/awslabs/aws-cloudfront-extensions/issues/369",
        ENUM,
        "function",
        "The runtime parameter of nodejs12.x is no longer supported for creating or updating AWS "
        "Lambda functions",
        {"runtime": "nodejs12.x"},
        {"runtime": "nodejs22.x"},
    ),
    Refusal(
        f"{GITHUB}/motdotla/node-lambda/issues/450",
        PATTERN,
        "permission",
        "'assets.xxxxxxxxx.com' at 'statementId' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
        {"statementId": "assets.xxxxxxxxx.com"},
        {"statementId": "assets-xxxxxxxxx-com"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/7408",
        PATTERN,
        "permission",
        "InvalidParameterValueException: The provided input 'arn:aws:iam:000000000000:role/xxxx' "
        "was invalid",
        {"principal": "arn:aws:iam:123456789012:role/sim-role", "sourceArn": None},
        {"principal": "arn:aws:iam::123456789012:role/sim-role", "sourceArn": None},
    ),
    Refusal(
        f"{GITHUB}/mavi888/bedrock-agent-lambda/pull/1",
        PATTERN,
        "permission",
        "SourceArn: string [arn:aws:bedrock:us-east-1:123456789012] does not match pattern",
        {
            "principal": "bedrock.amazonaws.com",
            "sourceArn": "arn:aws:bedrock:eu-central-1:123456789012",
        },
        {
            "principal": "bedrock.amazonaws.com",
            "sourceArn": "arn:aws:bedrock:eu-central-1:123456789012:agent/*",
        },
    ),
]

REGISTRIES = [
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/9877",
        PATTERN,
        "repository",
        "InvalidParameterException: 'repositoryName' must satisfy regular expression (MyRepo)",
        {"name": "MyRepo"},
        {"name": "my-repo"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-dotnet-deploy/issues/549",
        RANGE,
        "repository",
        "InvalidParameterException: 'repositoryName' must have length greater than or equal to 2",
        {"name": "a"},
        {"name": "ab"},
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-aws/issues/1179",
        PATTERN,
        "repository",
        "InvalidParameterException: 'repositoryName' must satisfy regular expression (two hyphens)",
        {"name": "test-dan-humphries--hello-bosun"},
        {"name": "test-dan-humphries-hello-bosun"},
        accepted="the model of ECR's API takes several hyphens in a row by now",
    ),
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/issues/5597",
        EXCLUSIVE,
        "expiry",
        "InvalidParameterException: Lifecycle policy validation failure (a unit of a count)",
        _expired(
            tagStatus="untagged", countType="imageCountMoreThan", countUnit="days", countNumber=5
        ),
        _expired(tagStatus="untagged", countType="imageCountMoreThan", countNumber=5),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/pull/132",
        PATTERN,
        "expiry",
        "InvalidParameterException: Lifecycle policy validation failure: instance failed to match "
        "exactly one schema (countUnit null)",
        _expired(tagStatus="any", countType="imageCountMoreThan", countUnit=None, countNumber=500),
        _expired(tagStatus="any", countType="imageCountMoreThan", countNumber=500),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/issues/158",
        PATTERN,
        "expiry",
        "InvalidParameterException: Lifecycle policy validation failure: instance failed to match "
        "exactly one schema (targetStorageClass null)",
        _expired(
            {"type": "expire", "targetStorageClass": None},
            tagStatus="tagged",
            tagPatternList=["latest"],
            countType="imageCountMoreThan",
            countNumber=10,
        ),
        _expired(
            tagStatus="tagged",
            tagPatternList=["latest"],
            countType="imageCountMoreThan",
            countNumber=10,
        ),
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1499",
        PATTERN,
        "parameter",
        "ValidationException: Parameter name: spaces are not allowed",
        {"name": "Dev MySQL DB"},
        {"name": "Dev_MySQL_DB"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-php/issues/1952",
        PATTERN,
        "parameter",
        "ValidationException: each sub-path can be formed as a mix of letters, numbers and the "
        "following 3 symbols .-_ (an @)",
        {"name": "/myPrefix/xmpt/support@gmail.com"},
        {"name": "/myPrefix/xmpt/support_gmail.com"},
    ),
    Refusal(
        f"{GITHUB}/github-aws-runners/terraform-aws-github-runner/issues/3815",
        RANGE,
        "parameter",
        "ValidationException: Standard tier parameters support a maximum parameter value of 4096 "
        "characters",
        {"value": "x" * 4097},
        {"value": "x" * 4096},
    ),
]

EVENTED = [*EVENTS, *FUNCTIONS, *REGISTRIES]
