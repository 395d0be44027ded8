"""Documents in another shape than their rules expect: whatever stands in a place, they are told of.

Each value of a right document is replaced by values of other types, one at a time. A rule that
raises would end the provider, where the service answers that it refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_simcloud.rules.dashboards import dashboard_error
from pulumi_simcloud.rules.event_patterns import pattern_errors, policy_error, template_error
from pulumi_simcloud.rules.pipelines import pipeline_definition
from pulumi_simcloud.rules.policies import policy
from pulumi_simcloud.rules.workflows import workflow_source
from samples import SAMPLES
from samples.world import Filled

OTHER_VALUES = (None, 7, -1.5, True, "", "x", [], [7], ["x"], [[]], {}, {"x": 7})
# Every part that a rule reads, as the rules' own tests have them.
PIPELINE = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [{"Name": "p", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]}],
    "PipelineExperimentConfig": {"ExperimentName": "e", "TrialName": "t"},
    "Steps": [
        {
            "Name": "check", "Type": "Processing", "DependsOn": ["model"],
            "Arguments": {
                "AppSpecification": {"ImageUri": {"Get": "Parameters.p"}},
                "ProcessingResources": {"ClusterConfig": {
                    "InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}},
                "RoleArn": "arn:aws:iam::123456789012:role/service-role/jobs",
                "ProcessingOutputConfig": {"Outputs": [{"OutputName": "o"}]},
            },
            "PropertyFiles": [{"PropertyFileName": "f", "OutputName": "o", "FilePath": "f.json"}],
            "RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 2}],
            "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
        },
        {
            "Name": "model", "Type": "Model",
            "Arguments": {
                "PrimaryContainer": {"ModelDataUrl": {"Std:Join": {"On": "/", "Values": ["a"]}}},
                "Containers": [{"Image": "i"}],
            },
        },
        {
            "Name": "ask", "Type": "Lambda", "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:f",
            "OutputParameters": [{"OutputName": "o", "OutputType": "String"}], "Arguments": {},
        },
        {
            "Name": "good", "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "Equals", "RightValue": 1,
                        "LeftValue": {
                            "Std:JsonGet": {
                                "PropertyFile": {"Get": "Steps.check.PropertyFiles.f"}, "Path": "x"
                            }
                        },
                    },
                    {"Type": "Or", "Conditions": [{"Type": "In", "QueryValue": 1, "Values": [1]}]},
                    {"Type": "Not", "Condition": {"Type": "In", "QueryValue": 1, "Values": [1]}},
                ],
                "IfSteps": [{"Name": "end", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}],
                "ElseSteps": [],
            },
        },
    ],
}  # fmt: skip
WORKFLOW = {
    "main": {
        "params": ["input"],
        "steps": [
            {"set": {"assign": [{"a": 1}, {"b": "${a + 1}"}]}},
            {"ask": {"call": "http.get", "args": {"url": "${b}"}, "result": "r", "next": "choose"}},
            {"choose": {"switch": [{"condition": "${a > 1}", "next": "end"}], "next": "again"}},
            {"again": {"for": {"value": "i", "range": [1, 2], "steps": [{"s": {"next": "end"}}]}}},
            {
                "both": {
                    "parallel": {
                        "shared": ["a"], "exception_policy": "continueAll",
                        "branches": [{"one": {"steps": [{"x": {"return": 1}}]}}],
                    }
                }
            },
            {
                "careful": {
                    "try": {"call": "helper"},
                    "retry": {
                        "predicate": "${http.default_retry_predicate}", "max_retries": 2,
                        "backoff": {"initial_delay": 1, "max_delay": 2, "multiplier": 2},
                    },
                    "except": {"as": "e", "steps": [{"tell": {"raise": "${e}"}}]},
                }
            },
            {"within": {"steps": [{"inner": {"return": "${r.body}"}}]}},
        ],
    },
    "helper": {"params": ["x", {"y": 1}], "steps": [{"only": {"return": "${x}"}}]},
}  # fmt: skip
DASHBOARD = {
    "start": "-PT3H", "end": "2030-01-01T00:00:00Z", "periodOverride": "auto",
    "variables": [{"type": "property", "property": "region", "inputType": "radio", "id": "v",
                   "values": [{"value": "a", "label": "A"}]}],
    "widgets": [
        {"type": "text", "x": 0, "y": 0, "width": 6, "height": 6, "properties": {"markdown": "x"}},
        {
            "type": "metric",
            "properties": {
                "metrics": [["AWS/SQS", "NumberOfMessagesSent", "QueueName", "q", {"id": "m1"}],
                            [{"expression": "m1 * 2", "id": "e1", "yAxis": "right"}]],
                "view": "timeSeries", "stacked": False, "period": 60, "stat": "p99",
                "region": "eu-west-1", "legend": {"position": "hidden"},
                "yAxis": {"left": {"min": 0, "max": 1}},
                "annotations": {"horizontal": [{"value": 1, "fill": "above"}],
                                "vertical": [{"value": "2030-01-01T00:00:00Z"}],
                                "alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]},
            },
        },
        {"type": "log", "properties": {"query": "fields @message"}},
        {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}},
    ],
}  # fmt: skip
PATTERN = {
    "source": ["aws.sagemaker", {"prefix": "aws."}, {"anything-but": {"prefix": "x"}}],
    "detail": {
        "a": [{"numeric": [">", 0, "<=", 5]}], "b": [{"exists": True}],
        "c": [{"cidr": "10.0.0.0/8"}], "d": [{"wildcard": "a*b"}],
        "$or": [{"e": ["f"]}, {"g": [{"equals-ignore-case": "h"}]}],
    },
}  # fmt: skip
STATEMENT = {
    "Sid": "one", "Effect": "Allow", "Action": ["s3:GetObject"],
    "Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"]},
                  "Bool": {"aws:SecureTransport": True}},
}  # fmt: skip
TRUST = {
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": ["lambda.amazonaws.com"], "AWS": "arn:aws:iam::123456789012:root"},
}  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each value within a value, its own first."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], other_value: Any) -> Any:
    """A value with another one in a place."""
    if not path:
        return other_value
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], other_value)
    return copy


def others(document: Any) -> Iterator[Any]:
    """A document with each of its values replaced."""
    for path in paths(document):
        for other_value in OTHER_VALUES:
            yield replaced(document, path, other_value)


def texts(inputs: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any, Callable[[Any], str]]]:
    """The documents that are texts in the inputs of a resource: place, content and how to write."""
    for path in paths(inputs):
        text: Any = inputs
        for key in path:
            text = text[key]
        if isinstance(text, str) and text.lstrip()[:1] in ("{", "["):
            yield path, json.loads(text), json.dumps
        elif isinstance(text, str) and "\n" in text:
            yield path, yaml.safe_load(text), yaml.safe_dump


@pytest.mark.parametrize("package", SAMPLES)
def test_whatever_stands_in_a_resource_is_answered(package: str, tmp_path: Path) -> None:
    world = Filled(tmp_path, package)
    for name in SAMPLES[package]:
        inputs, urn = world.inputs(name), world.urn(name)
        for changed in others(inputs):
            if isinstance(changed, dict):
                world.cloud.check(urn, {}, changed, name.encode())
        for path, document, written in texts(inputs):
            for changed in others(document):
                text = written(changed)
                world.cloud.check(urn, {}, replaced(inputs, path, text), name.encode())


def of_rule(rule: Any) -> Callable[[Any], Any]:
    """A rule of resources as one of documents."""
    return lambda document: list(rule({"document": json.dumps(document)}))


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (PIPELINE, of_rule(pipeline_definition("document"))),
        (WORKFLOW, lambda document: workflow_source(json.dumps(document))),
        (DASHBOARD, lambda document: dashboard_error(json.dumps(document))),
        (PATTERN, lambda document: list(pattern_errors(document))),
        (
            {"kind": ["a", {"prefix": "b"}], "number": [{"numeric": [">", 1]}]},
            lambda document: policy_error(json.dumps(document), "MessageAttributes"),
        ),
        ({"a": "$.detail", "b": "$.time"}, lambda names: template_error('"<a> at <b>"', names)),
        (
            {"Version": "2012-10-17", "Id": "p", "Statement": [
                {**STATEMENT, "Principal": {"AWS": ["*"]}, "Resource": ["arn:aws:s3:::b/*"]},
                {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "NotResource": "*"}]},
            of_rule(policy("document", "resource", 20480)),
        ),
        (
            {"Version": "2012-10-17", "Statement": {**STATEMENT, "Resource": "*"}},
            of_rule(policy("document", "identity", 20480)),
        ),
        (
            {"Version": "2012-10-17", "Statement": [TRUST]},
            of_rule(policy("document", "trust", 2048)),
        ),
    ],
)  # fmt: skip
def test_whatever_stands_in_a_document_is_answered(
    document: Any, answer: Callable[[Any], Any]
) -> None:
    assert not answer(document)
    for changed in others(document):
        answer(changed)
