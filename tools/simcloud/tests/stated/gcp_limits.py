"""What users' threads and the references state of folders, traffic, logs and mappings."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import PROJECT

from stated.case import Stated

HNS = {"hierarchicalNamespace": {"enabled": True}}
FOLDERS = (("folders", "bucket", {"name": "sim-folders", "encryption": REMOVED, **HNS}),)
THRESHOLD = "conditions[0].conditionThreshold"


def _counted(comparison: str) -> dict[str, Any]:
    condition = {
        "query": "SELECT a FROM `p.l.b._AllLogs`",
        "minutes": {"periodicity": 5},
        "rowCountTest": {"comparison": comparison, "threshold": 1},
    }
    return {"conditions": [{"displayName": "a", "conditionSql": condition}]}


def _summed(metric: str, resource: str) -> dict[str, Any]:
    aligned = {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_SUM"}
    return {
        f"{THRESHOLD}.filter": f'metric.type="{metric}" AND resource.type="{resource}"',
        f"{THRESHOLD}.aggregations": [aligned],
    }


def _mapped(count: int) -> dict[str, Any]:
    own = {f"attribute.a{number}": "assertion.a" for number in range(count)}
    google = {"google.subject": "assertion.sub", "google.groups": "assertion.groups"}
    return {"attributeMapping": {**google, **own}}


def _excluded(spaces: int) -> dict[str, Any]:
    return {"exclusions": [{"name": "less", "filter": f"severity<{' ' * spaces}ERROR"}]}


def _matched(spaces: int) -> dict[str, Any]:
    condition = {"filter": f"severity>{' ' * spaces}ERROR"}
    return {
        "conditions": [{"displayName": "a", "conditionMatchedLog": condition}],
        "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
    }


LIMITS = [
    Stated("sink", "at most 20000 characters", _excluded(19_987), _excluded(19_986)),
    Stated("policy", "at most 20000 characters", _matched(19_987), _matched(19_986)),
    Stated(
        "metric",
        "the bucket is in another",
        {"bucketName": "projects/another/locations/global/buckets/_Default"},
        {"bucketName": f"projects/{PROJECT}/locations/global/buckets/_Default"},
    ),
    *(
        Stated("bucket", f"{name}: not with hierarchicalNamespace", {**HNS, name: True}, HNS)
        for name in ("enableObjectRetention", "defaultEventBasedHold")
    ),
    *(
        Stated(
            "object",
            f"{name}: not in 'sim-folders'",
            {"bucket": "sim-folders", name: True},
            {"bucket": "sim-folders", name: False},
            FOLDERS,
        )
        for name in ("eventBasedHold", "temporaryHold")
    ),
    *(
        Stated("policy", "is not one of", _counted(comparison), _counted("COMPARISON_LT"))
        for comparison in ("COMPARISON_GE", "COMPARISON_EQ")
    ),
    *(
        Stated("policy", "is written for", _summed(metric, other), _summed(metric, resource))
        for metric, resource, other in (
            ("bigquery.googleapis.com/query/scanned_bytes", "global", "bigquery_project"),
            ("loadbalancing.googleapis.com/https/request_count", "https_lb_rule", "global"),
        )
    ),
    Stated("provider", "maps 51 attributes of its own", _mapped(51), _mapped(50)),
    Stated(
        "endpoint",
        "no model is deployed",
        {"trafficSplit": json.dumps({"1": 100})},
        {"trafficSplit": "{}"},
    ),
]
