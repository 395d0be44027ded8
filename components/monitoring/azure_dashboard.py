"""The workbook of a model: requests, latency, answers, drift, runs."""

from __future__ import annotations

from string import Template
from typing import Any

from components.monitoring.azure_alarms import CHECKS, TRAFFIC
from components.scope import ModelScope

# What the workbook shows: title, query, how.
_CHARTS = (
    ("Requests", f"{TRAFFIC} | summarize count() by DeploymentName, bin(TimeGenerated, 5m)"),
    (
        "Latency, p95 in ms",
        f"{TRAFFIC}"
        " | summarize percentile(TotalDurationMs, 95) by DeploymentName, bin(TimeGenerated, 5m)",
    ),
    (
        "Answers by status",
        f"{TRAFFIC} | summarize count() by tostring(coalesce(ModelStatusCode, ResponseCode)),"
        " bin(TimeGenerated, 5m)",
    ),
    (
        "Drift by feature",
        CHECKS.replace("$metric", "drift_effect")
        + " | summarize max(Max) by tostring(Properties.feature), bin(TimeGenerated, 1h)",
    ),
    (
        "Metric in production",
        CHECKS.replace("$metric", "model_metric")
        + " | summarize avg(Sum) by tostring(Properties.version), bin(TimeGenerated, 1h)",
    ),
    (
        "Drifted features",
        CHECKS.replace("$metric", "drifted_features")
        + " | summarize max(Max) by bin(TimeGenerated, 1h)",
    ),
    (
        "Champion by version",
        CHECKS.replace("$metric", "champion_version")
        + " | summarize max(Max) by bin(TimeGenerated, 1h)",
    ),
    (
        "Runs",
        # Of the whole workspace: the logs do not say whose run it was.
        "AmlRunStatusChangedEvent | where RunId == RootRunId"
        " | summarize count() by Status, bin(TimeGenerated, 1h)",
    ),
)


def workbook(scope: ModelScope, endpoint: str, logs: str) -> dict[str, Any]:
    """A workbook's content (schema ``Notebook/1.0``): a chart per query."""
    values = {"stack": scope.stack.stack, "model": scope.model.name, "endpoint": endpoint}
    return {
        "version": "Notebook/1.0",
        "items": [
            {
                "type": 3,
                "name": title,
                "content": {
                    "version": "KqlItem/1.0",
                    "title": title,
                    "query": Template(query).substitute(values) + " | render timechart",
                    "size": 0,
                    "timeContext": {"durationMs": 7 * 24 * 3600 * 1000},
                    "queryType": 0,
                    "resourceType": "microsoft.operationalinsights/workspaces",
                    "crossComponentResources": [logs],
                },
            }
            for title, query in _CHARTS
        ],
        "fallbackResourceIds": [logs],
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/"
        "schema/workbook.json",
    }
