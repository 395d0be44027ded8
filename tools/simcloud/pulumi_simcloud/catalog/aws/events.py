"""EventBridge: schedules, rules, targets; Lambda."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from pulumi_simcloud.catalog.aws.common import (
    EVENT_BUS,
    EVENT_RULE,
    FUNCTION,
    QUEUE,
    SCHEDULE_GROUP,
    SECURITY_GROUP,
    SUBNET,
    bucket,
    key,
    role,
)
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.rules.basic import (
    at_most_one,
    check,
    exactly_one,
    json_text,
    needs,
    one_of,
    parsed,
    time_zone,
)
from pulumi_simcloud.rules.fields import moment
from pulumi_simcloud.rules.schedules import schedule_expression
from pulumi_simcloud.rules.trust import trusts

PIPELINE_ARN = ":pipeline/"
# Every account has the first of these; a partner's are made elsewhere.
BUS = Ref(
    "eventBusName", (EVENT_BUS,), ("name", "arn"), allow=r"(.+event-bus/)?default|aws\.partner.+"
)


def _event_pattern(value: Any) -> str | None:
    # Every leaf of an event pattern is a list (EventBridge guide, "Event patterns").
    pattern = parsed(value)
    if not isinstance(pattern, dict) or not pattern:
        return f"InvalidEventPattern: {excerpt(value)} is not a JSON object"
    return next((f"InvalidEventPattern: {text}" for text in _leaf_errors(pattern)), None)


def _leaf_errors(pattern: dict[str, Any]) -> list[str]:
    errors = []
    for name, value in pattern.items():
        if isinstance(value, dict):
            errors += _leaf_errors(value)
        elif not isinstance(value, list) or not value:
            errors.append(f"{name!r} must be an object or a list that isn't empty")
    return errors


def _needs_role(value: Any) -> str | None:
    """A rule can start a pipeline only with a role (PutTargets, `RoleArn`)."""
    if PIPELINE_ARN in str(value.get("arn")) and value.get("roleArn") is None:
        return "missing: roleArn is needed for a SageMaker pipeline"
    return None


def _pipeline_parameters(value: Any) -> str | None:
    """Scheduler's answer to a pipeline without parameters: terraform-provider-aws#33526.

    A parameter's value has at least one character (SageMakerPipelineParameter in the API).
    """
    if PIPELINE_ARN not in str(value.get("arn")):
        return None
    parameters = (value.get("sagemakerPipelineParameters") or {}).get("pipelineParameters") or []
    if not parameters:
        return "Parameters SageMakerPipelineParameters must be specified"
    empty = [parameter.get("name") for parameter in parameters if parameter.get("value") == ""]
    return f"pipeline parameter {empty[0]!r} has an empty value" if empty else None


def _starts_now(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A start is five minutes ago or later when it is sent, and before the end.

    CreateSchedule's own answer; API_CreateSchedule: StartDate, EndDate.
    """
    start, end = (moment(inputs.get(name)) for name in ("startDate", "endDate"))
    earliest = datetime.now(timezone.utc) - timedelta(minutes=5)
    if start is not None and start < earliest:
        yield "The StartDate you specify cannot be earlier than 5 minutes ago"
    if start is not None and end is not None and end <= start:
        yield "The EndDate you specify must come after the StartDate"


def _rule_id(context: Context) -> Any:
    bus = context.get("eventBusName")
    return (
        context.get("name") if bus in (None, "default") else context.fill("{eventBusName}/{name}")
    )


