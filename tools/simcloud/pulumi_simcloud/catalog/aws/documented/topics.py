"""SNS: what its documentation says of topics, their policies and subscriptions.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import TOPIC
from pulumi_simcloud.catalog.aws.documented.policy_scopes import in_scope
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.rules.basic import PathRule, check, json_text, parsed, pattern
from pulumi_simcloud.rules.event_patterns import policy_error
from pulumi_simcloud.rules.fields import needed_with, only_with

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


def _subscription(inputs: Inputs) -> Iterator[Failure]:
    """What a subscription's protocol takes (Subscribe: Protocol, Endpoint, Attributes)."""
    protocol, endpoint = inputs.get("protocol"), inputs.get("endpoint")
    shapes = {
        "email": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
        "email-json": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
        "sms": r"\+?[\d ()-]{5,20}",
        "sqs": r"arn:[\w-]+:sqs:.+",
        "lambda": r"arn:[\w-]+:lambda:.+",
        "firehose": r"arn:[\w-]+:firehose:.+",
        "application": r"arn:[\w-]+:sns:.+:endpoint/.+",
        "http": r"http://[^\s/]+.*",
        "https": r"https://[^\s/]+.*",
    }
    shape = shapes.get(protocol) if isinstance(protocol, str) else None
    if shape and isinstance(endpoint, str) and not re.fullmatch(shape, endpoint):
        yield Failure(
            "endpoint", f"Invalid parameter: {excerpt(endpoint)} is no {protocol} address"
        )
    scope = inputs.get("filterPolicyScope") or "MessageAttributes"
    text = inputs.get("filterPolicy")
    reason = policy_error(text, scope) if isinstance(text, str) and text else None
    if reason:
        yield Failure("filterPolicy", f"Invalid parameter: {reason}")


# https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
RETRIES = {
    "minDelayTarget": (1, 3600),
    "maxDelayTarget": (1, 3600),
    "numRetries": (0, 100),
}
BACKOFF = ("arithmetic", "exponential", "geometric", "linear")


def _retries(*keys: str) -> Callable[[Any], str | None]:
    """Delays and retries of a delivery policy, at one of the keys or at the second in the first."""

    def test(text: Any) -> str | None:
        document = parsed(text)
        if not isinstance(document, dict):
            return None
        policies = [document.get(key) for key in keys]
        if isinstance(policies[0], dict) and keys[1] in policies[0]:
            policies = [policies[0][keys[1]]]
        elif keys[0] == "http":
            return None
        return next((reason for item in policies if (reason := _retry_error(item))), None)

    return test


OF_TOPIC = {
    "defaultHealthyRetryPolicy", "disableSubscriptionOverrides", "defaultThrottlePolicy",
    "defaultRequestPolicy", "defaultSicklyRetryPolicy",
}  # fmt: skip
OF_SUBSCRIPTION = {
    "healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "guaranteed", "requestPolicy",
}  # fmt: skip


def _parts(within: str | None, names: set[str]) -> Callable[[Any], str | None]:
    """The parts of a delivery policy: a topic's are below `http`, a subscription's on top."""

    def test(text: Any) -> str | None:
        document = parsed(text)
        if not isinstance(document, dict):
            return None
        extra = document.keys() - ({within} if within else names)
        inside = document.get(within) if within else None
        if isinstance(inside, dict):
            extra |= inside.keys() - names
        parts = ", ".join(sorted({within} if within and extra & document.keys() else names))
        return (
            f"Invalid parameter: DeliveryPolicy: unexpected JSON member {sorted(extra)[0]}: {parts}"
            if extra
            else None
        )

    return test


def _dead_letters(text: Any) -> str | None:
    """A queue is named (Subscribe, RedrivePolicy)."""
    document = parsed(text)
    extra = set(document) - {"deadLetterTargetArn"} if isinstance(document, dict) else set()
    if extra:
        reason = f"RedrivePolicy: invalid JSON. Attribute {sorted(extra)[0]} is unknown."
        return f"Invalid parameter: Attributes Reason: {reason}"
    arn = document.get("deadLetterTargetArn") if isinstance(document, dict) else None
    if re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", str(arn)):
        return None
    return f"Invalid parameter: RedrivePolicy: deadLetterTargetArn {excerpt(arn)} is no queue's"


