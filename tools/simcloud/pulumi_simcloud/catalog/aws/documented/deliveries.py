"""Topics, subscriptions and targets: what users met beside the references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import PathRule, check, parsed


def _named(value: Any) -> str | None:
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
    found = re.match(r"https?://([^/:?#]+)", str(inputs.get("endpoint")))
    if inputs.get("protocol") in ("http", "https") and found and "_" in found.group(1):
        yield Failure("endpoint", f"Invalid parameter: {found.group(1)} holds an underscore")


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


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:sns/topic:Topic": (check("policy", _named),),
    "aws:sns/topicPolicy:TopicPolicy": (check("policy", _named),),
    "aws:sns/topicSubscription:TopicSubscription": (PathRule(("endpoint", "protocol"), _hosted),),
    "aws:cloudwatch/eventTarget:EventTarget": (check("retryPolicy", _aged),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {}
