"""The states of a model's alarms on AWS, under a role that may look at these alarms only."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.targets.aws.permissions import CALLS
from tests.clouds.aws_calls import ACCOUNT, _cloudwatch
from training.monitoring import aws

REGION = "eu-central-1"
RULES = [{"name": "latency", "alarm": "dev-toys-latency", "above": 1.0, "says": "slow"}]


class Watch:
    """CloudWatch, which refuses what the role `promote` may not see."""

    def describe_alarms(self, **request: Any) -> dict[str, Any]:
        patterns = [
            resource.format(partition="aws", region=REGION, account=ACCOUNT, name="dev-*")
            for grant in CALLS["promote"]
            if "cloudwatch:DescribeAlarms" in grant.actions
            for resource in grant.resources
        ]
        for action, resource in _cloudwatch("DescribeAlarms", request, REGION):
            if not any(fnmatchcase(resource, pattern) for pattern in patterns):
                raise PermissionError(f"AccessDenied: {action} on {resource}")
        names = request["AlarmNames"]
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": "ALARM"} for name in names]}


class Platform:
    """A stack with one rule."""

    def part(self, model: str, document: str) -> dict[str, Any]:
        assert (model, document) == ("toys", "alarms.json")
        return {"rules": RULES}


def test_the_role_promote_sees_the_states_of_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_client", lambda platform: Watch())
    platform: Any = Platform()
    assert [(a.name, a.state) for a in aws.alarms(platform, "toys")] == [("latency", "ALARM")]
