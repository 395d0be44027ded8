"""Texts that Amazon's services take are taken: templates of its own samples and documentation."""

from __future__ import annotations

import json

import pytest
from pulumi_simcloud.permissions.aws_names import idle_actions, wrong_names
from pulumi_simcloud.rules.event_patterns import pattern_errors
from pulumi_simcloud.rules.policy_arns import wrong_arn


# github aws-samples/serverless-patterns; IAM's reference, "IAM JSON policy elements: Resource".
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("logs:CreateLogGroup", "arn:aws:logs:*"),
        ("sns:Publish", "arn:aws:sns:*:*"),
        ("iam:PassRole", "arn:aws:iam::*"),
        ("sqs:SendMessageBatch", "arn:aws:sqs:eu-central-1:123456789012:dead"),
        ("SNS:Receive", "arn:aws:sns:eu-central-1:123456789012:alarms"),
    ],
)
def test_a_statement_is_taken(action: str, resource: str) -> None:
    assert wrong_arn(resource) is None
    statement = {"Action": action, "Resource": resource}
    assert [*wrong_names(statement), *idle_actions(statement)] == []


@pytest.mark.parametrize("text", ['{"source": [{"prefix": ""}]}'])
def test_an_event_pattern_is_taken(text: str) -> None:
    assert list(pattern_errors(json.loads(text))) == []
