"""Topics, subscriptions and targets: what users met beside the references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import EVENT_RULE as RULE
from pulumi_simcloud.catalog.aws.common import QUEUE
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import PathRule, check, count, parsed, pattern


def _has_sids(value: Any) -> str | None:
    """Statements of a topic's policy have their own Sid once there are several.

    https://dts-digital.jp/cloud/tech-blog/0044a81d4013ff13fad0e5d6377700448ec44449.html; CDK
    numbers them for a topic, and only there (aws-sns/lib/policy.ts, assignSids).
    """
    document = parsed(value)
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(statements, list) or len(statements) < 2:
        return None
    names = [item.get("Sid") for item in statements if isinstance(item, dict)]
    if all(names) and len(set(map(str, names))) == len(names):
        return None
    return "Invalid parameter: Every policy statement must have a unique ID"


def _hosted(inputs: Inputs) -> Iterator[Failure]:
    """https://repost.aws/knowledge-center/sns-topic-https-endpoints-notification"""
    match = re.match(r"https?://([^/:?#]+)", str(inputs.get("endpoint")))
    if inputs.get("protocol") in ("http", "https") and match and "_" in match.group(1):
        yield Failure("endpoint", f"Invalid parameter: {match.group(1)} holds an underscore")


def _aged(value: Any) -> str | None:
    """The provider sends 0 for an age that is left out, and 60 seconds are the least.

    https://dev.classmethod.jp/en/articles/terraform-tips-eventbridge-target-maximum_event_age_in_seconds
    """
    if not isinstance(value, dict) or not value:
        return None
    age = value.get("maximumEventAgeInSeconds") or 0
    if age is UNKNOWN or not isinstance(age, int | float) or age >= 60:
        return None
    return f"maximumEventAgeInSeconds {age} is less than 60"


# PutTargets: what the targets of some services cannot do without (EcsParameters, BatchParameters).
PARAMETERS = {":ecs:": "ecsTarget", ":batch:": "batchTarget"}


def _has_parameters(inputs: Inputs) -> Iterator[Failure]:
    arn = inputs.get("arn")
    for part, name in PARAMETERS.items():
        if isinstance(arn, str) and part in arn and not inputs.get(name):
            yield Failure(name, f"missing: needed for the target {excerpt(arn)}")


def _named_paths(value: Any) -> str | None:
    """Names of an input transformer (InputTransformer, InputPathsMap)."""
    for name in value if isinstance(value, dict) else ():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name):
            return f"{excerpt(name)} is not letters, digits, _ and -"
        if name.upper().startswith("AWS"):
            return f"{excerpt(name)}: names that begin with AWS are reserved"
    return None


def _archived(text: Any) -> str | None:
    """A topic's archive lasts from a day to a year.

    https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html
    """
    document = parsed(text)
    days = document.get("MessageRetentionPeriod") if isinstance(document, dict) else None
    if re.fullmatch(r"\d+", str(days)) and 1 <= int(str(days)) <= 365:
        return None
    return (
        f"Invalid parameter: ArchivePolicy: MessageRetentionPeriod {excerpt(days)} is not 1 to 365"
    )


def _phone(inputs: Inputs) -> Iterator[Failure]:
    """A telephone number in E.164 (github localstack/localstack, test_subscribe_invalid_sms)."""
    number = inputs.get("endpoint")
    if inputs.get("protocol") != "sms" or not isinstance(number, str):
        return
    if not re.fullmatch(r"\+?[1-9](-?\d){4,14}", number):
        yield Failure("endpoint", f"Invalid parameter: Invalid SMS endpoint: {number}")


def _bus(inputs: Inputs) -> str:
    return str(inputs.get("eventBusName") or "default").rpartition("/")[2]


def _on_bus(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A rule is on the bus that its target names (PutTargets: EventBusName)."""
    buses = {
        _bus(row.inputs) for row in world.of(RULE) if row.outputs.get("name") == inputs["rule"]
    }
    if buses and _bus(inputs) not in buses:
        yield f"ResourceNotFoundException: Rule {inputs['rule']} does not exist on {_bus(inputs)}"


def _in_region(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Of other regions, buses alone are targets.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
    """
    region = inputs.get("region") or world.variables["region"]
    parts = str(inputs.get("arn")).split(":")
    if len(parts) > 5 and parts[2] != "events" and parts[3] not in ("", region):
        yield f"ValidationException: the target {inputs['arn']!r} is not in {region}"


def _beside(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A dead-letter queue is in the account and the region of its sources.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    policy = parsed(inputs.get("redrivePolicy"))
    arn = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
    region = inputs.get("region") or world.variables["region"]
    parts = str(arn).split(":")
    if len(parts) > 5 and parts[3:5] != [region, world.variables["account"]]:
        yield f"InvalidParameterValue: {arn!r} is in another account or region"


def _welcome(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A dead-letter queue lets the queue use it (CreateQueue, RedriveAllowPolicy)."""
    policy = parsed(inputs.get("redrivePolicy"))
    arn = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
    queue = world.find([QUEUE], arn, ("arn",))
    allow = parsed(queue.inputs.get("redriveAllowPolicy")) if queue else None
    if not isinstance(allow, dict):
        return
    prefix = "arn:{partition}:sqs:{region}:{account}:".format(**world.variables)
    sources = allow.get("sourceQueueArns") or []
    by_name = allow.get("redrivePermission") == "byQueue"
    if allow.get("redrivePermission") == "denyAll" or (
        by_name and f"{prefix}{inputs.get('name')}" not in sources
    ):
        yield f"InvalidParameterValue: the redriveAllowPolicy of {arn!r} does not allow this queue"


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:sns/topic:Topic": (check("policy", _has_sids), check("archivePolicy", _archived)),
    "aws:sns/topicPolicy:TopicPolicy": (check("policy", _has_sids),),
    "aws:sns/topicSubscription:TopicSubscription": (
        PathRule(("endpoint", "protocol"), _hosted),
        PathRule(("endpoint", "protocol"), _phone),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        check("retryPolicy", _aged),
        PathRule(("ecsTarget", "arn"), _has_parameters),
        check("inputTransformer.inputPaths", _named_paths),
        count("inputTransformer.inputPaths", 0, 100),
        pattern("inputTransformer.inputPaths[*]", r"[\s\S]{0,256}", "at most 256 characters"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:cloudwatch/eventTarget:EventTarget": (_in_region, _on_bus),
    QUEUE: (_welcome, _beside),
}
