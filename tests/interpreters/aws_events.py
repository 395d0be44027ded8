"""What a stack on AWS starts by itself: metrics set alarms off, alarms match rules of EventBridge.

Sources: docs.aws.amazon.com, CloudWatch's "Alarm events and EventBridge", EventBridge's "Targets"
and its API's "SageMakerPipelineParameters".
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from moto.events.models import EventPattern
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.state import Row

from tests.clouds import aws_clients
from training import clock

Json = dict[str, Any]

ACROSS = {"GreaterThanThreshold": operator.gt, "LessThanThreshold": operator.lt}
START = "sagemaker:StartPipelineExecution"


def starts(cloud: SimCloud, at: datetime) -> Iterator[tuple[str, dict[str, str]]]:
    """The pipelines, with their parameters, that are started by what was measured in a second.

    Raises AssertionError where a rule's role may not start the pipeline.
    """
    for event in _events(cloud, at):
        for rule in cloud.resources("aws:cloudwatch/eventRule:EventRule"):
            if EventPattern.load(rule.outputs["eventPattern"]).matches_event(event):
                for target in cloud.resources("aws:cloudwatch/eventTarget:EventTarget"):
                    if target.outputs["rule"] == rule.outputs["name"]:
                        yield _start(cloud, target.outputs)


def _events(cloud: SimCloud, at: datetime) -> Iterator[Any]:
    """An alarm that goes off, and what it tells once the value is past."""
    for alarm in cloud.resources("aws:cloudwatch/metricAlarm:MetricAlarm"):
        if alarm.outputs.get("metricName") and _goes_off(alarm.outputs, at):
            yield _changed(alarm, at, "OK", "ALARM")
            if alarm.outputs["treatMissingData"] == "notBreaching":
                yield _changed(alarm, at, "ALARM", "OK")


def _goes_off(alarm: Json, at: datetime) -> bool:
    """Whether enough values are across the threshold; minutes lie between two checks."""
    points = aws_clients.client("cloudwatch").get_metric_statistics(
        Namespace=alarm["namespace"],
        MetricName=alarm["metricName"],
        Dimensions=[{"Name": n, "Value": v} for n, v in alarm["dimensions"].items()],
        Statistics=[alarm["statistic"]],
        Period=int(alarm["period"]),
        StartTime=at,
        EndTime=at + timedelta(seconds=1),
    )["Datapoints"]
    across = ACROSS[alarm["comparisonOperator"]]
    points_across = [
        point for point in points if across(point[alarm["statistic"]], alarm["threshold"])
    ]
    return len(points_across) >= (alarm.get("datapointsToAlarm") or alarm["evaluationPeriods"])


def _changed(alarm: Row, at: datetime, before: str, state: str) -> Json:
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "time": clock.text(at),
        "resources": [alarm.outputs["arn"]],
        "detail": {
            "alarmName": alarm.outputs["name"],
            "state": {"value": state, "timestamp": clock.text(at)},
            "previousState": {"value": before},
        },
    }


def _start(cloud: SimCloud, target: Json) -> tuple[str, dict[str, str]]:
    (pipeline,) = (
        row.outputs["pipelineName"]
        for row in cloud.resources("aws:sagemaker/pipeline:Pipeline")
        if row.outputs["arn"] == target["arn"]
    )
    name = target["roleArn"].rpartition("/")[2]
    statements = [
        statement
        for row in cloud.resources("aws:iam/rolePolicy:RolePolicy")
        if row.outputs["role"] == name
        for statement in json.loads(row.outputs["policy"])["Statement"]
        if START in statement["Action"]
        and any(fnmatchcase(target["arn"], pattern) for pattern in statement["Resource"])
    ]
    assert statements, f"{name} may not start {target['arn']}"
    parameters = target["sagemakerPipelineTarget"]["pipelineParameterLists"]
    return pipeline, {parameter["name"]: parameter["value"] for parameter in parameters}