EVENTS = (
    Kind(
        "aws:scheduler/schedule:Schedule",
        id=lambda context: f"{context.get('groupName')}/{context.get('name')}",
        name=Name("name", 64, prefix="namePrefix"),
        api=Api("scheduler:CreateSchedule", optional=("name",)),
        refs=(
            Ref("groupName", (SCHEDULE_GROUP,), ("name",), allow="default"),
            role("target.roleArn"),
            Ref("target.deadLetterConfig.arn", (QUEUE,), ("arn",)),
            key("kmsKeyArn"),
        ),
        rules=(
            at_most_one("name", "namePrefix"),
            schedule_expression("scheduleExpression", once=True),
            time_zone("scheduleExpressionTimezone"),
            check("target", _pipeline_parameters),
            needs(
                "flexibleTimeWindow.mode",
                "flexibleTimeWindow.maximumWindowInMinutes",
                value="FLEXIBLE",
            ),
        ),
        demands=(trusts("target.roleArn", "scheduler.amazonaws.com"), _starts_now),
        planned={
            "groupName": lambda context: context.get("groupName") or "default",
            "scheduleExpressionTimezone": lambda context: (
                context.get("scheduleExpressionTimezone") or "UTC"
            ),
            "state": lambda context: context.get("state") or "ENABLED",
        },
        computed={
            "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/{groupName}/{name}"
        },
        handles=("id", "arn"),
    ),
    Kind(
        SCHEDULE_GROUP,
        name=Name("name", 64, prefix="namePrefix"),
        api=Api("scheduler:CreateScheduleGroup", optional=("name",)),
        computed={
            "arn": "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}",
            "state": "ACTIVE",
        },
        unique="{region}/{name}",
    ),
    Kind(
        EVENT_BUS,
        name=Name("name", 256, auto=True),
        api=Api("events:CreateEventBus", optional=("name",)),
        refs=(Ref("deadLetterConfig.arn", (QUEUE,), ("arn",)), key("kmsKeyIdentifier")),
        computed={"arn": "arn:{partition}:events:{region}:{account}:event-bus/{name}"},
        unique="{region}/{name}",
    ),
    Kind(
        EVENT_RULE,
        id=_rule_id,
        name=Name("name", 64, prefix="namePrefix"),
        api=Api("events:PutRule", optional=("name",)),
        refs=(role("roleArn"), BUS),
        rules=(
            at_most_one("name", "namePrefix"),
            at_most_one("isEnabled", "state"),
            check(
                "",
                lambda value: (
                    None
                    if value.get("eventPattern") or value.get("scheduleExpression")
                    else "either eventPattern or scheduleExpression is needed"
                ),
            ),
            check("eventPattern", _event_pattern),
            schedule_expression("scheduleExpression", once=False),
        ),
        computed={"arn": "arn:{partition}:events:{region}:{account}:rule/{name}"},
        deferred=("eventPattern",),
    ),
    Kind(
        "aws:cloudwatch/eventTarget:EventTarget",
        id="{rule}-{targetId}",
        name=Name("targetId", 64),
        api=Api(
            "events:PutTargets",
            {"targetId": "Id", "sagemakerPipelineTarget": "SageMakerPipelineParameters"},
            at="Targets",
            optional=("targetId",),
        ),
        refs=(
            Ref("rule", (EVENT_RULE,), ("name",)),
            BUS,
            role("roleArn"),
            Ref("deadLetterConfig.arn", (QUEUE,), ("arn",)),
        ),
        rules=(
            at_most_one("input", "inputPath", "inputTransformer"),
            json_text("input", 8192),
            check("", _needs_role),
        ),
        demands=(trusts("roleArn", "events.amazonaws.com"),),
        handles=("id",),
    ),
    Kind(
        FUNCTION,
        name=Name("name", 64),
        api=Api(
            "lambda:CreateFunction",
            {
                "name": "FunctionName",
                "s3Bucket": "Code.S3Bucket",
                "s3Key": "Code.S3Key",
                "s3ObjectVersion": "Code.S3ObjectVersion",
                "imageUri": "Code.ImageUri",
            },
            optional=("name", "code"),
        ),
        refs=(
            role("role"),
            bucket("s3Bucket"),
            key("kmsKeyArn"),
            Ref("vpcConfig.subnetIds[*]", (SUBNET,), ("id",)),
            Ref("vpcConfig.securityGroupIds[*]", (SECURITY_GROUP,), ("id",)),
            Ref("deadLetterConfig.targetArn", (QUEUE, "aws:sns/topic:Topic"), ("arn",)),
        ),
        rules=(
            exactly_one("code", "s3Bucket", "imageUri"),
            needs("s3Bucket", "s3Key"),
            needs("code", "handler", "runtime"),
        ),
        demands=(trusts("role", "lambda.amazonaws.com"),),
        computed={
            "arn": "arn:{partition}:lambda:{region}:{account}:function:{name}",
            "invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/"
            "arn:{partition}:lambda:{region}:{account}:function:{name}/invocations",
            "version": "$LATEST",
        },
        unique="{region}/{name}",
    ),
    Kind(
        "aws:lambda/permission:Permission",
        id="{statementId}",
        name=Name("statementId", 100, prefix="statementIdPrefix"),
        api=Api("lambda:AddPermission", {"function": "FunctionName"}, optional=("statementId",)),
        refs=(Ref("function", (FUNCTION,)),),
        rules=(one_of("action", "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),),
        handles=(),
    ),
)
