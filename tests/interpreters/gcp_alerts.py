"""What a stack on Google Cloud starts by itself: alerts tell topics, triggers hand on to workflows.

Sources: https://cloud.google.com/monitoring/support/notification-options#pubsub, and of the event
https://cloud.google.com/eventarc/docs/workflows/route-trigger-cloud-pubsub.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import gt, lt
from statistics import fmean
from typing import Any

from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.rules.google_filters import Comparison, monitoring_filter
from pulumi_simcloud.state import Row

from tests.clouds.gcp_calls import roles

Json = dict[str, Any]

# What a workflow needs to start a pipeline that runs as another account.
STARTS = ("storage.objects.get", "aiplatform.pipelineJobs.create", "iam.serviceAccounts.actAs")
# Whom alerts are published as.
PUBLISHER = "@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
PUBLISHED = {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}


@dataclass(frozen=True)
class Point:
    """An aligned value of a time series: its metric, labels, and monitored resource."""

    metric: str
    labels: dict[str, str]
    value: float
    resource_labels: dict[str, str] = field(default_factory=dict)
    resource: str = "aiplatform.googleapis.com/Endpoint"


def fires(condition: Any, points: Sequence[Point]) -> bool:
    """Whether a threshold condition of the SDK is met by the values of one alignment period.

    https://cloud.google.com/monitoring/api/v3/aggregation: series are filtered, reduced by group,
    perhaps divided by the denominator's of the same group, and each compared.
    """
    threshold = condition.condition_threshold
    values = _reduced(threshold.filter, threshold.aggregations, points)
    if threshold.denominator_filter:
        below = _reduced(threshold.denominator_filter, threshold.denominator_aggregations, points)
        # A ratio is of what is on both sides.
        values = {
            group: value / below[group] for group, value in values.items() if below.get(group)
        }
    compare = {"COMPARISON_GT": gt, "COMPARISON_LT": lt}[threshold.comparison]
    return any(compare(value, threshold.threshold_value) for value in values.values())


REDUCERS = {"REDUCE_SUM": sum, "REDUCE_MAX": max, "REDUCE_MIN": min, "REDUCE_MEAN": fmean}


def _reduced(
    text: str, aggregations: Sequence[Any], points: Sequence[Point]
) -> dict[tuple[str, ...], float]:
    (aggregation,) = aggregations
    groups: dict[tuple[str, ...], list[float]] = {}
    for point in points:
        if all(_holds(comparison, point) for comparison in monitoring_filter(text)):
            group = tuple(_field(point, name) for name in aggregation.group_by_fields or ())
            groups.setdefault(group, []).append(point.value)
    reduce = REDUCERS[aggregation.cross_series_reducer]
    return {group: reduce(values) for group, values in groups.items()}


def _field(point: Point, name: str) -> str:
    part, _, label = name.replace(".label.", ".labels.").partition(".labels.")
    if not label:
        return {"metric.type": point.metric, "resource.type": point.resource}[part]
    return {"metric": point.labels, "resource": point.resource_labels}[part].get(label, "")


def _holds(comparison: Comparison, point: Point) -> bool:
    value = _field(point, comparison.selector)
    test = {
        "": lambda: value == comparison.values[0],
        "starts_with": lambda: value.startswith(comparison.values[0]),
        "ends_with": lambda: value.endswith(comparison.values[0]),
        "one_of": lambda: value in comparison.values,
    }[comparison.function]
    return test() == ((comparison.operator == "=") != comparison.negated)


def notify(cloud: SimCloud, series: Sequence[Json]) -> Iterator[tuple[Row, Json]]:
    """The workflows that hear of what was measured, each with the event that it gets.

    They are told of an incident that is closed, too. Raises AssertionError where an account on the
    way lacks a right.
    """
    for policy in cloud.resources("gcp:monitoring/alertPolicy:AlertPolicy"):
        for topic in _topics(cloud, policy.outputs):
            _check(cloud, PUBLISHER, "pubsub.topics.publish")
            state = _state(policy.outputs, series)
            for trigger in _triggers(cloud, topic):
                (workflow,) = (
                    row
                    for row in cloud.resources("gcp:workflows/workflow:Workflow")
                    if row.id == trigger["destination"]["workflow"]
                )
                _check(cloud, trigger["serviceAccount"], "workflows.executions.create")
                _check(cloud, workflow.outputs["serviceAccount"].rpartition("/")[2], *STARTS)
                if state is not None:
                    yield workflow, _event(policy.outputs, state)


def _topics(cloud: SimCloud, policy: Json) -> Iterator[str]:
    """The topics that a policy's channels publish to."""
    for channel in cloud.resources("gcp:monitoring/notificationChannel:NotificationChannel"):
        is_named = channel.outputs["name"] in policy.get("notificationChannels", ())
        if is_named and channel.outputs["type"] == "pubsub":
            yield channel.outputs["labels"]["topic"]


def _triggers(cloud: SimCloud, topic: str) -> Iterator[Json]:
    for trigger in cloud.resources("gcp:eventarc/trigger:Trigger"):
        is_its_topic = trigger.outputs["transport"]["pubsub"]["topic"] == topic
        if is_its_topic and trigger.outputs["matchingCriterias"] == [PUBLISHED]:
            yield trigger.outputs


def _state(policy: Json, series: Sequence[Json]) -> str | None:
    """Of the incident on a threshold; None without a value."""
    (condition,) = policy["conditions"]
    threshold = condition["conditionThreshold"]
    assert threshold["comparison"] == "COMPARISON_GT"
    values = [
        point["value"]["doubleValue"]
        for item in series
        if _matches(item, threshold["filter"])
        for point in item["points"]
    ]
    if not values:
        return None
    return "open" if max(values) > threshold["thresholdValue"] else "closed"


def _matches(series: Json, pattern: str) -> bool:
    for term in pattern.split(" AND "):
        path, _, value = term.partition("=")
        field: Any = series
        for part in path.split("."):
            field = field.get(part, {})
        if field != json.loads(value):
            return False
    return True


def _event(policy: Json, state: str) -> Json:
    incident = {"policy_name": policy["displayName"], "state": state}
    data = json.dumps({"version": "1.2", "incident": incident}).encode()
    message = {"data": base64.b64encode(data).decode(), "messageId": str(uuid.uuid4().int)[:17]}
    return {"type": PUBLISHED["value"], "data": {"message": message}}


def _check(cloud: SimCloud, email: str, *permissions: str) -> None:
    """Refuse an account, or one whose email ends so, that no role lets do something."""
    permissions_by_role = roles() | {
        row.outputs["name"]: row.outputs["permissions"]
        for row in cloud.resources("gcp:projects/iAMCustomRole:IAMCustomRole")
    }
    roles_held = [
        row.outputs["role"]
        for row in cloud.resources()
        if row.token.endswith("IAMMember") and row.outputs["member"].endswith(email)
    ]
    role_permissions = {name for role in roles_held for name in permissions_by_role.get(role, ())}
    assert role_permissions.issuperset(permissions), f"{email} lacks one of {permissions}"
