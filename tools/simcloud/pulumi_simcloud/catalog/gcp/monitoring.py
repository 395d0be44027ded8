"""Cloud Monitoring and Cloud Logging."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.alerts import (
    NEW_METRIC,
    channel_strategy,
    conditions,
    log_match,
    metrics_exist,
    missing_data,
    ratio,
)
from pulumi_simcloud.catalog.gcp.common import (
    BUCKET,
    CHANNEL,
    DATASET,
    TOPIC,
    key,
    key_beside,
    labels,
    location,
)
from pulumi_simcloud.constraints.discovery import check_json
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.property_values import UNKNOWN, leaves, select
from pulumi_simcloud.rules.basic import (
    between,
    check,
    count,
    each_exactly_one,
    one_of,
    parsed,
    pattern,
)
from pulumi_simcloud.rules.google_filters import FilterError, series_filter, without_variables
from pulumi_simcloud.rules.google_texts import log_query, promql, seconds

CONDITIONS = (
    "conditionThreshold",
    "conditionAbsent",
    "conditionMonitoringQueryLanguage",
    "conditionMatchedLog",
    "conditionPrometheusQueryLanguage",
    "conditionSql",
)
DESTINATION = (
    r"storage\.googleapis\.com/[a-z0-9._-]+"
    r"|bigquery\.googleapis\.com/projects/[^/]+/datasets/\w+"
    r"|pubsub\.googleapis\.com/projects/[^/]+/topics/[^/]+"
    r"|logging\.googleapis\.com/projects/[^/]+(/locations/[^/]+/buckets/[^/]+)?"
)
# The `labels` that a channel of each type needs (projects.notificationChannelDescriptors).
CHANNEL_LABELS = {
    "email": "email_address",
    "google_chat": "space",
    "pubsub": "topic",
    "webhook_tokenauth": "url",
    "webhook_basicauth": "url",
    "slack": "channel_name",
    "sms": "number",
    "pagerduty": None,
    "campfire": "room",
    "hipchat": "room",
}
# Those that it may have: github GoogleCloudPlatform/magic-modules, notificationChannelDescriptors
# of the API's reference. Another label is an INVALID_ARGUMENT ("Field ... labels had an invalid").
CHANNEL_MORE = {
    "pagerduty": ("service_key",),
    "slack": ("auth_token", "team"),
    "webhook_basicauth": ("username", "password"),
    "campfire": ("auth_token",),
    "hipchat": ("auth_token",),
}
# What stands in them, and the sensitive label that a type needs besides.
CHANNEL_VALUES = {
    "email_address": (r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "an address such as a@example.org"),
    "topic": (r"projects/[^/]+/topics/[^/]+", "projects/PROJECT/topics/TOPIC"),
    "url": (r"https?://\S+", "a URL"),
    "space": (r"spaces/[^/\s]+", "spaces/ID"),
    "number": (r"\+?[0-9 ()-]{5,20}", "a telephone number"),
}
CHANNEL_SECRETS = {"webhook_basicauth": "password", "pagerduty": "serviceKey", "slack": "authToken"}
SENSITIVE = {"password": "password", "serviceKey": "service_key", "authToken": "auth_token"}
HALF_HOUR, DAY, WEEK = 1800, 86_400, 604_800
# https://cloud.google.com/logging/docs/buckets: what is deleted can be restored for a week.
DYING = "has been deleted: Buckets must be in an ACTIVE state to be modified, for 7 days"
BUILT_IN_BUCKETS = ("_Default", "_Required")
BUILT_IN = r"projects/[^/]+(/locations/global/buckets/_(Default|Required))?"


# Fields that the console's exports have and the discovery document has not: the dashboards of
# github GoogleCloudPlatform/monitoring-dashboard-samples.
EXPORTED = frozenset((
    "apiSource", "breakdowns", "description", "displayColumnType", "groupBy",
    "opsAnalyticsSettings", "queryExecutionRules", "queryHandle", "savedQueryId", "secondary",
    "showLegend", "showTotal", "sliceAggregatedThreshold", "userLabels",
))  # fmt: skip


def _dashboard(inputs: Inputs) -> Iterator[Failure]:
    text = inputs["dashboardJson"]
    if not isinstance(text, str):
        return
    body = parsed(text)
    if not isinstance(body, dict):
        yield Failure("dashboardJson", "not a JSON object")
    elif not body.get("displayName"):
        yield Failure("dashboardJson", "missing displayName")
    else:
        for failure in check_json("monitoring.v1", "Dashboard", body, "dashboardJson"):
            if failure.path.rpartition(".")[2] not in EXPORTED or "unknown" not in failure.reason:
                yield failure
        yield from _charts(body)


def _charts(body: dict[str, Any]) -> Iterator[Failure]:
    """A dashboard has one layout, and its charts ask for time series that can be asked for."""
    layouts = [key for key in body if key.endswith("Layout")]
    if len(layouts) > 1:
        yield Failure("dashboardJson", f"has {len(layouts)} layouts: {', '.join(layouts)}")
    for path, value in leaves(body, "dashboardJson"):
        if path.endswith(("timeSeriesFilter.filter", "numerator.filter", "denominator.filter")):
            try:
                series_filter(without_variables(value))
            except FilterError as error:
                yield Failure(path, f"invalid filter: {error}")
    wide = (body.get("mosaicLayout") or {}).get("columns", 48)
    if isinstance(wide, int) and not 1 <= wide <= 48:
        yield Failure("dashboardJson.mosaicLayout.columns", f"{wide} is not 1 to 48")
    for number, tile in enumerate((body.get("mosaicLayout") or {}).get("tiles", [])):
        columns = body["mosaicLayout"].get("columns", 48)
        if tile.get("xPos", 0) + tile.get("width", 0) > columns:
            yield Failure(
                f"dashboardJson.mosaicLayout.tiles[{number}]", f"is wider than {columns} columns"
            )


def _channel(inputs: Inputs) -> Iterator[Failure]:
    kind = inputs["type"]
    if isinstance(kind, str) and kind not in CHANNEL_LABELS:
        yield Failure("type", f"{kind!r} is not one of {', '.join(CHANNEL_LABELS)}")
        return
    label = CHANNEL_LABELS.get(kind) if isinstance(kind, str) else None
    channel_labels: Any = inputs.get("labels", {})
    if label and isinstance(channel_labels, dict) and label not in channel_labels:
        yield Failure("labels", f"a channel of type {kind!r} needs the label {label!r}")
    elif (
        label in CHANNEL_VALUES
        and isinstance(channel_labels, dict)
        and channel_labels[label] is not UNKNOWN
    ):
        regex, description = CHANNEL_VALUES[label]
        if not re.fullmatch(regex, str(channel_labels[label])):
            yield Failure(
                f"labels.{label}",
                f"{excerpt(channel_labels[label])} is not allowed: {description}",
            )
    known = (label, *CHANNEL_MORE.get(str(kind), ()))
    for name in (
        channel_labels if isinstance(kind, str) and isinstance(channel_labels, dict) else ()
    ):
        if name not in known:
            yield Failure("labels", f"a channel of type {kind!r} has no label {name!r}")
    secret = CHANNEL_SECRETS.get(kind) if isinstance(kind, str) else None
    all_labels = {
        **(inputs.get("sensitiveLabels") or {}),
        **(channel_labels if isinstance(channel_labels, dict) else {}),
    }
    if secret and secret not in all_labels and SENSITIVE[secret] not in all_labels:
        yield Failure("sensitiveLabels", f"a channel of type {kind!r} needs {secret!r}")


def _log_metric(inputs: Inputs) -> Iterator[Failure]:
    """Labels and values of a metric of logs: each is extracted, and nothing else is."""
    descriptor = inputs.get("metricDescriptor")
    descriptor = descriptor if isinstance(descriptor, dict) else {}
    keys = {item.get("key") for item in descriptor.get("labels") or [] if isinstance(item, dict)}
    extracted = set(inputs.get("labelExtractors") or {})
    if keys != extracted and UNKNOWN not in keys:
        yield Failure(
            "labelExtractors", f"extracts {sorted(extracted)}, labels are {sorted(map(str, keys))}"
        )
    value = descriptor.get("valueType", "INT64")
    if (value == "DISTRIBUTION") != bool(inputs.get("valueExtractor")):
        yield Failure("valueExtractor", "goes with valueType DISTRIBUTION, which needs it")
    if descriptor and (descriptor.get("metricKind"), value) not in (
        ("DELTA", "INT64"),
        ("DELTA", "DISTRIBUTION"),
    ):
        yield Failure(
            "metricDescriptor", "metrics of logs are DELTA, of type INT64 or DISTRIBUTION"
        )
    if inputs.get("bucketOptions") and value != "DISTRIBUTION":
        yield Failure("bucketOptions", "only with valueType DISTRIBUTION")


def _descriptor(inputs: Inputs) -> Iterator[Failure]:
    """Rules of a custom metric (https://cloud.google.com/monitoring/custom-metrics)."""
    kind, value = inputs.get("metricKind"), inputs.get("valueType")
    if kind == "CUMULATIVE" and value in ("BOOL", "STRING"):
        yield Failure("valueType", f"a CUMULATIVE metric has no value type {value}")
    if value in ("STRING", "MONEY"):
        yield Failure("valueType", f"{value} is not supported for metrics of one's own")
    if kind == "DELTA":
        yield Failure("metricKind", "DELTA is not supported for metrics of one's own")
    if len(str(inputs.get("type"))) > 200:
        yield Failure("type", "has more than 200 characters")
    names = [item.get("key") for item in inputs.get("labels") or [] if isinstance(item, dict)]
    if len(names) > 30:
        yield Failure("labels", f"has {len(names)} labels, allowed are 30")
    # https://github.com/GoogleCloudPlatform/opentelemetry-operations-java/issues/159
    if str(inputs.get("type")).startswith("workload.googleapis.com/"):
        for path, label_type in select(inputs, "labels[*].valueType"):
            if label_type not in ("STRING", UNKNOWN):
                yield Failure(path, f"a workload's metric has STRING labels, not {label_type}")
    for name in names:
        if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]{0,99}", str(name)) and name is not UNKNOWN:
            yield Failure("labels", f"label key {excerpt(name)} is not allowed")


