"""Cloud Monitoring and Cloud Logging: what their references say of several fields.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pulumi_simcloud.catalog.gcp.common import CHANNEL
from pulumi_simcloud.catalog.gcp.documented.dashboards import dashboard_error
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import (
    PathRule,
    at_most_one,
    between,
    check,
    count,
    exactly_one,
    one_of,
    pattern,
)
from pulumi_simcloud.rules.bigquery_sql import query_errors
from pulumi_simcloud.rules.fields import each, google_seconds, needed_with, not_with, unique

POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
DASHBOARD = "gcp:monitoring/dashboard:Dashboard"
DESCRIPTOR = "gcp:monitoring/metricDescriptor:MetricDescriptor"
METRIC = "gcp:logging/metric:Metric"
SINK = "gcp:logging/projectSink:ProjectSink"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
CONDITIONS = "conditions[*]"
PROMQL, SQL = f"{CONDITIONS}.conditionPrometheusQueryLanguage", f"{CONDITIONS}.conditionSql"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
# AlertStrategy.notificationPrompts: an end is told with the beginning, or not at all (github
# GoogleCloudPlatform/magic-modules pull 12052: the API's answer to CLOSED alone).
PROMPTS = (["OPENED"], ["OPENED", "CLOSED"], ["CLOSED", "OPENED"])
ALONE = ("conditionMonitoringQueryLanguage", "conditionSql")
SECRETS = {
    "auth_token": "authToken",
    "password": "password",
    "service_key": "serviceKey",
}


def _alone(inputs: Inputs) -> Iterator[Failure]:
    """A condition that is a query is the only one.

    https://cloud.google.com/monitoring/alerts/types-of-conditions, AlertPolicy: conditions.
    """
    conditions = inputs.get("conditions")
    if not isinstance(conditions, list) or len(conditions) < 2:
        return
    for number, item in enumerate(conditions):
        name = next((key for key in ALONE if isinstance(item, dict) and item.get(key)), None)
        if name:
            yield Failure(f"conditions[{number}].{name}", "has to be the only condition")


def _secrets(inputs: Inputs) -> Iterator[Failure]:
    """A secret stands in one place, and is one of the channel's type.

    resource_monitoring_notification_channel.go: sensitiveLabelCustomizeDiff.
    """
    labels, hidden = inputs.get("labels"), inputs.get("sensitiveLabels")
    labels = labels if isinstance(labels, dict) else {}
    hidden = hidden if isinstance(hidden, dict) else {}
    for name, key in SECRETS.items():
        if name in labels and hidden.get(key) is not None:
            yield Failure("labels", f"{name} is set in labels and in sensitiveLabels")
    token = hidden.get("authToken") or labels.get("auth_token")
    # hashicorp/terraform-provider-google#14256: webhooks were taken once.
    if inputs.get("type") == "slack" and re.match(r"https?://", str(token)):
        yield Failure("sensitiveLabels.authToken", "invalid_auth: an address is no token of Slack")
    if inputs.get("type") == "webhook_basicauth" and "username" not in labels:
        yield Failure("labels", "a channel of type 'webhook_basicauth' needs the label 'username'")


def _one_group(value: Any) -> str | None:
    """One group is extracted (LogMetric, valueExtractor and labelExtractors)."""
    match = re.fullmatch(r"REGEXP_EXTRACT\([^,]+,\s*([\"'])(.+)\1\s*\)", str(value))
    if match is None:
        return None
    try:
        groups = re.compile(match[2]).groups
    except re.error as error:
        return f"{excerpt(match[2])} is no regular expression: {error}"
    return None if groups == 1 else f"{excerpt(value)} has {groups} capture groups, not one"


def _bounds(value: Any) -> str | None:
    numbers = [item for item in value if isinstance(item, int | float)]
    rising = all(low < high for low, high in pairwise(numbers))
    return None if rising and numbers else f"{excerpt(value)} does not increase monotonically"


def _writer(inputs: Inputs) -> Iterator[Failure]:
    """What a sink's options and places ask of its writer (LogSink, uniqueWriterIdentity)."""
    options, destination = inputs.get("bigqueryOptions"), inputs.get("destination")
    unique_writer = inputs.get("uniqueWriterIdentity", True)
    if options and unique_writer is False:
        yield Failure("bigqueryOptions", "Advanced sink options require uniqueWriterIdentity true")
    to_bigquery = isinstance(destination, str) and destination.startswith("bigquery.")
    if options and isinstance(destination, str) and not to_bigquery:
        reason = "Provided options do not match the sink's destination service"
        yield Failure("bigqueryOptions", reason)


