"""Running a stack: logs, tags, protection, alarms, capture, drift checks, places."""

from __future__ import annotations

import fnmatch
import json
from functools import cache
from pathlib import Path
from typing import Any

from policy.model import LATER, Policy, Resource, Stack, Violations, document, path

# Type, property: how long logs are kept.
LOGS = (
    ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"),
    ("azure-native:operationalinsights:Workspace", "retentionInDays"),
    ("gcp:logging/projectBucketConfig:ProjectBucketConfig", "retentionDays"),
)
# Type, property with tags: what a bill or an audit is read by.
TAGGED = (
    ("aws:s3/bucket:Bucket", "tags"),
    ("aws:sagemaker/pipeline:Pipeline", "tags"),
    ("aws:sagemaker/endpoint:Endpoint", "tags"),
    ("azure-native:resources:ResourceGroup", "tags"),
    ("azure-native:machinelearningservices:Workspace", "tags"),
    ("azure-native:machinelearningservices:OnlineEndpoint", "tags"),
    ("gcp:storage/bucket:Bucket", "labels"),
    ("gcp:vertex/aiEndpoint:AiEndpoint", "labels"),
)
# What can't be made again as it was.
STATEFUL = (
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:keyvault:Vault",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:machinelearningservices:ModelContainer",
    "gcp:storage/bucket:Bucket",
    "gcp:kms/cryptoKey:CryptoKey",
    "pulumi-python:dynamic/gcp:Entry",
)
ALARMS = (
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarmActions"),
    ("azure-native:monitor:MetricAlert", "actions"),
    ("azure-native:monitor:ScheduledQueryRule", "actions.actionGroups"),
    ("gcp:monitoring/alertPolicy:AlertPolicy", "notificationChannels"),
)
RECEIVERS = {
    "aws": "aws:sns/topicSubscription:TopicSubscription",
    "gcp": "gcp:monitoring/notificationChannel:NotificationChannel",
}
GROUP = "azure-native:monitor:ActionGroup"
CAPTURE = (
    ("azure-native:machinelearningservices:OnlineDeployment", "properties.dataCollector"),
    ("gcp:vertex/aiEndpoint:AiEndpoint", "predictRequestResponseLoggingConfig.enabled"),
)
# On AWS releases make what captures, out of this document; the stack's own configuration serves
# nothing yet.
DOCUMENT, ENDPOINT_KEY = "aws:s3/bucketObjectv2:BucketObjectv2", "models/*/endpoint.json"
ENDPOINTS = (
    "aws:sagemaker/endpoint:Endpoint",
    "azure-native:machinelearningservices:OnlineEndpoint",
    "gcp:vertex/aiEndpoint:AiEndpoint",
)
SCHEDULES = (
    "aws:scheduler/schedule:Schedule",
    "azure-native:machinelearningservices:Schedule",
    "gcp:colab/schedule:Schedule",
)
PLACES = ("region", "location")
NOT_CAPTURED = "requests are not captured, so drift can't be seen"


@cache
def limits() -> dict[str, Any]:
    """Limits that a team may change: `limits.json` beside this file."""
    return json.loads(Path(__file__).with_name("limits.json").read_text())


def _logs(stack: Stack) -> Violations:
    for token, key in LOGS:
        for resource in stack.of(token):
            if not resource.inputs.get(key):
                yield resource, f"kept forever, at a cost: {key} is not set"


def _tags(stack: Stack) -> Violations:
    for token, key in TAGGED:
        for resource in stack.of(token):
            tags = resource.inputs.get(key) or {}
            absent = [name for name in limits()["tags"] if name not in tags]
            if absent:
                yield resource, f"no {key} {', '.join(absent)}"


def _protected(stack: Stack) -> Violations:
    if not any(fnmatch.fnmatch(stack.name, pattern) for pattern in limits()["protectedStacks"]):
        return
    for resource in stack.of(*STATEFUL):
        if not resource.protected:
            yield resource, "can be deleted by mistake: it is not protected (protect=True)"


def _alarms(stack: Stack) -> Violations:
    for token, receivers_path in ALARMS:
        for alarm in stack.of(token):
            if not path(alarm.inputs, receivers_path):
                yield alarm, f"nobody hears of it: {receivers_path} is empty"
    clouds = {token.split(":")[0] for token, _ in ALARMS if stack.of(token)}
    for cloud in clouds & RECEIVERS.keys():
        if not stack.of(RECEIVERS[cloud]):
            yield None, f"nobody hears of alarms: no {RECEIVERS[cloud].rsplit(':', 1)[1]}"
    for group in stack.of(GROUP):
        if not any(value for key, value in group.inputs.items() if key.endswith("Receivers")):
            yield group, "nobody hears of alarms: the action group has no receivers"


def _captured(stack: Stack) -> Violations:
    for token, key in CAPTURE:
        for resource in stack.of(token):
            if not path(resource.inputs, key):
                yield resource, f"{NOT_CAPTURED}: {key}"
    for resource in stack.of(DOCUMENT):
        content = resource.inputs.get("content")
        if content == LATER or not fnmatch.fnmatch(str(resource.inputs.get("key")), ENDPOINT_KEY):
            continue
        if not path(document(content), "capture.percent"):
            yield resource, f"{NOT_CAPTURED}: endpoint.capturePercent is 0"


def _drift_checked(stack: Stack) -> Violations:
    endpoints = stack.of(*ENDPOINTS)
    checks = [schedule for schedule in stack.of(*SCHEDULES) if "drift" in schedule.name]
    if len(checks) < len(endpoints):
        yield None, f"{len(endpoints)} endpoints, but {len(checks)} scheduled drift checks"


def _places(stack: Stack) -> Violations:
    patterns = limits()["regions"]
    for resource in stack.resources:
        region = _region(resource)
        if region not in (None, LATER) and not any(
            fnmatch.fnmatch(region.lower(), pattern) for pattern in patterns
        ):
            yield resource, f"{region!r} is not one of {', '.join(patterns)}"


def _region(resource: Resource) -> str | None:
    candidates = (resource.inputs.get(key) for key in PLACES)
    return next(
        (
            candidate
            for candidate in candidates
            if isinstance(candidate, str) and candidate != LATER
        ),
        None,
    )


OPERATIONS = (
    Policy("log-retention", "Logs are kept for a set time", _logs),
    Policy("tags", "What costs or holds data says which stack it is of", _tags),
    Policy("protected", "What can't be made again is protected in production", _protected),
    Policy("alarms-heard", "Every alarm reaches somebody", _alarms),
    Policy("capture", "Every endpoint captures requests", _captured),
    Policy("drift-checked", "Every endpoint has a scheduled drift check", _drift_checked),
    Policy("regions", "Nothing stands outside the regions allowed", _places),
)
