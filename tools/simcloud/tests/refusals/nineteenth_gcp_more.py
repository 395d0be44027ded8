"""The nineteenth round on Google Cloud: triggers, jobs, workflows, alerts, metrics and logs."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED

from refusals.case import EXCLUSIVE, GITHUB, MISSING, PATTERN, RANGE, REFERENCE, TEXT, Refusal

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
CHAINGUARD = f"{GITHUB}/chainguard-dev/terraform-infra-common"
FABRIC = f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric"
DASHBOARDS = f"{GITHUB}/GoogleCloudPlatform/monitoring-dashboard-samples"
FINALIZED = [
    {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"},
    {"attribute": "bucket", "value": "sim-bucket"},
]
OBJECTS = {
    "attribute": "resourceName",
    "value": "/projects/_/buckets/bucket-1/objects/*",
    "operator": "match-path-pattern",
}
CREATED = [
    {"attribute": "type", "value": "google.cloud.firestore.document.v1.created"},
    {"attribute": "database", "value": "(default)"},
    {"attribute": "document", "value": "configs/*", "operator": "match-path-pattern"},
]
RATE_LIMIT = {"notificationRateLimit": {"period": "300s"}}
INSTANCES = [f"resource.labels.instance_id={9022783563020170818 + n}" for n in range(600)]
REQUESTS = (
    "fetch cloud_run_revision\n| metric 'run.googleapis.com/request_count'\n"
    "| align rate(1m)\n| condition val() > 1"
)


def _finalized(**more: Any) -> dict[str, Any]:
    return {"matchingCriterias": FINALIZED, "transport": REMOVED, **more}


def _created(**more: Any) -> dict[str, Any]:
    return {"location": "eur3", "matchingCriterias": CREATED, "transport": REMOVED, **more}


def _logged(*filters: str) -> dict[str, Any]:
    """An alert on entries of logs, one condition a filter."""
    conditions = [
        {"displayName": "entry", "conditionMatchedLog": {"filter": filter_}} for filter_ in filters
    ]
    return {"conditions": conditions, "alertStrategy": RATE_LIMIT}


def _rollout(name: str) -> str:
    return (
        f'resource.type="cloud_run_revision"\nresource.labels.service_name={name}\n'
        'severity=ERROR\nprotoPayload.status.message:"Ready condition status changed to False"\n'
    )


def _queried(**more: str) -> dict[str, Any]:
    query = {"query": REQUESTS, "duration": "0s", **more}
    return {"conditions": [{"displayName": "rate", "conditionMonitoringQueryLanguage": query}]}


def _extracted(*labels: str) -> dict[str, Any]:
    """A metric with two extractors and descriptors of labels."""
    return {
        "metricDescriptor": {
            "metricKind": "DELTA",
            "valueType": "INT64",
            "labels": [{"key": label, "valueType": "STRING"} for label in labels],
        },
        "labelExtractors": {
            "service_name": "EXTRACT(resource.labels.service_name)",
            "revision_name": "EXTRACT(resource.labels.revision_name)",
        },
    }


def _mosaic(
    filter_: str = 'metric.type="pubsub.googleapis.com/topic/byte_cost"', **more: Any
) -> Any:
    series = {
        "timeSeriesFilter": {
            "filter": filter_,
            "aggregation": {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"},
        }
    }
    chart = {"xyChart": {"dataSets": [{"timeSeriesQuery": series, "plotType": "LINE"}]}}
    tiles = [{"width": 6, "height": 4, "widget": {"title": "requests", **chart}}]
    layout = {"columns": 12, "tiles": tiles, **more}
    return {"dashboardJson": json.dumps({"displayName": "flights", "mosaicLayout": layout})}


SERVICES = [
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/831",
        EXCLUSIVE,
        "trigger",
        'The request was invalid: invalid attribute "resourceName"',
        _finalized(matchingCriterias=[*FINALIZED, OBJECTS]),
        _finalized(),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/1270",
        MISSING,
        "trigger",
        'invalid value for trigger.event_data_content_type: "" is not supported by this event type',
        _created(),
        _created(eventDataContentType="application/protobuf"),
    ),
    Refusal(
        f"{GITHUB}/pypi/linehaul-cloud-function/pull/166",
        REFERENCE,
        "trigger",
        "Bucket 'linehaul-logs' is in location 'us-central1', but the trigger location is "
        "'us-east5'. The trigger must be in the same location as the bucket.",
        _finalized(location="us-east5"),
        _finalized(),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/31571",
        MISSING,
        "job",
        "Schedule or time zone is invalid.",
        {
            "schedule": REMOVED,
            "timeZone": REMOVED,
            "httpTarget": REMOVED,
            "pubsubTarget": {"topicName": "${topic.id}", "data": "e30="},
        },
        {"httpTarget": REMOVED, "pubsubTarget": {"topicName": "${topic.id}", "data": "e30="}},
    ),
    Refusal(
        f"{TERRAFORM}/issues/3086",
        PATTERN,
        "job",
        'Resource name should start with "/projects/<PROJECT_ID>/"',
        {"httpTarget": REMOVED, "pubsubTarget": {"topicName": "cron-topic", "data": "e30="}},
        {"httpTarget": REMOVED, "pubsubTarget": {"topicName": "${topic.id}", "data": "e30="}},
    ),
    Refusal(
        "https://cloud.google.com/workflows/docs/troubleshooting",
        TEXT,
        "workflow",
        "symbol 'varC' is neither a variable nor a sub-workflow name",
        {
            "sourceContents": '- step1:\n    assign:\n    - varA: "Hello"\n    - varB: "World"\n'
            "- step2:\n    return: ${varC + varB}\n"
        },
        {
            "sourceContents": '- step1:\n    assign:\n    - varA: "Hello"\n    - varB: "World"\n'
            "- step2:\n    return: ${varA + varB}\n"
        },
    ),
    Refusal(
        f"{CHAINGUARD}/pull/384",
        EXCLUSIVE,
        "policy",
        "Alert policies with a log matching condition can only have a single condition.",
        _logged("severity>=ERROR", 'textPayload:"panic"'),
        _logged("severity>=ERROR"),
    ),
    Refusal(
        f"{CHAINGUARD}/pull/211",
        TEXT,
        "policy",
        "Unparseable filter: syntax error at line 2, column 54",
        _logged(_rollout('nghia-cr-dev-api"')),
        _logged(_rollout('"nghia-cr-dev-api"')),
    ),
    Refusal(
        f"{CHAINGUARD}/pull/401",
        EXCLUSIVE,
        "policy",
        "Conditions setting evaluation_missing_data must have a non-zero duration.",
        _queried(evaluationMissingData="EVALUATION_MISSING_DATA_INACTIVE"),
        _queried(),
    ),
    Refusal(
        f"{CHAINGUARD}/pull/470",
        EXCLUSIVE,
        "metric",
        "Number of label descriptors must match number of label extractors",
        _extracted("service_name"),
        _extracted("service_name", "revision_name"),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/2134",
        MISSING,
        "metric",
        "a descriptor with labels alone is an error, whatever the guide says",
        {
            "metricDescriptor": {"labels": [{"key": "mass", "valueType": "STRING"}]},
            "labelExtractors": {"mass": "EXTRACT(jsonPayload.request)"},
        },
        {
            "metricDescriptor": {
                "metricKind": "DELTA",
                "valueType": "INT64",
                "labels": [{"key": "mass", "valueType": "STRING"}],
            },
            "labelExtractors": {"mass": "EXTRACT(jsonPayload.request)"},
        },
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/opentelemetry-operations-java/issues/159",
        EXCLUSIVE,
        "descriptor",
        "Metric labels for this user-defined metric are required to be of type 'STRING'",
        {
            "type": "workload.googleapis.com/drift",
            "labels": [{"key": "port", "valueType": "INT64"}],
        },
        {
            "type": "workload.googleapis.com/drift",
            "labels": [{"key": "port", "valueType": "STRING"}],
        },
    ),
    Refusal(
        f"{GITHUB}/env0/terratag/issues/175",
        EXCLUSIVE,
        "channel",
        "a channel of type email accepts the label email_address only",
        {"type": "email", "labels": {"email_address": "a@example.org", "team": "ml"}},
        {"type": "email", "labels": {"email_address": "a@example.org"}},
    ),
    Refusal(
        f"{DASHBOARDS}/pull/694",
        TEXT,
        "dashboard",
        "Unknown name \"legacyRows\" at 'dashboard.mosaic_layout': Cannot find field.",
        _mosaic(legacyRows=[]),
        _mosaic(),
    ),
    Refusal(
        f"{CHAINGUARD}/pull/886",
        TEXT,
        "dashboard",
        "The 'resource.type' restriction is used more than once.",
        _mosaic(
            'resource.type="cloud_run_revision"\nmetric.type="run.googleapis.com/request_count"\n'
            'resource.type="prometheus_target"'
        ),
        _mosaic(
            'resource.type="cloud_run_revision"\nmetric.type="run.googleapis.com/request_count"'
        ),
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-python/issues/4578",
        EXCLUSIVE,
        "sink",
        "The destination project must be the same as the sink's project. "
        "Use uniqueWriterIdentity=true to allow cross project exports.",
        {
            "destination": "pubsub.googleapis.com/projects/admin-project/topics/logs",
            "uniqueWriterIdentity": False,
        },
        {
            "destination": "pubsub.googleapis.com/projects/admin-project/topics/logs",
            "uniqueWriterIdentity": True,
        },
    ),
    Refusal(
        f"{FABRIC}/issues/990",
        EXCLUSIVE,
        "sink",
        "Provided options do not match the sink's destination service",
        {"bigqueryOptions": {"usePartitionedTables": False}},
    ),
    Refusal(
        f"{GITHUB}/kubernetes/kubernetes/issues/51700",
        RANGE,
        "sink",
        "Filter cannot be longer than 20000 characters.",
        {"filter": f'resource.type="gce_instance" AND ({" OR ".join(INSTANCES)})'},
        {"filter": f'resource.type="gce_instance" AND ({" OR ".join(INSTANCES[:100])})'},
    ),
]
