"""An eighteenth round on Google Cloud: emulators, threads and pages, by type."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import NUMBER, PROJECT

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fifteenth_gcp import code_with
from refusals.seventeenth_gcp import STREAMS

MAGIC = f"{GITHUB}/GoogleCloudPlatform/magic-modules"
CONNECTOR = f"{GITHUB}/GoogleCloudPlatform/k8s-config-connector"
MOCK = f"{CONNECTOR}/tree/master/mockgcp/mockmonitoring"
BOARDS = f"{GITHUB}/GoogleCloudPlatform/monitoring-dashboard-samples"
FEDERATION = f"{GITHUB}/loicsikidi/wif-go"
DOCS = "https://cloud.google.com"
SERVED = 'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'
CHART = {
    "dataSets": [
        {
            "plotType": "LINE",
            "timeSeriesQuery": {
                "timeSeriesFilter": {
                    "filter": SERVED,
                    "aggregation": {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_RATE"},
                }
            },
        }
    ]
}
SUBJECT = {"google.subject": "assertion.sub"}
CLAIMED = "assertion.repository_id == '1'"
WRITER = (
    ("pubsub", "agent", {"service": "pubsub.googleapis.com"}),
    (
        "filer",
        "bucketmember",
        {"role": "roles/storage.admin", "member": "serviceAccount:${pubsub.email}"},
    ),
)
UNWRITTEN = (
    *STREAMS,
    ("closed", "dataset", {"datasetId": "closed"}),
    (
        "locked",
        "table",
        {
            "datasetId": "closed",
            "tableId": "messages",
            "schema": json.dumps([{"name": "data", "type": "STRING"}]),
            "timePartitioning": REMOVED,
        },
    ),
)


def _board(**layout: Any) -> dict[str, Any]:
    return {"dashboardJson": json.dumps({"displayName": "flights", **layout})}


def _tiles(*tiles: dict[str, Any]) -> dict[str, Any]:
    return _board(mosaicLayout={"columns": 12, "tiles": list(tiles)})


def _tile(widget: dict[str, Any], **place: int) -> dict[str, Any]:
    return {"xPos": 0, "yPos": 0, "width": 6, "height": 4, **place, "widget": widget}


def _columns(widget: dict[str, Any]) -> dict[str, Any]:
    return _board(columnLayout={"columns": [{"widgets": [widget]}]})


def _shifted(duration: str, plot: str = "LINE") -> dict[str, Any]:
    sets = [{**CHART["dataSets"][0], "plotType": plot}]
    return _columns({"xyChart": {"dataSets": sets, "timeshiftDuration": duration}})


def _charted(filter_: str) -> dict[str, Any]:
    query = {"filter": filter_, "aggregation": {"perSeriesAligner": "ALIGN_NONE"}}
    chart = {"dataSets": [{"timeSeriesQuery": {"timeSeriesFilter": query}}]}
    return _columns({"xyChart": chart})


def _counted(comparison: str) -> dict[str, Any]:
    condition = {
        "query": "SELECT a FROM `p.l.b._AllLogs`",
        "hourly": {"periodicity": 1},
        "rowCountTest": {"comparison": comparison, "threshold": 1},
    }
    return {"conditions": [{"displayName": "d", "conditionSql": condition}]}


def _filed(**config: str) -> dict[str, Any]:
    return {"cloudStorageConfig": {"bucket": "${bucket.name}", **config}}


def _audience(*names: str) -> dict[str, Any]:
    issuer = "https://token.actions.githubusercontent.com"
    return {"oidc": {"issuerUri": issuer, "allowedAudiences": list(names)}}


def _extracted(pattern: str) -> dict[str, Any]:
    return {
        "metricDescriptor": {
            "metricKind": "DELTA",
            "valueType": "INT64",
            "labels": [{"key": "status", "valueType": "STRING"}],
        },
        "labelExtractors": {"status": f'REGEXP_EXTRACT(jsonPayload.message, "{pattern}")'},
    }


def _alerted(resource: str) -> dict[str, Any]:
    return {
        "conditions[0].conditionThreshold.filter": "metric.type="
        f'"bigquery.googleapis.com/query/scanned_bytes_billed" AND resource.type="{resource}"',
        "conditions[0].conditionThreshold.aggregations": [
            {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_SUM"}
        ],
    }


def _joined(count: int) -> dict[str, Any]:
    terms = [f"resource.name.startsWith('projects/_/buckets/b{index}')" for index in range(count)]
    return {
        "role": "roles/storage.admin",
        "condition": {"title": "buckets", "expression": " || ".join(terms)},
    }


EIGHTEENTH_GCP = [
    Refusal(
        f"{MOCK}#content",
        MISSING,
        "dashboard",
        "Dashboard is missing required field mosaicLayout.tiles[0].widget.content",
        _tiles(_tile({"title": "traffic"})),
        _tiles(_tile({"title": "traffic", "blank": {}})),
    ),
    Refusal(
        f"{MOCK}#group",
        EXCLUSIVE,
        "dashboard",
        "dropdownGroup is only allowed in MosaicLayout",
        _columns({"title": "traffic", "singleViewGroup": {}}),
        _tiles(_tile({"title": "traffic", "singleViewGroup": {}})),
    ),
    Refusal(
        f"{MOCK}#header",
        EXCLUSIVE,
        "dashboard",
        "sectionHeader is only allowed in MosaicLayout",
        _columns({"title": "traffic", "sectionHeader": {}}),
        _tiles(_tile({"title": "traffic", "sectionHeader": {}}, width=12)),
    ),
    Refusal(
        f"{MOCK}#collapsible",
        EXCLUSIVE,
        "dashboard",
        "collapsibleGroup is only allowed in MosaicLayout",
        _columns({"title": "traffic", "collapsibleGroup": {"collapsed": True}}),
        _tiles(_tile({"title": "traffic", "collapsibleGroup": {"collapsed": True}}, width=12)),
    ),
    Refusal(
        f"{MOCK}#timeshift",
        RANGE,
        "dashboard",
        "xyChart.timeshiftDuration has an invalid value: must be at least one minute",
        _shifted("30s"),
        _shifted("60s"),
    ),
    Refusal(
        f"{MOCK}#plot",
        EXCLUSIVE,
        "dashboard",
        "plot type is incompatible with XyChart's timeshiftDuration",
        _shifted("3600s", "STACKED_BAR"),
        _shifted("3600s"),
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/886",
        TEXT,
        "dashboard",
        "The 'resource.type' restriction is used more than once",
        _charted(f'{SERVED} AND resource.type="prometheus_target"'),
        _charted(SERVED),
    ),
    Refusal(
        f"{BOARDS}/pull/1144",
        RANGE,
        "dashboard",
        "tiles may not overlap",
        _tiles(_tile({"xyChart": CHART}), _tile({"xyChart": CHART}, yPos=2)),
        _tiles(_tile({"xyChart": CHART}), _tile({"xyChart": CHART}, yPos=4)),
    ),
    Refusal(
        f"{BOARDS}/pull/887",
        PATTERN,
        "dashboard",
        "legacyCategory is no field of a dashboard",
        _board(gridLayout={"widgets": [{"xyChart": CHART}]}, legacyCategory="integration"),
        _board(gridLayout={"widgets": [{"xyChart": CHART}]}),
    ),
    Refusal(
        f"{CONNECTOR}/pull/10131",
        ENUM,
        "policy",
        "The API only supports COMPARISON_LT and COMPARISON_GT for SQL row-count thresholds",
        _counted("COMPARISON_GE"),
        _counted("COMPARISON_GT"),
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-php/pull/6482",
        PATTERN,
        "subscription",
        "The bucket name must be without any prefix like gs://",
        _filed(bucket="gs://sim-bucket"),
        _filed(),
        WRITER,
    ),
    Refusal(
        f"{MAGIC}/pull/8517",
        PATTERN,
        "subscription",
        'the suffix of the file name must not end in "/"',
        _filed(filenameSuffix="messages/"),
        _filed(filenameSuffix="-messages"),
        WRITER,
    ),
    Refusal(
        f"{DOCS}/billing/docs/reference/budget/rest/v1/billingAccounts.budgets#filter",
        RANGE,
        "budget",
        "Currently, multiple entries or multiple values per entry are not allowed",
        {"budgetFilter": {"labels": {"team": "ml", "stage": "prod"}}},
        {"budgetFilter": {"labels": {"team": "ml"}}},
    ),
    Refusal(
        f"{GITHUB}/external-secrets/external-secrets/pull/6979#count",
        RANGE,
        "provider",
        "A maximum of 10 audiences may be configured",
        _audience(*(f"https://audience{index}" for index in range(11))),
        _audience(*(f"https://audience{index}" for index in range(10))),
    ),
    Refusal(
        f"{GITHUB}/external-secrets/external-secrets/pull/6979#length",
        RANGE,
        "provider",
        "Each audience may be at most 256 characters",
        _audience("a" * 257),
        _audience("a" * 256),
    ),
    Refusal(
        code_with("INVALID_ARGUMENT: Invalid mapped attribute key: attribute.repository_ow ner"),
        PATTERN,
        "provider",
        "Invalid mapped attribute key: attribute.repository_ow ner",
        {"attributeMapping": {**SUBJECT, "attribute.repository_ow ner": "assertion.sub"}},
        {"attributeMapping": {**SUBJECT, "attribute.repository_owner": "assertion.sub"}},
    ),
    Refusal(
        f"{FEDERATION}#mapping",
        RANGE,
        "provider",
        "the maximum length of an attribute mapping expression is 2048 characters",
        {"attributeMapping": {"google.subject": f"assertion.sub + '{'a' * 2031}'"}},
        {"attributeMapping": {"google.subject": f"assertion.sub + '{'a' * 2030}'"}},
    ),
    Refusal(
        f"{FEDERATION}#condition",
        RANGE,
        "provider",
        "the maximum length of an attribute condition expression is 4096 characters",
        {"attributeCondition": f"{CLAIMED} || assertion.sub == '{'a' * 4046}'"},
        {"attributeCondition": f"{CLAIMED} || assertion.sub == '{'a' * 4030}'"},
    ),
    Refusal(
        f"{FEDERATION}#subject",
        MISSING,
        "provider",
        "missing 'google.subject' attribute",
        {"attributeMapping": {"attribute.repository": "assertion.repository"}},
        {"attributeMapping": {**SUBJECT, "attribute.repository": "assertion.repository"}},
    ),
    Refusal(
        f"{FEDERATION}#custom",
        RANGE,
        "provider",
        "custom attributes are limited to 50",
        {"attributeMapping": {**SUBJECT, **{f"attribute.a{n}": "assertion.a" for n in range(51)}}},
        {"attributeMapping": {**SUBJECT, **{f"attribute.a{n}": "assertion.a" for n in range(50)}}},
    ),
    Refusal(
        f"{DOCS}/pubsub/docs/bigquery-troubleshooting#table",
        REFERENCE,
        "subscription",
        "The BigQuery table or dataset specified cannot be found",
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.absent"}},
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.messages"}},
        STREAMS,
    ),
    Refusal(
        f"{DOCS}/pubsub/docs/bigquery-troubleshooting#account",
        REFERENCE,
        "subscription",
        f"service-{NUMBER}@gcp-sa-pubsub... is missing permissions required to write to the table",
        {"bigqueryConfig": {"table": f"{PROJECT}.closed.messages"}},
        {"bigqueryConfig": {"table": f"{PROJECT}.sim.messages"}},
        UNWRITTEN,
    ),
    Refusal(
        code_with("query/scanned_bytes_billed is reported against global, not bigquery_project"),
        REFERENCE,
        "policy",
        "The supplied filter does not specify a valid combination of metric and monitored resource",
        _alerted("bigquery_project"),
        _alerted("global"),
    ),
    Refusal(
        code_with("textPayload:rc= was rejected with Unparseable filter: syntax error"),
        TEXT,
        "metric",
        "Unparseable filter: syntax error at line 1, token '='",
        {"filter": "textPayload:rc="},
        {"filter": 'textPayload:"rc="'},
    ),
    Refusal(
        code_with("Unparseable filter: syntax error at line 1, column 200, token : timestamp"),
        TEXT,
        "sink",
        "Unparseable filter: syntax error at line 1, token ':'",
        {"filter": "severity>=ERROR AND timestamp>=2026-06-12T03:23:45Z"},
        {"filter": 'severity>=ERROR AND timestamp>="2026-06-12T03:23:45Z"'},
    ),
    Refusal(
        "https://kingtigerebooks.co.uk/post/terraform-gcp-unsupported-escape-sequence-in-regex",
        TEXT,
        "metric",
        "unsupported escape sequence in a string literal",
        _extracted(r"\s([1-5][0-9][0-9])\s"),
        _extracted(r"\\s([1-5][0-9][0-9])\\s"),
        accepted='the reference\'s own example has "(\\d+)" with one backslash',
    ),
    Refusal(
        f"{DOCS}/scheduler/docs/reference/rest/v1/projects.locations.jobs#retryconfig",
        RANGE,
        "job",
        "Values greater than 5 and negative values are not allowed",
        {"retryConfig": {"retryCount": 6}},
        {"retryConfig": {"retryCount": 5}},
    ),
    Refusal(
        code_with("Log bucket retention must be between 1 and 3650 days."),
        RANGE,
        "logbucket",
        "Log bucket retention must be between 1 and 3650 days",
        {"retentionDays": 3651},
        {"retentionDays": 3650},
    ),
    Refusal(
        f"{DOCS}/iam/docs/conditions-overview",
        RANGE,
        "projectmember",
        "each condition expression is limited to 12 logical operators",
        _joined(14),
        _joined(13),
    ),
    Refusal(
        f"{MAGIC}/pull/12110",
        EXCLUSIVE,
        "endpoint",
        "traffic_split can't actually be set on resource creation",
        {"trafficSplit": json.dumps({"1": 100})},
        {"trafficSplit": json.dumps({})},
    ),
    Refusal(
        f"{GITHUB}/jaisrajms/jaiscloud/pull/59",
        REFERENCE,
        "trigger",
        "the topic of the transport is one that exists",
        {"transport": {"pubsub": {"topic": f"projects/{PROJECT}/topics/absent"}}},
        {"transport": {"pubsub": {"topic": "${topic.id}"}}},
    ),
    Refusal(
        code_with("hasSchemaSettings PsException.notFound Finds a schema"),
        REFERENCE,
        "topic",
        "Resource not found (resource=absent)",
        {"schemaSettings": {"schema": f"projects/{PROJECT}/schemas/absent", "encoding": "JSON"}},
        accepted="schemas are no type of the catalog: one made elsewhere may be named",
    ),
]
