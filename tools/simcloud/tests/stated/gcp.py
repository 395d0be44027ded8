"""Limits that the references of Google Cloud state."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import NUMBER

from stated.case import Stated

PAST, LATER = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
FORECAST = "conditions[0].conditionThreshold.forecastOptions"
ORGANIZATION = "roles/resourcemanager.organizationAdmin"
POOL = f"principalSet://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools"


def _aged(days: int) -> dict[str, Any]:
    return {"lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"age": days}}]}


def _when(expression: str) -> dict[str, Any]:
    return {"condition": {"title": "a", "expression": expression}}


def _retention(until: str, bucket: str = "${held.name}") -> dict[str, Any]:
    return {"bucket": bucket, "retention": {"mode": "Unlocked", "retainUntilTime": until}}


HELD = (("held", "bucket", {"name": "sim-held", "enableObjectRetention": True}),)


def _clean(**more: Any) -> dict[str, Any]:
    return {"id": "a", "action": "DELETE", **more}


def _cleaned(*policies: dict[str, Any]) -> dict[str, Any]:
    return {"cleanupPolicies": list(policies)}


def _column(**more: Any) -> dict[str, Any]:
    column = {"name": "a", "type": "STRING", **more}
    return {"schema": json.dumps([column]), "timePartitioning": REMOVED}


def _access(role: str) -> dict[str, Any]:
    return {"accesses": [{"role": role, "userByEmail": "a@example.org"}]}


def _widgets(*widgets: dict[str, Any]) -> dict[str, Any]:
    board = {"displayName": "x", "gridLayout": {"widgets": list(widgets)}}
    return {"dashboardJson": json.dumps(board)}


def _chart(**query: Any) -> dict[str, Any]:
    sets = [{"plotType": "LINE", "timeSeriesQuery": query}]
    return {"title": "t", "xyChart": {"dataSets": sets}}


def _tiles(*places: int) -> dict[str, Any]:
    tiles = [
        {"xPos": at, "width": 6, "height": 4, "widget": {"text": {"content": "a"}}} for at in places
    ]
    board = {"displayName": "x", "mosaicLayout": {"columns": 12, "tiles": tiles}}
    return {"dashboardJson": json.dumps(board)}


def _labels(count: int) -> dict[str, Any]:
    names = [f"a{n}" for n in range(count)]
    descriptor = {
        "metricKind": "DELTA",
        "valueType": "INT64",
        "labels": [{"key": n} for n in names],
    }
    extractors = {name: "EXTRACT(jsonPayload.a)" for name in names}
    return {"metricDescriptor": descriptor, "labelExtractors": extractors}


def _absent(**more: str) -> dict[str, Any]:
    absent = {
        "filter": 'metric.type="custom.googleapis.com/drift" AND resource.type="global"',
        "duration": "300s",
        "aggregations": [
            {"alignmentPeriod": "60s", "crossSeriesReducer": "REDUCE_SUM", **more},
        ],
    }
    return {"conditions": [{"displayName": "d", "conditionAbsent": absent}]}


TEXT, PIE = {"text": {"content": "a"}}, {"text": {"content": "a"}, "blank": {}}
STORAGE = [
    Stated("bucket", "-1 is out of range", _aged(-1), _aged(0)),
    Stated(
        "bucketmember",
        "is no time",
        _when("request.time < timestamp('x')"),
        _when(f"request.time < timestamp('{LATER}')"),
    ),
    Stated(
        "bucketmember",
        "Invalid member",
        {"member": "principalSet://iam.googleapis.com/x"},
        {"member": f"{POOL}/sim-github/attribute.repository/o"},
    ),
    Stated("object", "has 1025 bytes", {"name": "a" * 1025}, {"name": "a" * 1024}),
    Stated("object", "is in the past", _retention(PAST, "${bucket.name}")),
    Stated(
        "object",
        "retention is not enabled",
        _retention(LATER, "${bucket.name}"),
        _retention(LATER),
        HELD,
    ),
    Stated(
        "registry",
        "0 is out of range",
        _cleaned(_clean(action="KEEP", mostRecentVersions={"keepCount": 0})),
        _cleaned(_clean(action="KEEP", mostRecentVersions={"keepCount": 1})),
    ),
    Stated(
        "registry",
        "only with tagState TAGGED",
        _cleaned(_clean(condition={"tagState": "UNTAGGED", "tagPrefixes": ["a"]})),
        _cleaned(_clean(condition={"tagState": "TAGGED", "tagPrefixes": ["a"]})),
    ),
    Stated(
        "registry",
        "has 11 entries",
        _cleaned(*[_clean(id=f"a{n}", condition={"tagState": "ANY"}) for n in range(11)]),
        _cleaned(*[_clean(id=f"a{n}", condition={"tagState": "ANY"}) for n in range(10)]),
    ),
    Stated(
        "key", "versionTemplate: missing", {"purpose": "ASYMMETRIC_SIGN", "rotationPeriod": REMOVED}
    ),
    Stated(
        "key",
        "more than 100 years",
        {"rotationPeriod": "3153600001s"},
        {"rotationPeriod": "3153600000s"},
    ),
]
DATA = [
    Stated("dataset", "READER, WRITER, OWNER or a role", _access("FOO"), _access("READER")),
    Stated("dataset", "is not one of", {"defaultCollation": "x"}, {"defaultCollation": "und:ci"}),
    Stated("table", "is no policy tag", _column(policyTags={"names": ["x"]}), _column()),
    Stated("table", "maxLength 0", _column(maxLength=0), _column(maxLength=1)),
    Stated(
        "table",
        "too many for NUMERIC",
        _column(type="NUMERIC", precision=40),
        _column(type="NUMERIC", precision=29),
    ),
    Stated(
        "table", "more than 1024", _column(description="x" * 1025), _column(description="x" * 1024)
    ),
    Stated("table", "Y-M D H:M:S", {"maxStaleness": "x"}, {"maxStaleness": "0-0 0 0:30:0"}),
    Stated("projectmember", "is not supported", {"role": ORGANIZATION}, {"role": "roles/browser"}),
    Stated(
        "endpoint",
        "projects/NUMBER",
        {"network": "projects/sim-project/global/networks/default"},
        {"network": f"projects/{NUMBER}/global/networks/default"},
    ),
]
MONITORING = [
    Stated("policy", "needs a perSeriesAligner", _absent(), _absent(perSeriesAligner="ALIGN_MEAN")),
    Stated("channel", "1024", {"description": "a" * 1025}, {"description": "a" * 1024}),
    Stated(
        "descriptor",
        "a duration such as 60s",
        {"metadata": {"samplePeriod": "10"}},
        {"metadata": {"samplePeriod": "10s"}},
    ),
    Stated(
        "policy",
        "3600s to",
        {FORECAST: {"forecastHorizon": "60s"}},
        {FORECAST: {"forecastHorizon": "3600s"}},
    ),
    Stated(
        "dashboard",
        "xyChart.dataSets is required",
        _widgets({"xyChart": {"dataSets": []}}),
        _widgets(_chart(prometheusQuery="up")),
    ),
    Stated(
        "dashboard",
        "timeSeriesQuery needs one of",
        _widgets(_chart()),
        _widgets(_chart(prometheusQuery="up")),
    ),
    Stated("dashboard", "oneof field", _widgets(PIE), _widgets(TEXT)),
    Stated("dashboard", "overlap", _tiles(0, 5), _tiles(0, 6)),
    Stated(
        "metric",
        "projects/P/locations/L/buckets/B",
        {"bucketName": "x"},
        {"bucketName": "projects/sim-project/locations/europe-west4/buckets/sim"},
    ),
    Stated("metric", "has 11 entries", _labels(11), _labels(10)),
    Stated(
        "logbucket",
        "not with bucketId _Required",
        {"bucketId": "_Required", "location": "global", "retentionDays": 30},
        {"bucketId": "_Default", "location": "global", "retentionDays": 30},
    ),
    Stated(
        "logbucket",
        "_Default is in global",
        {"bucketId": "_Default", "location": "europe-west1"},
        {"bucketId": "_Default", "location": "global"},
    ),
]
GCP = [*STORAGE, *DATA, *MONITORING]
