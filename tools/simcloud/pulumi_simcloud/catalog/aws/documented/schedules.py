"""Scheduler: what its documentation says of schedules and their targets.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from pulumi_simcloud.catalog.aws.documented.target_fields import message_group, no_fifo, of_target
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, parsed, pattern
from pulumi_simcloud.rules.fields import moment, not_with

SCHEDULE = "aws:scheduler/schedule:Schedule"
SCHEDULED = {
    "sagemakerPipelineParameters": ":pipeline/",
    "ecsParameters": ":ecs:",
    "kinesisParameters": ":kinesis:",
    "eventbridgeParameters": ":event-bus/",
    "sqsParameters": ":sqs:",
}
SCHEDULE_REQUIREMENTS = {
    "ecsParameters": ":ecs:",
    "kinesisParameters": ":kinesis:",
    "eventbridgeParameters": ":event-bus/",
}
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html and
# managing-targets-universal.html: other services by their SDK alone, and what only reads by none.
TEMPLATED = re.compile(
    r"arn:[\w-]+:(lambda|sns|sqs|states|events|ecs|kinesis|firehose|codebuild|codepipeline"
    r"|inspector|sagemaker):.+"
)
UNIVERSAL = re.compile(r"arn:[\w-]+:scheduler:::aws-sdk:([a-z0-9]+):(\w+)")


def _is_past(value: Any) -> bool:
    time = moment(value)
    return time is not None and time < datetime.now(timezone.utc)


def _supported(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    universal = UNIVERSAL.fullmatch(value)
    if universal and re.match(r"(get|describe|list)[A-Z]", universal[2]):
        return f"{universal[2]} only reads, which Scheduler does not support"
    if universal or TEMPLATED.fullmatch(value):
        return None
    return f"Provided Arn {excerpt(value)} is none of a supported target"


def _sdk_call(inputs: Inputs) -> Iterator[Failure]:
    """Another service's call exists and has the input that it needs (universal targets)."""
    arn = next((value for _, value in select(inputs, "target.arn")), None)
    match = UNIVERSAL.fullmatch(arn) if isinstance(arn, str) else None
    text = next((value for _, value in select(inputs, "target.input")), None)
    if match is None or text is UNKNOWN:
        return
    path, service = "target.arn", operations(match[1])
    if service is None:
        yield Failure(path, f"Provided Arn is invalid: the service {match[1]} does not exist")
        return
    required = service.get(match[2])
    if required is None:
        yield Failure(path, f"Provided Arn is invalid: {match[1]} has no call {match[2]}")
        return
    document = parsed(text) if text is not None else {}
    if not isinstance(document, dict):
        yield Failure("target.input", f"Invalid RequestJson provided: {excerpt(text)}")
        return
    for name in required:
        if name not in document:
            reason = f"Invalid RequestJson provided. Reason The field '{name}' is required"
            yield Failure("target.input", reason)


@cache
def operations(service: str) -> dict[str, tuple[str, ...]] | None:
    """Calls of a service by their names in SDKs, with what each needs; None: no such service.

    `service` is the SDK's: the client's id without spaces and hyphens, in lower case.
    """
    loader = Loader()
    for name in loader.list_available_services("service-2"):
        if service not in (re.sub(r"[^a-z0-9]", "", name), name):
            continue
        model = ServiceModel(loader.load_service_model(name, "service-2"), name)
        calls = {}
        for call in model.operation_names:
            shape = model.operation_model(call).input_shape
            required = tuple(shape.required_members) if shape else ()
            calls[call[0].lower() + call[1:]] = tuple(
                member
                for member in required
                if shape and not shape.members[member].metadata.get("idempotencyToken")
            )
        return calls
    return None


def _json_input(inputs: Inputs) -> Iterator[Failure]:
    """Input for functions, state machines and buses is JSON (Target, Input)."""
    target = inputs.get("target")
    target = target if isinstance(target, dict) else {}
    text = target.get("input")
    kinds = r"arn:[\w-]+:(lambda|states|events):.+"
    if not isinstance(text, str) or not re.fullmatch(kinds, str(target.get("arn"))):
        return
    if parsed(text) is None and text.strip() != "null":
        yield Failure("target.input", f"{excerpt(text)} is not JSON")


RULES: dict[str, tuple[Rule, ...]] = {
    SCHEDULE: (
        not_with("flexibleTimeWindow.maximumWindowInMinutes", "flexibleTimeWindow.mode", "OFF"),
        check("target.arn", _supported),
        PathRule(("target.input", "target.arn"), _json_input),
        PathRule(("target.input", "target.arn"), _sdk_call),
        pattern("target.input", r"[\s\S]{1,262144}", "at most 256 KB"),
        check(
            "endDate",
            lambda value: (
                "ValidationException: EndDate is in the past" if _is_past(value) else None
            ),
        ),
        of_target(SCHEDULED, "target.arn", SCHEDULE_REQUIREMENTS),
        message_group("target.sqsParameters.messageGroupId", "target.arn"),
        no_fifo("target.deadLetterConfig.arn"),
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (
        check("name", lambda value: "default is there" if value == "default" else None),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {}
