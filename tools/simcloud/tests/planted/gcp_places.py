"""Bad inputs on Google Cloud: destinations that are not there, and texts in dashboards."""

from __future__ import annotations

import json
from typing import Any

from planted.case import GUARD, REMOVED, RULE, Planted

POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/sim"
STORAGE = "google.cloud.storage.object.v1.finalized"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


def _shown(told: str, **widget: Any) -> Planted:
    body = {"displayName": "flights", "gridLayout": {"widgets": [{"title": "x", **widget}]}}
    return Planted(RULE, "dashboard", told, {"dashboardJson": json.dumps(body)})


def _charted(told: str, **query: Any) -> Planted:
    return _shown(told, xyChart={"dataSets": [{"timeSeriesQuery": query}]})


def _filtered(*filters: tuple[str, str]) -> dict[str, Any]:
    return {"matchingCriterias": [{"attribute": name, "value": value} for name, value in filters]}


PLACES = [
    Planted(
        GUARD, "subscription", "doesn't exist", {"bigqueryConfig": {"table": "sim-project.sim.no"}}
    ),
    Planted(
        GUARD,
        "trigger",
        "does not exist",
        {**_filtered(("type", STORAGE), ("bucket", "missing")), "transport": REMOVED},
    ),
    Planted(GUARD, "registry", "needs roles/cloudkms", {"kmsKeyName": "${key.id}"}),
    Planted(
        RULE, "trigger", "no filter on bucket", _filtered(("type", PUBLISHED), ("bucket", "x"))
    ),
    Planted(RULE, "trigger", "projects/P/topics/T", {"transport.pubsub.topic": "drift"}),
    Planted(
        RULE, "projectmember", "no principalSet of a pool", {"member": f"principalSet:{POOL}/x/y"}
    ),
    Planted(RULE, "endpoint", "label keys", {"labels": {"a b": "c"}}),
    Planted(RULE, "job", "is not a cron expression", {"schedule": "every five minutes"}),
    Planted(
        RULE,
        "policy",
        "neither OPENED",
        {"alertStrategy": {"notificationPrompts": ["NOTIFICATION_PROMPT_UNSPECIFIED"]}},
    ),
    _shown("scorecard.timeSeriesQuery is required", scorecard={}),
    _shown("Unparseable filter", logsPanel={"filter": "severity>="}),
    _charted("is no PromQL", prometheusQuery="rate(x["),
    _charted(
        "is no duration",
        timeSeriesFilter={"filter": 'metric.type="x"', "aggregation": {"alignmentPeriod": "60"}},
    ),
]