def _unlike(inputs: Inputs) -> Iterator[Failure]:
    """Only numbers have a unit (MetricDescriptor, unit)."""
    kind = inputs.get("valueType")
    if inputs.get("unit") not in (None, "", "1", UNKNOWN) and kind in ("BOOL", "STRING"):
        yield Failure("unit", f"not with valueType {kind}")


def _reduced(value: Any) -> str | None:
    """A reducer works on series that are aligned (Aggregation, crossSeriesReducer)."""
    reducer, aligner = value.get("crossSeriesReducer"), value.get("perSeriesAligner")
    if reducer in (None, "REDUCE_NONE", UNKNOWN) or aligner is UNKNOWN:
        return None
    if aligner in (None, "ALIGN_NONE"):
        return f"{reducer} needs a perSeriesAligner that is not ALIGN_NONE"
    return None


def _paired(value: Any) -> str | None:
    """Quotes and brackets of a query in MQL are in pairs."""
    text = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "", str(value))
    if re.search(r"['\"]", text):
        return f"{excerpt(value)} has a text that does not end"
    for first, last in ("()", "[]", "{}"):
        if text.count(first) != text.count(last):
            return f"{excerpt(value)} has {first} and {last} that are not in pairs"
    return None


def _trigger(path: str) -> tuple[Rule, ...]:
    return (
        at_most_one(f"{path}.trigger.count", f"{path}.trigger.percent"),
        between(f"{path}.trigger.percent", 0, 100),
    )


