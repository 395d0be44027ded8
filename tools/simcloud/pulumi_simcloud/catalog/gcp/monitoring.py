"""Cloud Monitoring and Cloud Logging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    BUCKET,
    CHANNEL,
    DATASET,
    TOPIC,
    key,
    labels,
    location,
)
from pulumi_simcloud.constraints.discovery import check_json
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.rules.basic import (
    at_most_one,
    between,
    count,
    each_exactly_one,
    one_of,
    parsed,
    pattern,
)

CONDITIONS = (
    "conditionThreshold",
    "conditionAbsent",
    "conditionMonitoringQueryLanguage",
    "conditionMatchedLog",
    "conditionPrometheusQueryLanguage",
    "conditionSql",
)
DESTINATION = (
    r"(storage\.googleapis\.com/|bigquery\.googleapis\.com/projects/[^/]+/datasets/"
    r"|pubsub\.googleapis\.com/projects/[^/]+/topics/|logging\.googleapis\.com/projects/).+"
)
# The `labels` that a channel of each type needs (projects.notificationChannelDescriptors).
CHANNEL_LABELS = {
    "email": "email_address",
    "pubsub": "topic",
    "webhook_tokenauth": "url",
    "webhook_basicauth": "url",
    "slack": "channel_name",
    "sms": "number",
    "pagerduty": None,
}


def _dashboard(inputs: Inputs) -> Iterator[Failure]:
    text = inputs["dashboardJson"]
    if not isinstance(text, str):
        return
    body = parsed(text)
    if not isinstance(body, dict):
        yield Failure("dashboardJson", "not a JSON object")
    elif "displayName" not in body:
        yield Failure("dashboardJson", "missing displayName")
    else:
        yield from check_json("monitoring.v1", "Dashboard", body, "dashboardJson")


def _channel(inputs: Inputs) -> Iterator[Failure]:
    kind = inputs["type"]
    if isinstance(kind, str) and kind not in CHANNEL_LABELS:
        yield Failure("type", f"{kind!r} is not one of {', '.join(CHANNEL_LABELS)}")
        return
    label = CHANNEL_LABELS.get(kind) if isinstance(kind, str) else None
    found: Any = inputs.get("labels", {})
    if label and isinstance(found, dict) and label not in found:
        yield Failure("labels", f"a channel of type {kind!r} needs the label {label!r}")


MONITORING = (
    Kind(
        "gcp:monitoring/alertPolicy:AlertPolicy",
        id="{name}",
        api=Api("monitoring.v3:AlertPolicy"),
        refs=(Ref("notificationChannels[*]", (CHANNEL,), ("name",)),),
        rules=(
            count("conditions", 1, 6),
            count("notificationChannels", 0, 16),
            each_exactly_one("conditions[*]", *CONDITIONS),
            pattern("displayName", r".{1,512}", "at most 512 characters"),
            one_of("severity", "CRITICAL", "ERROR", "WARNING"),
            pattern("conditions[*].conditionThreshold.duration", r"\d+0s|0s", "seconds"),
            *labels("userLabels"),
        ),
        computed={"name": "projects/{project}/alertPolicies/{digits:19}"},
    ),
    Kind(
        "gcp:monitoring/dashboard:Dashboard",
        id="projects/{project_number}/dashboards/{uuid}",
        rules=(_dashboard,),
    ),
    Kind(
        CHANNEL,
        id="{name}",
        api=Api("monitoring.v3:NotificationChannel"),
        refs=(Ref("labels.topic", (TOPIC,), ("id",)),),
        rules=(_channel, *labels("userLabels")),
        computed={
            "name": "projects/{project}/notificationChannels/{digits:19}",
            "verificationStatus": "",
        },
    ),
    Kind(
        "gcp:monitoring/metricDescriptor:MetricDescriptor",
        id="{name}",
        api=Api("monitoring.v3:MetricDescriptor"),
        rules=(
            pattern(
                "type",
                r"(custom|external|workload)\.googleapis\.com/[\w/.]+",
                "such as custom.googleapis.com/drift",
            ),
        ),
        computed={"name": "projects/{project}/metricDescriptors/{type}"},
        unique="{type}",
    ),
    Kind(
        "gcp:logging/metric:Metric",
        name=Name("name", 100),
        api=Api("logging.v2:LogMetric"),
        rules=(
            pattern("name", r"[A-Za-z0-9_\-.,+!*',()%/]{1,100}", "at most 100 characters"),
            pattern("filter", r"[\s\S]{1,20000}", "at most 20000 characters"),
        ),
        unique="{project}/{name}",
    ),
    Kind(
        "gcp:logging/projectBucketConfig:ProjectBucketConfig",
        id="projects/{project|last}/locations/{location}/buckets/{bucketId}",
        api=Api("logging.v2:LogBucket"),
        refs=(key("cmekSettings.kmsKeyName"),),
        rules=(
            between("retentionDays", 1, 3650),
            location("location", "global", "us", "eu"),
            pattern("bucketId", r"[A-Za-z0-9][\w.-]{0,99}", "letters, digits, _ - ."),
        ),
        computed={
            "name": "projects/{project|last}/locations/{location}/buckets/{bucketId}",
            "lifecycleState": "ACTIVE",
        },
    ),
    Kind(
        "gcp:logging/projectSink:ProjectSink",
        id="projects/{project}/sinks/{name}",
        name=Name("name", 100),
        api=Api("logging.v2:LogSink"),
        refs=(
            Ref("destination", (BUCKET,), ("name",), pick=r"storage\.googleapis\.com/(.+)"),
            Ref("destination", (DATASET,), ("id",), pick=r"bigquery\.googleapis\.com/(.+)"),
            Ref("destination", (TOPIC,), ("id",), pick=r"pubsub\.googleapis\.com/(.+)"),
            Ref(
                "destination",
                ("gcp:logging/projectBucketConfig:ProjectBucketConfig",),
                ("id",),
                pick=r"logging\.googleapis\.com/(.+)",
            ),
        ),
        rules=(
            pattern("destination", DESTINATION, "a bucket, dataset, topic or log bucket"),
            pattern("name", r"[\w.-]{1,100}", "letters, digits, _ - ."),
            at_most_one("customWriterIdentity", "uniqueWriterIdentity"),
        ),
        computed={
            "writerIdentity": "serviceAccount:service-{project_number}"
            "@gcp-sa-logging.iam.gserviceaccount.com"
        },
        unique="{project}/{name}",
    ),
)
