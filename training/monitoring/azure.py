"""Monitoring on Azure: alerts of Azure Monitor, and what a drift check sends them.

Metrics go to Application Insights (table ``AppMetrics``), with the properties stack and model.
Sources: REST API "Alerts - Get All" (2019-05-05-preview), "Components - Get" (2020-02-02);
the ingestion's envelopes as in
github.com/microsoft/ApplicationInsights-dotnet, Schema/PublicSchema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.clients.azure import list_all, management, request
from training.monitoring import ALARM, OK, Alarm, drifted_features, effects, measurements
from training.platform import Platform
from training.registry.azure import open_at

DOCUMENT = "alarms.json"
ALERTS, COMPONENTS = "2019-05-05-preview", "2020-02-02"
# What the ingestion takes at once.
MOST_ENVELOPES = 1000


def alarms(platform: Platform, model: str) -> list[Alarm]:
    """The state of all alarms of `model`: ALARM while an alert of its rule is fired.

    Azure Monitor keeps no alert for a rule without data, so such a rule is OK; the value stands
    in the alert's own page.
    """
    rules = platform.part(model, DOCUMENT)["rules"]
    group = open_at(platform.registry_uri).group
    alerts = list_all(
        f"{group}/providers/Microsoft.AlertsManagement/alerts",
        ALERTS,
        monitorCondition="Fired",
        timeRange="30d",
    )
    fired = {alert["properties"]["essentials"]["alertRule"].rpartition("/")[2] for alert in alerts}
    return [
        Alarm(
            rule["name"],
            ALARM if rule["alarm"] in fired else OK,
            None,
            rule["above"],
            rule["says"],
        )
        for rule in rules
    ]


def publish(platform: Platform, model: str, check: dict[str, Any]) -> None:
    """Send a drift check to Application Insights."""
    insights = platform.part(model, DOCUMENT)["insights"]
    component = management("GET", insights, COMPONENTS).json()["properties"]
    address = _address(component["ConnectionString"])
    envelopes = [
        _envelope(component["InstrumentationKey"], check["when"], name, value, properties)
        for name, value, properties in _metrics(platform.stack, model, check)
    ]
    for first in range(0, len(envelopes), MOST_ENVELOPES):
        request("POST", address, body=envelopes[first : first + MOST_ENVELOPES])


def _metrics(
    stack: str, model: str, check: dict[str, Any]
) -> Iterator[tuple[str, float, dict[str, str]]]:
    labels = {"stack": stack, "model": model}
    # What was not enough to decide on says nothing of drift, only that the check ran.
    yield "drift_check_completed", 1.0, labels
    if check["version"] is not None:
        yield "champion_version", float(check["version"]), labels
    if (drifted := drifted_features(check)) is not None:
        yield "drifted_features", drifted, labels
    for entry in measurements([check]):
        yield "model_metric", float(entry["value"]), {**labels, "version": str(entry["version"])}
    for feature, effect in effects(check).items():
        yield "drift_effect", effect, {**labels, "feature": feature}


def _address(connection: str) -> str:
    parts = dict(part.split("=", 1) for part in connection.split(";") if part)
    return f"{parts['IngestionEndpoint'].rstrip('/')}/v2.1/track"


def _envelope(
    key: str, moment: str, name: str, value: float, properties: dict[str, str]
) -> dict[str, Any]:
    return {
        "name": "Microsoft.ApplicationInsights.Metric",
        "time": moment,
        "iKey": key,
        "data": {
            "baseType": "MetricData",
            "baseData": {
                "ver": 2,
                "metrics": [{"name": name, "value": value, "count": 1}],
                "properties": properties,
            },
        },
    }
