"""Monitoring on AWS: CloudWatch alarms, and the metrics that a drift check sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from training import clock
from training.clients import aws
from training.monitoring import INSUFFICIENT, Alarm
from training.platform import Platform
from training.registry.aws import open_at

DOCUMENT = "alarms.json"
NAMESPACE = "mlops"
# What PutMetricData takes at once.
MOST_METRICS = 1000


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`, as CloudWatch says."""
    rules = platform.part(model, DOCUMENT)["rules"]
    answer = _client(platform).describe_alarms(
        AlarmNames=[rule["alarm"] for rule in rules], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    kinds = ("MetricAlarms", "CompositeAlarms")
    found = {alarm["AlarmName"]: alarm for kind in kinds for alarm in answer.get(kind, [])}
    return [_alarm(rule, found.get(rule["alarm"], {})) for rule in rules]


def publish(platform: Platform, model: str, check: dict[str, Any]) -> None:
    """Send a drift check to the namespace ``mlops``, with dimensions stack and model."""
    data = list(_data(platform.stack, model, check))
    client = _client(platform)
    for first in range(0, len(data), MOST_METRICS):
        client.put_metric_data(Namespace=NAMESPACE, MetricData=data[first : first + MOST_METRICS])


def _data(stack: str, model: str, check: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # What was not enough to decide on says nothing of drift, only that the check ran.
    values = {"drift_check_completed": 1.0}
    if check["version"] is not None:
        values["champion_version"] = float(check["version"])
    if check["verdict"] != "insufficient_data":
        values["drifted_features"] = float(len(check["drifted"]))
    place = [{"Name": "stack", "Value": stack}, {"Name": "model", "Value": model}]
    moment = clock.parse(check["when"])
    for name, value in values.items():
        yield {"MetricName": name, "Dimensions": place, "Value": value, "Timestamp": moment}
    for feature, effect in check["effects"].items():
        if effect is not None:
            yield {
                "MetricName": "drift_effect",
                "Dimensions": [*place, {"Name": "feature", "Value": feature}],
                "Value": float(effect),
                "Timestamp": moment,
            }


def _alarm(rule: dict[str, Any], found: dict[str, Any]) -> Alarm:
    state = found.get("StateValue", INSUFFICIENT)
    value = _newest(json.loads(found.get("StateReasonData") or "{}"))
    return Alarm(rule["name"], state, value, rule["above"], rule["says"])


def _newest(data: dict[str, Any]) -> float | None:
    """The newest value that an alarm was held against, of the reason for its state.

    The order of ``recentDatapoints`` is documented nowhere; ``evaluatedDatapoints`` has times:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    points = [each for each in data.get("evaluatedDatapoints", []) if "value" in each]
    return max(points, key=lambda each: each["timestamp"])["value"] if points else None


def _client(platform: Platform) -> Any:
    return aws.client("cloudwatch", open_at(platform.registry_uri).region)