RULES: dict[str, tuple[Rule, ...]] = {
    POLICY: (
        check(
            "alertStrategy.notificationPrompts",
            lambda value: (
                f"{excerpt(value)} is neither OPENED nor OPENED and CLOSED"
                if value not in ([], *PROMPTS)
                else None
            ),
        ),
        PathRule(("conditions",), _alone),
        *_trigger(f"{CONDITIONS}.conditionThreshold"),
        *_trigger(f"{CONDITIONS}.conditionAbsent"),
        pattern("documentation.mimeType", r"text/markdown", "text/markdown"),
        count("documentation.links", 0, 3),
        pattern("documentation.links[*].displayName", r"[\s\S]{1,63}", "1 to 63 characters"),
        pattern("documentation.links[*].url", r"\S{1,2083}", "at most 2083 characters"),
        pattern(f"{PROMQL}.alertRule", LABEL, "a Prometheus label name"),
        check(
            f"{PROMQL}.labels",
            lambda value: next(
                (f"{key!r} is no label name" for key in value if not re.fullmatch(LABEL, key)),
                None,
            ),
        ),
        check(f"{CONDITIONS}.conditionMonitoringQueryLanguage.query", _paired),
        check(f"{SQL}.query", lambda value: next(query_errors(str(value), False), None)),
        check(
            "documentation.content",
            lambda value: (
                "has more than 10240 bytes" if len(str(value).encode()) > 10_240 else None
            ),
        ),
        each(
            SQL,
            exactly_one("minutes", "hourly", "daily"),
            exactly_one("rowCountTest", "booleanTest"),
            # GoogleCloudPlatform/k8s-config-connector pull 10131: the API refuses the others.
            one_of("rowCountTest.comparison", "COMPARISON_GT", "COMPARISON_LT"),
            between("minutes.periodicity", 5, 1440),
            between("hourly.periodicity", 1, 48),
            between("hourly.minuteOffset", 0, 59),
            between("daily.periodicity", 1, 31),
        ),
        unique("notificationChannels[*]"),
        needed_with("documentation.content", "documentation.mimeType"),
        pattern("documentation.subject", r"[\s\S]{0,255}", "at most 255 characters"),
        *(
            rule
            for kind in ("conditionThreshold", "conditionAbsent")
            for rule in (
                check(f"{CONDITIONS}.{kind}.aggregations[*]", _reduced),
                pattern(
                    f"{CONDITIONS}.{kind}.aggregations[*].groupByFields[*]",
                    r"(resource|metric|metadata|project)\b[\s\S]*",
                    "a field such as resource.label.zone",
                ),
            )
        ),
        check(
            f"{CONDITIONS}.conditionThreshold.forecastOptions.forecastHorizon",
            lambda value: (
                None
                if 3600 <= (google_seconds(value) or 0) <= 216_000
                else f"{excerpt(value)} is not 3600s to 216000s"
            ),
        ),
    ),
    CHANNEL: (
        PathRule(("labels", "sensitiveLabels"), _secrets),
        pattern("displayName", r"[\s\S]{0,512}", "at most 512 characters"),
        pattern("description", r"[\s\S]{0,1024}", "at most 1024 characters"),
    ),
    DASHBOARD: (check("dashboardJson", dashboard_error),),
    DESCRIPTOR: (
        pattern("metadata.samplePeriod", r"\d+(\.\d{1,9})?s", "a duration such as 60s"),
        pattern("metadata.ingestDelay", r"\d+(\.\d{1,9})?s", "a duration such as 60s"),
        PathRule(("unit", "valueType"), _unlike),
        unique("labels[*].key"),
    ),
    METRIC: (
        check("labelExtractors[*]", _one_group),
        check("valueExtractor", _one_group),
        pattern("name", r"[^/][\s\S]*", "no / in front"),
        pattern("description", r"[\s\S]{0,8000}", "at most 8000 characters"),
        each(
            "bucketOptions",
            exactly_one("linearBuckets", "exponentialBuckets", "explicitBuckets"),
            check("explicitBuckets.bounds", _bounds),
            between("exponentialBuckets.numFiniteBuckets", 1, 200),
            between("linearBuckets.numFiniteBuckets", 1, 200),
            check(
                "exponentialBuckets.growthFactor",
                lambda value: None if value > 1 else f"{value} is not more than 1",
            ),
            check(
                "exponentialBuckets.scale",
                lambda value: None if value > 0 else f"{value} is not more than 0",
            ),
            check(
                "linearBuckets.width",
                lambda value: None if value > 0 else f"{value} is not more than 0",
            ),
        ),
        unique("metricDescriptor.labels[*].key"),
        # https://cloud.google.com/logging/quotas: labels of a metric.
        count("metricDescriptor.labels", 0, 10),
        pattern(
            "bucketName",
            r"projects/[^/]+/locations/[^/]+/buckets/[^/]+",
            "projects/P/locations/L/buckets/B",
        ),
    ),
    SINK: (
        PathRule(("bigqueryOptions", "destination"), _writer),
        pattern("description", r"[\s\S]{0,8000}", "at most 8000 characters"),
        pattern("exclusions[*].name", r"[\w.-]{1,100}", "letters, digits, _ - ."),
        unique("exclusions[*].name"),
        pattern("exclusions[*].filter", r"\s*\S[\s\S]*", "a filter"),
        pattern("filter", r"[\s\S]{0,20000}", "at most 20000 characters"),
    ),
    LOG_BUCKET: (
        # https://cloud.google.com/logging/docs/buckets: its retention is fixed.
        not_with("retentionDays", "bucketId", "_Required"),
        one_of(
            "indexConfigs[*].type",
            "INDEX_TYPE_UNSPECIFIED",
            "INDEX_TYPE_STRING",
            "INDEX_TYPE_INTEGER",
        ),
        unique("indexConfigs[*].fieldPath"),
        count("indexConfigs", 0, 20),
    ),
}


def _foreign(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The shared writer is for places of the sink's own project (LogSink, writerIdentity)."""
    if inputs.get("uniqueWriterIdentity", True) is not False:
        return
    destination = str(inputs.get("destination"))
    place = re.match(r"(?:bigquery|pubsub|logging)\S+?/projects/([^/]*[^/\d][^/]*)/", destination)
    own = inputs.get("project") or world.variables["project"]
    if place and own is not UNKNOWN and place[1] != own:
        yield f"a sink of {own} to {place[1]} needs uniqueWriterIdentity"


DEMANDS: dict[str, tuple[Demand, ...]] = {SINK: (_foreign,)}
