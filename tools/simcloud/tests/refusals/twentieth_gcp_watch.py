"""A second independent sample on Google Cloud: channels, policies, dashboards and metrics."""

from __future__ import annotations

import json
from typing import Any

from refusals.case import ENUM, EXCLUSIVE, GITHUB, MISSING, RANGE, TEXT, Refusal

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
CHAINGUARD = f"{GITHUB}/chainguard-dev/terraform-infra-common/pull"
DASHBOARDS = f"{GITHUB}/GoogleCloudPlatform/monitoring-dashboard-samples/pull"
OTEL = f"{GITHUB}/GoogleCloudPlatform/opentelemetry-operations-java/issues"
MAIL = {"email_address": "team@example.org"}
REQUESTS = 'resource.type="cloud_run_revision"\nmetric.type="run.googleapis.com/request_count"\n'
RECORDER = 'resource.label."service_name"="scan-recorder-trivy"'
TWICE = REQUESTS + 'resource.type="prometheus_target"\n'
ROLLOUT = (
    'resource.type="cloud_run_revision"\n'
    "resource.labels.service_name={name}\n"
    "severity=ERROR\n"
    'protoPayload.status.message:"Ready condition status changed to False"\n'
)
BUCKETS = {"growthFactor": 2, "scale": 1}


def _logs(*filters: str) -> dict[str, Any]:
    """A policy on log entries."""
    return {
        "conditions": [
            {"displayName": f"logs {number}", "conditionMatchedLog": {"filter": text}}
            for number, text in enumerate(filters)
        ],
        "alertStrategy": {"notificationRateLimit": {"period": "3600s"}, "autoClose": "3600s"},
    }


def _query(**more: str) -> dict[str, Any]:
    """A policy on a query that looks at one moment."""
    condition = {
        "duration": "0s",
        "query": "fetch global\n"
        "| metric 'custom.googleapis.com/drift'\n"
        "| every 1m\n"
        "| condition val() > 0.5",
        **more,
    }
    return {"conditions": [{"displayName": "query", "conditionMonitoringQueryLanguage": condition}]}


def _ratio(text: str) -> dict[str, str]:
    """A dashboard of failed requests among all."""
    failed = 'metric.label."response_code_class"="5xx"'
    aggregation = {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"}
    query = {
        "timeSeriesFilterRatio": {
            "numerator": {"filter": f"{text}{RECORDER}\n{failed}", "aggregation": aggregation},
            "denominator": {"filter": f"{text}{RECORDER}", "aggregation": aggregation},
        }
    }
    chart = {"dataSets": [{"timeSeriesQuery": query, "plotType": "LINE"}]}
    tile = {"width": 6, "height": 4, "widget": {"title": "5xx", "xyChart": chart}}
    return _mosaic([tile])


def _mosaic(tiles: list[dict[str, Any]], **more: Any) -> dict[str, str]:
    """A dashboard of tiles."""
    layout = {"columns": 12, "tiles": tiles, **more}
    return {"dashboardJson": json.dumps({"displayName": "flights", "mosaicLayout": layout})}


def _tile(top: int) -> dict[str, Any]:
    """A tile with a text, 16 rows high."""
    text = {"content": "traffic", "format": "MARKDOWN"}
    return {"yPos": top, "width": 12, "height": 16, "widget": {"title": "traffic", "text": text}}


def _labels(*keys: str) -> dict[str, Any]:
    """A counting metric with labels of which two are extracted."""
    return {
        "metricDescriptor": {
            "metricKind": "DELTA",
            "valueType": "INT64",
            "labels": [{"key": key, "valueType": "STRING"} for key in keys],
        },
        "labelExtractors": {
            "service_name": "EXTRACT(resource.labels.service_name)",
            "location": "EXTRACT(resource.labels.location)",
        },
    }


def _latency(**more: int) -> dict[str, Any]:
    """A metric of latencies in exponential buckets."""
    return {
        "metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION"},
        "valueExtractor": "EXTRACT(jsonPayload.latency)",
        "bucketOptions": {"exponentialBuckets": {**BUCKETS, **more}},
    }


