"""The queries (KQL) of the alarms.

What a drift check publishes reaches Log Analytics through Application Insights (table
``AppMetrics``), so its alarms are log alerts as those on requests are. Tables and columns:
learn.microsoft.com, "Azure Monitor table reference".
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Any

CHECKS = (
    'AppMetrics | where Properties.stack == "$stack" and Properties.model == "$model"'
    ' and Name == "$metric"'
)
TRAFFIC = 'AmlOnlineEndpointTrafficLog | where EndpointName == "$endpoint"'


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
        CHECKS.replace("$metric", "drifted_features")
        + " | summarize arg_max(TimeGenerated, Sum) | project drifted = Sum",
        column="drifted",
        every="PT5M",
        window="P2D",
    ),
    "drift-check-missed": Query(
        CHECKS.replace("$metric", "drift_check_completed")
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
        f"{TRAFFIC}"
        " | summarize errors = countif(ResponseCode >= 500), requests = count()"
        " | project share = iff(requests == 0, 0.0, 1.0 * errors / requests)",
        column="share",
        every="PT1M",
        window="PT5M",
    ),
}
