"""SQS: what its documentation says of queues and their policies.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import QUEUE
from pulumi_simcloud.catalog.aws.documented.policy_scopes import in_scope
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.platforms import ACCOUNT
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import PathRule, check, json_text, parsed, pattern
from pulumi_simcloud.rules.fields import only_with
from pulumi_simcloud.rules.policy_arns import items_of


def _redrive(inputs: Inputs) -> Iterator[Failure]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""
    policy = parsed(inputs.get("redrivePolicy"))
    if isinstance(policy, dict):
        count = policy.get("maxReceiveCount")
        if not re.fullmatch(r"\d+", str(count)) or not 1 <= int(str(count)) <= 1000:
            yield Failure("redrivePolicy", f"maxReceiveCount {excerpt(count)} is not 1 to 1000")
        fifo = str(policy.get("deadLetterTargetArn")).endswith(".fifo")
        arn = policy.get("deadLetterTargetArn")
        if not re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", str(arn)):
            yield Failure("redrivePolicy", f"deadLetterTargetArn {excerpt(arn)} is no queue's")
        if fifo != bool(inputs.get("fifoQueue")):
            yield Failure("redrivePolicy", "the dead-letter queue of a FIFO queue is one too")
    allow = parsed(inputs.get("redriveAllowPolicy"))
    if isinstance(allow, dict):
        kind, sources = allow.get("redrivePermission"), allow.get("sourceQueueArns")
        if kind not in ("allowAll", "denyAll", "byQueue"):
            yield Failure("redriveAllowPolicy", f"redrivePermission {excerpt(kind)} does not exist")
        if (kind == "byQueue") != bool(sources) or len(sources or []) > 10:
            yield Failure("redriveAllowPolicy", "byQueue has 1 to 10 sourceQueueArns")


def _listing(text: Any) -> str | None:
    """Other accounts list no queues: github aws/aws-cdk#15602.

    The same in the account itself is accepted: hashicorp/terraform-provider-aws pull request 42209.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
    """
    document = parsed(text)
    for statement in items_of(document.get("Statement")) if isinstance(document, dict) else ():
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        names = items_of(principal.get("AWS")) if isinstance(principal, dict) else []
        accounts = {match[0] for name in names if (match := re.search(r"\d{12}", str(name)))}
        actions = [str(action).lower() for action in items_of(statement.get("Action"))]
        if accounts - {ACCOUNT} and "sqs:listqueues" in actions:
            return "Invalid value for the parameter Policy: another account has no sqs:ListQueues"
    return None


RULES: dict[str, tuple[Rule, ...]] = {
    QUEUE: (
        # CreateQueue, QueueName.
        pattern("name", r"(?=.{1,80}$)[\w-]+(\.fifo)?", "letters, digits, hyphens and underscores"),
        *(only_with(name, "fifoQueue") for name in ("deduplicationScope", "fifoThroughputLimit")),
        check(
            "",
            lambda value: (
                "perMessageGroupId needs the deduplicationScope messageGroup"
                if value.get("fifoThroughputLimit") == "perMessageGroupId"
                and value.get("deduplicationScope") not in ("messageGroup", UNKNOWN)
                else None
            ),
        ),
        PathRule(("redrivePolicy", "redriveAllowPolicy"), _redrive),
        json_text("redriveAllowPolicy"),
        in_scope("sqs"),
        check("policy", _listing),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": (in_scope("sqs"), check("policy", _listing)),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {}
