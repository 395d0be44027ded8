"""EventBridge: buses, rules, event patterns and the targets of rules.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import EVENT_BUS, EVENT_RULE
from pulumi_simcloud.catalog.aws.documented.target_fields import message_group, no_fifo, of_target
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, parsed
from pulumi_simcloud.rules.event_patterns import path_error, pattern_errors, template_error

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
# PutRule, EventPattern: at most 4096 characters, once a quota of 2048 is raised.
LONGEST_PATTERN = 4096
# docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: targets that need a role.
WITH_ROLE = re.compile(
    r"arn:[\w-]+:(kinesis|firehose|states|ecs|batch|codebuild|codepipeline|redshift|sagemaker|ssm"
    r"|redshift-serverless|inspector):.+|arn:[\w-]+:events:[^:]*:[^:]*:api-destination/.+"
)
# The parameters of one kind of target each.
TARGETED = {
    "sagemakerPipelineTarget": ":pipeline/",
    "ecsTarget": ":ecs:",
    "batchTarget": ":batch:",
    "kinesisTarget": ":kinesis:",
    "sqsTarget": ":sqs:",
    "redshiftTarget": ":redshift",
    "runCommandTargets": ":ssm:",
    "appsyncTarget": ":appsync:",
}


def _event_pattern(value: Any) -> str | None:
    pattern = parsed(value)
    if pattern is None:
        return None
    if len(str(value)) > LONGEST_PATTERN:
        return f"has {len(value)} characters, allowed are {LONGEST_PATTERN}"
    reason = next(pattern_errors(pattern), None)
    return f"InvalidEventPatternException: {reason}" if reason else None


def _on_default_bus(inputs: Inputs) -> Iterator[Failure]:
    """Only the default bus has schedules (PutRule, ScheduleExpression)."""
    bus = inputs.get("eventBusName")
    if inputs.get("scheduleExpression") is None or bus in (None, UNKNOWN):
        return
    if str(bus).rpartition("/")[2] != "default":
        reason = "ScheduleExpression is supported only on the default event bus"
        yield Failure("scheduleExpression", f"ValidationException: {reason}")


def _needs_role(inputs: Inputs) -> Iterator[Failure]:
    arn = inputs.get("arn")
    if isinstance(arn, str) and WITH_ROLE.fullmatch(arn) and inputs.get("roleArn") is None:
        yield Failure("roleArn", f"missing: RoleArn is required for target {excerpt(arn)}")
    # hashicorp/terraform#16929; aws-cloudformation/cloudformation-coverage-roadmap#351 for log
    # groups, which "do not use roles" (eb-events-iam-roles.html of the user guide).
    if re.match(r"arn:[\w-]+:(automation|logs):", str(arn)) and inputs.get("roleArn") is not None:
        yield Failure("roleArn", f"RoleArn is not supported for target {excerpt(arn)}")


def _shaped(inputs: Inputs) -> Iterator[Failure]:
    """Targets of a service that has several kinds, and the input that some take.

    eb-targets.html: automations by their own ARN, a document with RunCommandParameters; targets
    that are built in by the console alone ("PutTargets"); "Log group": timestamp and message.
    """
    arn, text = inputs.get("arn"), inputs.get("input")
    if not isinstance(arn, str):
        return
    if ":ssm:" in arn and ":document/" in arn and not inputs.get("runCommandTargets"):
        yield Failure(
            "arn", f"Parameter RunCommandParameters is not valid for target {excerpt(arn)}"
        )
    if re.match(r"arn:[\w-]+:events:[^:]*:[^:]*:(?!event-bus/|api-destination/)", arn):
        yield Failure("arn", f"Parameter {excerpt(arn)} is not valid: neither a bus nor an API")
    if ":logs:" in arn and (inputs.get("inputPath") is not None or isinstance(text, str)):
        document = parsed(text)
        if not isinstance(document, dict) or set(document) != {"timestamp", "message"}:
            reason = "a log group takes an object with timestamp and message"
            yield Failure("input", f"ValidationException: {reason}")


def _template(inputs: Inputs) -> Iterator[Failure]:
    transformer = inputs.get("inputTransformer")
    if not isinstance(transformer, dict):
        return
    paths = transformer.get("inputPaths") or {}
    reason = template_error(transformer.get("inputTemplate"), paths)
    if reason:
        yield Failure("inputTransformer.inputTemplate", reason)
    whole = str(transformer.get("inputTemplate")).strip()
    # github badmintoncryer/cdk-preflight, pf-events-input-transformer-json-var.
    if "<aws.events.event.json>" in whole and not whole.startswith("{"):
        reason = "<aws.events.event.json> stands in a JSON object alone"
        yield Failure("inputTransformer.inputTemplate", reason)
    for path, value in select(inputs, "inputTransformer.inputPaths[*]"):
        reason = path_error(value) if isinstance(value, str) else None
        if reason:
            yield Failure(path, reason)
    arn = inputs.get("arn")
    log = isinstance(arn, str) and ":logs:" in arn
    template = parsed(re.sub(r"<[^<>]+>", "0", str(transformer.get("inputTemplate"))))
    if log and (not isinstance(template, dict) or set(template) != {"timestamp", "message"}):
        reason = "a log group takes an object with timestamp and message"
        yield Failure("inputTransformer.inputTemplate", reason)


def _few_targets(inputs: Inputs, world: Existing) -> Iterator[str]:
    """At most five per rule (PutTargets)."""
    bus = inputs.get("eventBusName") or "default"
    targets = [
        row
        for row in world.of(TARGET)
        if row.inputs.get("rule") == inputs.get("rule")
        and (row.inputs.get("eventBusName") or "default") == bus
    ]
    if len(targets) >= 5:
        yield f"LimitExceededException: the rule {inputs.get('rule')!r} has 5 targets"


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
NO_TARGETS = re.compile(
    r"arn:[\w-]+:(s3|dynamodb|kms|iam|rds|ecr|cloudwatch|elasticache|ses|ec2):.*"
)


def _partner(inputs: Inputs) -> Iterator[Failure]:
    """A partner's bus goes by the name of its source, and only it has a / (CreateEventBus)."""
    name, source = inputs.get("name"), inputs.get("eventSourceName")
    if source is not None and UNKNOWN not in (source, name) and source != name:
        yield Failure("eventSourceName", f"{excerpt(source)} is not the bus's name")
    if source is None and isinstance(name, str) and "/" in name:
        yield Failure("name", f"{excerpt(name)}: only buses of partners have a / in their name")


RULES: dict[str, tuple[Rule, ...]] = {
    EVENT_RULE: (
        check("eventPattern", _event_pattern),
        PathRule(("scheduleExpression", "eventBusName"), _on_default_bus),
    ),
    TARGET: (
        PathRule(("arn", "roleArn"), _needs_role),
        PathRule(("arn", "input"), _shaped),
        PathRule(("inputTransformer.inputTemplate", "inputTransformer.inputPaths"), _template),
        check("inputPath", path_error),
        check(
            "arn",
            lambda value: (
                f"Parameter {excerpt(value)} is not valid: its service is no target"
                if NO_TARGETS.fullmatch(str(value))
                else None
            ),
        ),
        of_target(TARGETED, "arn", {}),
        message_group("sqsTarget.messageGroupId", "arn"),
        no_fifo("deadLetterConfig.arn"),
    ),
    EVENT_BUS: (PathRule(("name", "eventSourceName"), _partner),),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    TARGET: (_few_targets,),
}
