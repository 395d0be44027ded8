"""The queries (KQL) of the alarms and of the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Any

from components.settings import Model

_CHECKS = (
    'AppMetrics | where Properties.stack == "$stack" and Properties.model == "$model"'
    ' and Name == "$metric"'
)
_TRAFFIC = 'AmlOnlineEndpointTrafficLog | where EndpointName == "$endpoint"'


@dataclass(frozen=True)
class Query:
    """A query that gives one row with a number in `column`, and when it is asked."""

    template: str
    column: str
    every: str
    window: str
    operator: str = "GreaterThan"

    def text(self, **values: Any) -> str:
        """The query with `values` in their places."""
        return Template(self.template).substitute(values)


# By the alarm's name. An alarm on drift lasts until the next check has another answer, as far as
# a log alert looks back.
QUERIES = {
    "drift": Query(
        _CHECKS.replace("$metric", "drifted_features")
        + " | summarize arg_max(TimeGenerated, Sum) | project drifted = Sum",
        column="drifted",
        every="PT5M",
        window="P2D",
    ),
    "drift-check-missed": Query(
        _CHECKS.replace("$metric", "drift_check_completed")
        + " | where TimeGenerated > ago(${hours}h) | summarize checks = sum(Sum)",
        column="checks",
        every="PT1H",
        window="P2D",
        operator="LessThan",
    ),
    "pipeline-failed": Query(
        'AmlRunStatusChangedEvent | where ExperimentName == "$experiment"'
        ' and RunType == "azureml.PipelineRun"'
        ' | where Status in ("Completed", "Failed", "Canceled")'
        " | summarize arg_max(TimeGenerated, Status)"
        ' | project failed = iff(Status == "Failed", 1, 0)',
        column="failed",
        every="PT5M",
        window="P2D",
    ),
    "endpoint-down": Query(
        'AmlOnlineEndpointEventLog | where EndpointName == "$endpoint"'
        ' | where Name in ("Unhealthy", "BackOff") | summarize down = count()',
        column="down",
        every="PT5M",
        window="PT15M",
    ),
    "endpoint-errors": Query(
        f"{_TRAFFIC}"
        " | summarize errors = countif(ResponseCode >= 500), requests = count()"
        " | project share = iff(requests == 0, 0.0, 1.0 * errors / requests)",
        column="share",
        every="PT1M",
        window="PT5M",
    ),
}

# What the workbook shows: title, query, how.
_CHARTS = (
    ("Requests", f"{_TRAFFIC} | summarize count() by DeploymentName, bin(TimeGenerated, 5m)"),
    (
        "Latency, p95 in ms",
        f"{_TRAFFIC}"
        " | summarize percentile(TotalDurationMs, 95) by DeploymentName, bin(TimeGenerated, 5m)",
    ),
    (
        "Answers by status",
        f"{_TRAFFIC} | summarize count() by tostring(ResponseCode), bin(TimeGenerated, 5m)",
    ),
    (
        "Drift by feature",
        _CHECKS.replace("$metric", "drift_effect")
        + " | summarize max(Max) by tostring(Properties.feature), bin(TimeGenerated, 1h)",
    ),
    (
        "Drifted features",
        _CHECKS.replace("$metric", "drifted_features")
        + " | summarize max(Max) by bin(TimeGenerated, 1h)",
    ),
    (
        "Runs",
        'AmlRunStatusChangedEvent | where ExperimentName == "$experiment"'
        ' and RunType == "azureml.PipelineRun" | summarize count() by Status,'
        " bin(TimeGenerated, 1h)",
    ),
)


def workbook(name: str, model: Model, stack: str, endpoint: str, logs: str) -> dict[str, Any]:
    """A workbook's content (schema ``Notebook/1.0``): a chart per query."""
    values = {"stack": stack, "model": model.name, "endpoint": endpoint, "experiment": name}
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
