"""Monitoring on AWS: CloudWatch alarms, and the metrics that a drift check sends them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from training import clock
from training.clients import aws
from training.monitoring import INSUFFICIENT, Alarm, drifted_features, measurements
from training.monitoring import effects as measured_effects
from training.platform import Platform
from training.registry.aws import open_at

DOCUMENT = "alarms.json"
NAMESPACE = "mlops"
# What PutMetricData takes at once.
MOST_METRICS = 1000
LONGEST_VALUE = 1024


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`, as CloudWatch says."""
    rules = platform.part(model, DOCUMENT)["rules"]
    # Of composite alarms, which the stack has none of, nobody is told whose permission is narrower
    # than all alarms; who asks nevertheless is refused (cdklabs/cdk-enterprise-iac#202).
    answer = _client(platform).describe_alarms(
        AlarmNames=[rule["alarm"] for rule in rules], AlarmTypes=["MetricAlarm"]
    )
    alarms_by_name = {alarm["AlarmName"]: alarm for alarm in answer["MetricAlarms"]}
    return [_alarm(rule, alarms_by_name.get(rule["alarm"], {})) for rule in rules]


def publish(platform: Platform, model: str, check: dict[str, Any]) -> None:
    """Send a drift check to the namespace ``mlops``, with dimensions stack and model."""
    client = _client(platform)
    effects = list(_effects(platform.stack, model, check))
    # What alarms look at goes alone, so that nothing in the data's names can hold it up.
    calls = [list(_values(platform.stack, model, check))]
    starts = range(0, len(effects), MOST_METRICS)
    calls += [effects[start : start + MOST_METRICS] for start in starts]
    for data in calls:
        client.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def dimension(name: str) -> str:
    """`name` as the value of a dimension: what is not printable ASCII is percent-encoded.

    "Only ASCII characters", no control characters, at least one that is no space, no colon first,
    at most 1,024:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
    """
    plain = "".join(
        character
        if " " <= character <= "~" and character != "%"
        else quote(character, safe="", errors="replace")
        for character in name
    )
    if not plain.strip() or plain.startswith(":"):
        plain = f"%{ord(plain[0]):02X}{plain[1:]}" if plain else "%00"
    if len(plain) <= LONGEST_VALUE:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain[: LONGEST_VALUE - 17]}~{digest}"


def _values(stack: str, model: str, check: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # What was not enough to decide on says nothing of drift, only that the check ran.
    values = {"drift_check_completed": 1.0}
    if check["version"] is not None:
        values["champion_version"] = float(check["version"])
    if (drifted := drifted_features(check)) is not None:
        values["drifted_features"] = drifted
    for name, value in values.items():
        yield _datum(name, value, stack, model, check)
    for entry in measurements([check]):
        if math.isfinite(entry["value"]):
            part = {"Name": "version", "Value": str(entry["version"])}
            yield _datum("model_metric", float(entry["value"]), stack, model, check, part)


def _effects(stack: str, model: str, check: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # NaN and the infinities "are not supported" (API_MetricDatum); these are finite.
    for feature, effect in measured_effects(check).items():
        part = {"Name": "feature", "Value": dimension(feature)}
        yield _datum("drift_effect", effect, stack, model, check, part)


def _datum(
    name: str, value: float, stack: str, model: str, check: dict[str, Any], *more: dict[str, str]
) -> dict[str, Any]:
    dimensions = [{"Name": "stack", "Value": stack}, {"Name": "model", "Value": model}, *more]
    moment = clock.parse(check["when"])
    return {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": moment}


def _alarm(rule: dict[str, Any], description: dict[str, Any]) -> Alarm:
    state = description.get("StateValue", INSUFFICIENT)
    value = _newest(json.loads(description.get("StateReasonData") or "{}"))
    return Alarm(rule["name"], state, value, rule["above"], rule["says"])


def _newest(data: dict[str, Any]) -> float | None:
    """The newest value that an alarm was held against, of the reason for its state.

    The order of ``recentDatapoints`` is documented nowhere; ``evaluatedDatapoints`` has times:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    points = [point for point in data.get("evaluatedDatapoints", []) if "value" in point]
    return max(points, key=lambda point: point["timestamp"])["value"] if points else None


def _client(platform: Platform) -> Any:
    return aws.client("cloudwatch", open_at(platform.registry_uri).region)