def _extractor(value: Any) -> str | None:
    if re.fullmatch(r"(EXTRACT\([^()]+\)|REGEXP_EXTRACT\([^(),]+, *([\"']).+\2\))", str(value)):
        return None
    return f"{excerpt(value)} is neither EXTRACT(field) nor REGEXP_EXTRACT(field, regex)"


MONITORING = (
    Kind(
        "gcp:monitoring/alertPolicy:AlertPolicy",
        id="{name}",
        api=Api("monitoring.v3:AlertPolicy"),
        # hashicorp/terraform-provider-google#25878: those of another project are not found.
        refs=(Ref("notificationChannels[*]", (CHANNEL,), ("name",), own=True),),
        rules=(
            count("conditions", 1, 6),
            count("notificationChannels", 0, 16),
            each_exactly_one("conditions[*]", *CONDITIONS),
            pattern("displayName", r".{1,512}", "at most 512 characters"),
            one_of("severity", "CRITICAL", "ERROR", "WARNING"),
            conditions,
            ratio,
            log_match,
            missing_data,
            channel_strategy,
            one_of("conditions[*].conditionThreshold.comparison", "COMPARISON_GT", "COMPARISON_LT"),
            seconds("conditions[*].conditionThreshold.duration", 0, DAY - HALF_HOUR, step=60),
            seconds("conditions[*].conditionAbsent.duration", 120, DAY - HALF_HOUR, step=60),
            # MonitoringQueryLanguageCondition: "a query that outputs a boolean stream".
            pattern(
                "conditions[*].conditionMonitoringQueryLanguage.query",
                r"[\s\S]*\b(condition|absent_for)\b[\s\S]*",
                "a query with the operation condition or absent_for",
            ),
            seconds("conditions[*].conditionMonitoringQueryLanguage.duration", 0, DAY, step=60),
            promql("conditions[*].conditionPrometheusQueryLanguage.query"),
            seconds("conditions[*].conditionPrometheusQueryLanguage.duration", 0, DAY),
            seconds(
                "conditions[*].conditionPrometheusQueryLanguage.evaluationInterval",
                30,
                DAY,
                step=30,
            ),
            log_query("conditions[*].conditionMatchedLog.filter"),
            check("conditions[*].conditionMatchedLog.labelExtractors[*]", _extractor),
            seconds("alertStrategy.autoClose", HALF_HOUR, WEEK),
            seconds("alertStrategy.notificationRateLimit.period", 300, 2 * DAY),
            seconds(
                "alertStrategy.notificationChannelStrategies[*].renotifyInterval", HALF_HOUR, DAY
            ),
            pattern("documentation.content", r"[\s\S]{0,8192}", "at most 8192 characters"),
            *labels("userLabels"),
        ),
        demands=(metrics_exist,),
        settles=(NEW_METRIC,),
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
            _descriptor,
        ),
        computed={"name": "projects/{project}/metricDescriptors/{type}"},
        unique="{type}",
    ),
    Kind(
        "gcp:logging/metric:Metric",
        name=Name("name", 100),
        api=Api("logging.v2:LogMetric"),
        refs=(
            Ref(
                "bucketName",
                ("gcp:logging/projectBucketConfig:ProjectBucketConfig",),
                ("id",),
                allow=BUILT_IN,
            ),
        ),
        rules=(
            pattern("name", r"[A-Za-z0-9_\-.,+!*',()%/]{1,100}", "at most 100 characters"),
            pattern("filter", r"[\s\S]{1,20000}", "at most 20000 characters"),
            log_query("filter"),
            _log_metric,
            check("labelExtractors[*]", _extractor),
            check("valueExtractor", _extractor),
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
            pattern(
                "bucketId", r"_Default|_Required|[A-Za-z0-9][\w.-]{0,99}", "letters, digits, _ - ."
            ),
            key_beside("cmekSettings.kmsKeyName"),
        ),
        computed={
            "name": "projects/{project|last}/locations/{location}/buckets/{bucketId}",
            "lifecycleState": "ACTIVE",
        },
        unique="projects/{project|last}/locations/{location}/buckets/{bucketId}",
        keeps_name=DYING,
        revives=lambda inputs: inputs.get("bucketId") in BUILT_IN_BUCKETS,
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
                allow=BUILT_IN,
                pick=r"logging\.googleapis\.com/(.+)",
            ),
        ),
        rules=(
            pattern("destination", DESTINATION, "a bucket, dataset, topic or log bucket"),
            pattern("name", r"[\w.-]{1,100}", "letters, digits, _ - ."),
            pattern("customWriterIdentity", r"(serviceAccount:)?\S+@\S+", "an account's EMAIL"),
            log_query("filter"),
            log_query("exclusions[*].filter"),
            count("exclusions", 0, 50),
        ),
        computed={
            "writerIdentity": "serviceAccount:service-{project_number}"
            "@gcp-sa-logging.iam.gserviceaccount.com"
        },
        unique="{project}/{name}",
    ),
)