def _retry_error(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    if item.get("minDelayTarget") is None:
        return "Invalid parameter: DeliveryPolicy: minDelayTarget must be specified"
    for name, (lowest, highest) in RETRIES.items():
        value = item.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or not lowest <= value <= highest:
            return f"Invalid parameter: DeliveryPolicy: {name} is {lowest} to {highest}"
    phases = [item.get(name) for name in ("numMinDelayRetries", "numMaxDelayRetries")]
    phases.append(item.get("numNoDelayRetries"))
    total = sum(number for number in phases if isinstance(number, int))
    if total > item.get("numRetries", 3):
        return f"Invalid parameter: DeliveryPolicy: {total} retries in phases, more than numRetries"
    if item["minDelayTarget"] > item.get("maxDelayTarget", RETRIES["maxDelayTarget"][1]):
        return "Invalid parameter: DeliveryPolicy: minDelayTarget is more than maxDelayTarget"
    if item.get("backoffFunction", "linear") not in BACKOFF:
        return f"Invalid parameter: DeliveryPolicy: backoffFunction is one of {', '.join(BACKOFF)}"
    return None


def _fifo_ends(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-delivery.html"""
    topic = world.find([TOPIC], inputs.get("topic"), ("arn",))
    if topic is None:
        return
    fifo = bool(topic.inputs.get("fifoTopic"))
    queue = str(inputs.get("endpoint"))
    letters = parsed(inputs.get("redrivePolicy"))
    dead = str(letters.get("deadLetterTargetArn")) if isinstance(letters, dict) else queue
    if dead.endswith(".fifo") != queue.endswith(".fifo") and inputs.get("protocol") == "sqs":
        yield "the dead-letter queue of a FIFO queue is one too, of no other"
    if inputs.get("replayPolicy") and not topic.inputs.get("archivePolicy"):
        yield "Invalid parameter: ReplayPolicy: the topic has no archive"
    if fifo and inputs.get("protocol") != "sqs":
        yield f"Invalid protocol type {inputs.get('protocol')!r}: FIFO topics have queues alone"
    if not fifo and inputs.get("protocol") == "sqs" and queue.endswith(".fifo"):
        yield "FIFO SQS Queues can not be subscribed to standard SNS topics"


# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
TOPIC_ACTIONS = frozenset(
    f"sns:{name}".lower()
    for name in (
        "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes",
        "ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy",
        "Receive", "RemovePermission", "SetTopicAttributes", "Subscribe",
    )
)  # fmt: skip

RULES: dict[str, tuple[Rule, ...]] = {
    TOPIC: (
        pattern(
            "name", r"(?=.{1,256}$)[\w-]+(\.fifo)?", "letters, digits, hyphens and underscores"
        ),
        only_with("fifoThroughputScope", "fifoTopic"),
        check("deliveryPolicy", _parts("http", OF_TOPIC)),
        pattern("displayName", r"[\s\S]{0,100}", "at most 100 characters"),
        check("deliveryPolicy", _retries("http", "defaultHealthyRetryPolicy")),
        in_scope("sns", TOPIC_ACTIONS),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (in_scope("sns", TOPIC_ACTIONS),),
    SUBSCRIPTION: (
        PathRule(("endpoint", "protocol", "filterPolicy"), _subscription),
        only_with("rawMessageDelivery", "protocol", "sqs", "http", "https", "firehose"),
        only_with("deliveryPolicy", "protocol", "http", "https"),
        only_with("subscriptionRoleArn", "protocol", "firehose"),
        needed_with("subscriptionRoleArn", "protocol", "firehose"),
        only_with("filterPolicyScope", "filterPolicy"),
        json_text("deliveryPolicy"),
        check("deliveryPolicy", _retries("healthyRetryPolicy", "sicklyRetryPolicy")),
        check("deliveryPolicy", _parts(None, OF_SUBSCRIPTION)),
        check("redrivePolicy", _dead_letters),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    SUBSCRIPTION: (_fifo_ends,),
}