def _counted(kind: str) -> dict[str, Any]:
    """A metric of a workload, with a label of a kind."""
    return {
        "type": "workload.googleapis.com/drift",
        "labels": [{"key": "http_status_code", "valueType": kind}],
    }


CHANNELS = [
    Refusal(
        f"{TERRAFORM}/issues/5499",
        MISSING,
        "channel",
        "Error 400: Request was missing field notification_channel.labels[email_address]",
        {"type": "email", "labels": {}},
        {"type": "email", "labels": MAIL},
    ),
    Refusal(
        f"{GITHUB}/env0/terratag/issues/175",
        ENUM,
        "channel",
        "a channel of type email takes no label but email_address",
        {"type": "email", "labels": {**MAIL, "env0_project": "vo"}},
        {"type": "email", "labels": MAIL},
    ),
]

POLICIES = [
    Refusal(
        f"{CHAINGUARD}/384",
        RANGE,
        "policy",
        "Error 400: Alert policies with a log matching condition can only have a single condition",
        _logs("severity=ERROR", "severity=CRITICAL"),
        _logs("severity=ERROR"),
    ),
    Refusal(
        f"{CHAINGUARD}/211",
        TEXT,
        "policy",
        "Error 400: Field alert_policy.conditions[0].filter had an invalid value: Unparseable "
        "filter: syntax error at line 2",
        _logs(ROLLOUT.format(name='nghia-cr-dev-api"')),
        _logs(ROLLOUT.format(name='"nghia-cr-dev-api"')),
    ),
    Refusal(
        f"{CHAINGUARD}/401",
        EXCLUSIVE,
        "policy",
        "Error 400: Conditions setting evaluation_missing_data must have a non-zero duration",
        _query(evaluationMissingData="EVALUATION_MISSING_DATA_INACTIVE"),
        _query(),
    ),
]

BOARDS = [
    Refusal(
        f"{CHAINGUARD}/886",
        TEXT,
        "dashboard",
        "Error 400: The 'resource.type' restriction is used more than once.",
        _ratio(TWICE),
        _ratio(REQUESTS),
    ),
    Refusal(
        f"{DASHBOARDS}/694",
        ENUM,
        "dashboard",
        'Invalid JSON payload received. Unknown name "legacyRows" at '
        "'dashboard.mosaic_layout': Cannot find field.",
        _mosaic([_tile(0)], legacyRows=[]),
        _mosaic([_tile(0)]),
    ),
    Refusal(
        f"{DASHBOARDS}/1144",
        RANGE,
        "dashboard",
        "tiles that overlap keep a dashboard from being made",
        _mosaic([_tile(0), _tile(8)]),
        _mosaic([_tile(0), _tile(16)]),
    ),
]

METRICS = [
    Refusal(
        f"{CHAINGUARD}/470",
        EXCLUSIVE,
        "metric",
        "Error 400: Number of label descriptors must match number of label extractors",
        _labels("service_name"),
        _labels("service_name", "location"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/12964",
        MISSING,
        "metric",
        "the metric fails without bucket_options.exponential_buckets.num_finite_buckets",
        _latency(),
        _latency(numFiniteBuckets=10),
    ),
    Refusal(
        f"{OTEL}/159",
        ENUM,
        "descriptor",
        'Field labels[2].valueType had an invalid value of "INT64": Metric labels for this '
        "user-defined metric are required to be of type 'STRING': workload.googleapis.com",
        _counted("INT64"),
        _counted("STRING"),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/k8s-stackdriver/issues/477",
        ENUM,
        "descriptor",
        "PermissionDenied: User does not have permission to write to metric "
        "{my-company-name}.com/utilization",
        {"type": "my-company-name.com/utilization"},
        {"type": "custom.googleapis.com/utilization"},
    ),
]

WATCH = [*CHANNELS, *POLICIES, *BOARDS, *METRICS]
