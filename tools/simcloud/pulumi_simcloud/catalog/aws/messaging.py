"""SNS and SQS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import QUEUE, TOPIC, key, role
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Kind, Name, Ref, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import (
    PathRule,
    at_most_one,
    between,
    check,
    json_text,
    one_of,
    parsed,
)
from pulumi_simcloud.rules.policies import RESOURCE, policy

PROTOCOLS = [
    "http",
    "https",
    "email",
    "email-json",
    "sms",
    "sqs",
    "application",
    "lambda",
    "firehose",
]


def _endpoint(value: Any) -> str | None:
    protocol, endpoint = value.get("protocol"), value.get("endpoint")
    if not isinstance(endpoint, str):
        return None
    fits = {
        "email": "@" in endpoint,
        "sqs": endpoint.startswith("arn:"),
        "lambda": endpoint.startswith("arn:"),
        "https": endpoint.startswith("https://"),
        "http": endpoint.startswith("http://"),
    }
    if fits.get(protocol, True):
        return None
    return f"Invalid parameter: endpoint {excerpt(endpoint)} does not fit protocol {protocol!r}"


def _redrive(value: Any) -> str | None:
    policy = parsed(value)
    if isinstance(policy, dict) and {"deadLetterTargetArn", "maxReceiveCount"} <= policy.keys():
        return None
    return f"{excerpt(value)} needs deadLetterTargetArn and maxReceiveCount"


def _fifo(flag: str, *only: str) -> Rule:
    """A name that ends in .fifo for FIFO, and for it alone; `only` goes with FIFO too.

    API_CreateTopic and API_CreateQueue: Name, FifoTopic, FifoQueue, ContentBasedDeduplication.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        fifo, name = inputs.get(flag), inputs.get("name")
        if fifo is UNKNOWN:
            return
        if isinstance(name, str) and name.endswith(".fifo") != bool(fifo):
            reason = f"{excerpt(name)} has to end in .fifo with {flag}, and only with it"
            yield Failure("name", f"Invalid parameter: Name Reason: {reason}")
        for path in only:
            if inputs.get(path) and not fifo:
                yield Failure(path, f"only with {flag}")

    return PathRule(("name", flag, *only), rule)


MESSAGING = (
    Kind(
        TOPIC,
        id="{arn}",
        name=Name("name", 256, prefix="namePrefix", ending=("fifoTopic", ".fifo")),
        refs=(key("kmsMasterKeyId"), role("httpFailureFeedbackRoleArn")),
        rules=(
            at_most_one("name", "namePrefix"),
            policy("policy", RESOURCE, 30720),
            _fifo("fifoTopic", "contentBasedDeduplication", "archivePolicy"),
            json_text("deliveryPolicy"),
            one_of("tracingConfig", "PassThrough", "Active"),
        ),
        computed={
            "arn": "arn:{partition}:sns:{region}:{account}:{name}",
            "owner": "{account}",
            "beginningArchiveTime": "",
        },
        deferred=("policy",),
        unique="{region}/{name}",
    ),
    Kind(
        "aws:sns/topicPolicy:TopicPolicy",
        id="{arn}",
        refs=(Ref("arn", (TOPIC,), ("arn",)),),
        rules=(policy("policy", RESOURCE, 30720),),
        computed={"owner": "{account}"},
        deferred=("policy",),
        handles=("id",),
    ),
    Kind(
        "aws:sns/topicSubscription:TopicSubscription",
        id="{arn}",
        refs=(Ref("topic", (TOPIC,), ("arn",)), role("subscriptionRoleArn")),
        rules=(
            one_of("protocol", *PROTOCOLS),
            check("", _endpoint),
            json_text("filterPolicy"),
            json_text("redrivePolicy"),
        ),
        computed={
            "arn": "{topic}:{uuid}",
            "ownerId": "{account}",
            "pendingConfirmation": lambda context: context.get("protocol") in ("email", "https"),
        },
        handles=("id",),
        unique="{topic}/{protocol}/{endpoint}",
    ),
    Kind(
        QUEUE,
        id="{url}",
        name=Name("name", 80, prefix="namePrefix", ending=("fifoQueue", ".fifo")),
        refs=(key("kmsMasterKeyId"),),
        rules=(
            at_most_one("name", "namePrefix"),
            at_most_one("kmsMasterKeyId", "sqsManagedSseEnabled"),
            _fifo("fifoQueue", "contentBasedDeduplication"),
            between("delaySeconds", 0, 900),
            between("messageRetentionSeconds", 60, 1209600),
            between("receiveWaitTimeSeconds", 0, 20),
            between("visibilityTimeoutSeconds", 0, 43200),
            between("maxMessageSize", 1024, 1048576),
            between("kmsDataKeyReusePeriodSeconds", 60, 86400),
            check("redrivePolicy", _redrive),
            policy("policy", RESOURCE, 8192),
        ),
        computed={
            "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
            "url": "https://sqs.{region}.{suffix}/{account}/{name}",
        },
        # Sources are named before they are: each of them names its dead-letter queue.
        deferred=("policy", "redriveAllowPolicy"),
        handles=("id", "arn"),
        unique="{region}/{name}",
    ),
    Kind(
        "aws:sqs/queuePolicy:QueuePolicy",
        id="{queueUrl}",
        refs=(Ref("queueUrl", (QUEUE,), ("id",)),),
        rules=(policy("policy", RESOURCE, 8192),),
        deferred=("policy",),
        handles=(),
    ),
)
