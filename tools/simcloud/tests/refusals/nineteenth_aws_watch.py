"""A nineteenth round on AWS, taken blind: alarms, dashboards, logs."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
CDK = f"{GITHUB}/aws/aws-cdk"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def _queried(returned: bool, **more: Any) -> dict[str, Any]:
    """An alarm on a list of metrics."""
    query: dict[str, Any] = {
        "id": "m1",
        "metric": {
            "metricName": "CPUUtilization",
            "namespace": "AWS/EC2",
            "period": 120,
            "stat": "Average",
            "unit": "Count",
            "dimensions": {"InstanceId": "i-abc123"},
        },
    }
    if returned:
        query["returnData"] = True
    plain = dict.fromkeys(("namespace", "metricName", "dimensions", "statistic", "period"), REMOVED)
    return {**plain, "metricQueries": [query], **more}


def _graph(**properties: Any) -> dict[str, Any]:
    widget = {
        "type": "metric",
        "width": 12,
        "height": 6,
        "properties": {"region": "eu-central-1", **properties},
    }
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


def _transform(**more: Any) -> dict[str, Any]:
    transformation = {"name": "errors", "namespace": "sim", "value": "1", **more}
    return {"pattern": "?ERROR ?WARN", "metricTransformation": transformation}


WATCH = [
    Refusal(
        f"{TERRAFORM}/issues/29894",
        MISSING,
        "alarm",
        "Exactly one element of the metrics list should return data",
        _queried(False),
        _queried(True),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cfn-lint/issues/766",
        EXCLUSIVE,
        "alarm",
        "Statistic should not be set if list of Metrics is set",
        _queried(True, statistic="Sum"),
        _queried(True),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/19015",
        PATTERN,
        "alarm",
        "ValidationError: the name of a policy as an action",
        {"alarmActions": ["down-blue"]},
    ),
    Refusal(
        f"{CDK}/issues/34662",
        TEXT,
        "composite",
        "Error in AlarmRule [Unsupported token ')' at char 1]",
        {"alarmRule": "()"},
        {"alarmRule": "FALSE"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/19575",
        TEXT,
        "composite",
        "AlarmRule must not contain leading or trailing whitespace or be null",
        {"alarmRule": 'ALARM("errors")\n'},
    ),
    Refusal(
        f"{CDK}/issues/13953",
        TEXT,
        "composite",
        "Error in AlarmRule [Unsupported token 'Oldest', must be: ')']",
        {"alarmRule": "ALARM(SampleQueue Oldest Age Alarm)"},
        {"alarmRule": 'ALARM("SampleQueue Oldest Age Alarm")'},
        (("oldest", "alarm", {"name": "SampleQueue Oldest Age Alarm"}),),
    ),
    Refusal(
        f"{CDK}/issues/20024",
        PATTERN,
        "dashboard",
        "a colour named red",
        _graph(metrics=[["sim", "custom-metric", {"color": "red"}]]),
        _graph(metrics=[["sim", "custom-metric", {"color": "#ff0000"}]]),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-eda-slurm-cluster/issues/116",
        MISSING,
        "dashboard",
        "Should have required property 'metrics'",
        _graph(),
        _graph(metrics=[["sim", "licenses"]]),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/13059",
        TEXT,
        "dashboard",
        '"dataPath": "/widgets/0/properties/metrics/0", "message": "Should be array"',
        _graph(metrics=["AWS/EC2", "CPUUtilization", "InstanceId", "i-012345"]),
        _graph(metrics=[["AWS/EC2", "CPUUtilization", "InstanceId", "i-012345"]]),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/10739",
        PATTERN,
        "loggroup",
        "Log groups starting with AWS/ are reserved for AWS",
        {"name": "aws/lambda/FUNCTION_NAME"},
        {"name": "/aws/lambda/FUNCTION_NAME"},
    ),
    Refusal(
        f"{CDK}/issues/1343",
        ENUM,
        "loggroup",
        "Invalid retention value",
        {"retentionInDays": 730},
        {"retentionInDays": 731},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/24194",
        REFERENCE,
        "loggroup",
        "The specified KMS Key Id could not be found: its policy does not name the service",
        {"kmsKeyId": "${plain.arn}"},
        {},
        (
            (
                "plain",
                "key",
                {"policy": policy(statement(Action="kms:*", Resource="*", Principal=ROOT))},
            ),
        ),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/aws-cloudformation-resource-providers-logs/issues/64",
        EXCLUSIVE,
        "logfilter",
        "The specified filter pattern does not support dimensions",
        _transform(dimensions={"ClusterName": "web", "ServiceName": "api"}),
        _transform(),
    ),
    Refusal(
        f"{CDK}/issues/15047",
        PATTERN,
        "logfilter",
        "Invalid metric filter pattern",
        {"pattern": '{ status = "401" }'},
        {"pattern": '{ $.status = "401" }'},
    ),
]
