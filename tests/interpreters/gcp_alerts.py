"""What a stack on Google Cloud starts by itself: alerts tell topics, triggers hand on to workflows.

Sources: https://cloud.google.com/monitoring/support/notification-options#pubsub, and of the event
https://cloud.google.com/eventarc/docs/workflows/route-trigger-cloud-pubsub.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.state import Row

Json = dict[str, Any]

# What a workflow needs to start a pipeline that runs as another account.
STARTS = ("storage.objects.get", "aiplatform.pipelineJobs.create", "iam.serviceAccounts.actAs")
# Whom alerts are published as.
PUBLISHER = "@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
PREDEFINED = {
    "roles/iam.serviceAccountUser": ("iam.serviceAccounts.actAs",),
    "roles/pubsub.publisher": ("pubsub.topics.publish",),
}
PUBLISHED = {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}


def told(cloud: SimCloud, series: Sequence[Json]) -> Iterator[tuple[Row, Json]]:
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
        named = channel.outputs["name"] in policy.get("notificationChannels", ())
        if named and channel.outputs["type"] == "pubsub":
            yield channel.outputs["labels"]["topic"]


def _triggers(cloud: SimCloud, topic: str) -> Iterator[Json]:
    for trigger in cloud.resources("gcp:eventarc/trigger:Trigger"):
        heard = trigger.outputs["transport"]["pubsub"]["topic"] == topic
        if heard and trigger.outputs["matchingCriterias"] == [PUBLISHED]:
            yield trigger.outputs


def _state(policy: Json, series: Sequence[Json]) -> str | None:
    """Of the incident on a threshold; None without a value."""
    (condition,) = policy["conditions"]
    threshold = condition["conditionThreshold"]
    assert threshold["comparison"] == "COMPARISON_GT"
    found = [
        point["value"]["doubleValue"]
        for each in series
        if _matches(each, threshold["filter"])
        for point in each["points"]
    ]
    if not found:
        return None
    return "open" if max(found) > threshold["thresholdValue"] else "closed"


def _matches(series: Json, wanted: str) -> bool:
    for term in wanted.split(" AND "):
        path, _, value = term.partition("=")
        found: Any = series
        for part in path.split("."):
            found = found.get(part, {})
        if found != json.loads(value):
            return False
    return True


def _event(policy: Json, state: str) -> Json:
    incident = {"policy_name": policy["displayName"], "state": state}
    data = json.dumps({"version": "1.2", "incident": incident}).encode()
    message = {"data": base64.b64encode(data).decode(), "messageId": str(uuid.uuid4().int)[:17]}
    return {"type": PUBLISHED["value"], "data": {"message": message}}


def _check(cloud: SimCloud, email: str, *permissions: str) -> None:
    """Refuse an account, or one whose email ends so, that no role lets do something."""
    roles = PREDEFINED | {
        row.outputs["name"]: row.outputs["permissions"]
        for row in cloud.resources("gcp:projects/iAMCustomRole:IAMCustomRole")
    }
    held = [
        row.outputs["role"]
        for row in cloud.resources()
        if row.token.endswith("IAMMember") and row.outputs["member"].endswith(email)
    ]
    allowed = {name for role in held for name in roles.get(role, ())}
    assert allowed.issuperset(permissions), f"{email} lacks one of {permissions}"
