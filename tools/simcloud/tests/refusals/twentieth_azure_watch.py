"""A twentieth round on Azure: alerts, queries, diagnostics and scaling."""

from __future__ import annotations

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    RANGE,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
CLUSTERS = {"category": "AmlComputeClusterEvent", "enabled": True}
JOBS = {"category": "AmlComputeJobEvent", "enabled": True}


def _metric(**change: object) -> dict[str, object]:
    """The criteria of a metric alert, changed."""
    criterion = {
        "criterionType": "StaticThresholdCriterion",
        "name": "p95",
        "metricName": "RequestLatency_P95",
        "operator": "GreaterThan",
        "threshold": 500,
        "timeAggregation": "Average",
        **change,
    }
    kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
    return {"criteria": {"odataType": kind, "allOf": [criterion]}}


def _query(**change: object) -> dict[str, object]:
    """The criteria of a query alert, changed."""
    condition = {
        "query": "Drift_CL",
        "timeAggregation": "Count",
        "operator": "GreaterThan",
        "threshold": 0,
        **change,
    }
    return {"criteria": {"allOf": [condition]}}


def _periods(count: int) -> dict[str, object]:
    """The failing periods of a query alert."""
    periods = {"numberOfEvaluationPeriods": count, "minFailingPeriodsToAlert": count}
    return _query(failingPeriods=periods)


def _mean(**change: object) -> dict[str, object]:
    """A query alert on the mean of a column."""
    query = "Drift_CL | project TimeGenerated, Score = 1.0"
    return _query(query=query, timeAggregation="Average", **change)


def _kept(enabled: bool, days: int) -> dict[str, object]:
    """Logs with how long they are kept."""
    policy = {"enabled": enabled, "days": days}
    return {"logs": [{"categoryGroup": "allLogs", "enabled": True, "retentionPolicy": policy}]}


def _scaled(metric: str) -> dict[str, object]:
    """Profiles of a setting which scales on a metric of the deployment."""
    rule = {
        "metricTrigger": {
            "metricName": metric,
            "metricResourceUri": "${deployment.id}",
            "timeGrain": "PT1M",
            "statistic": "Average",
            "timeWindow": "PT10M",
            "timeAggregation": "Average",
            "operator": "GreaterThan",
            "threshold": 70,
        },
        "scaleAction": {
            "direction": "Increase",
            "type": "ChangeCount",
            "value": "1",
            "cooldown": "PT5M",
        },
    }
    capacity = {"default": "1", "minimum": "1", "maximum": "2"}
    return {"profiles": [{"name": "all", "capacity": capacity, "rules": [rule]}]}


WATCH = [
    Refusal(
        f"{TERRAFORM}/issues/22210",
        REFERENCE,
        "alert",
        "Couldn't find a metric named AppConnections",
        _metric(metricName="AppConnections"),
        _metric(),
    ),
    Refusal(
        f"{TERRAFORM}/issues/8851",
        EXCLUSIVE,
        "alert",
        "the namespace of the metric is not one of the scope's type",
        _metric(metricNamespace="microsoft.insights/components"),
        _metric(
            metricNamespace="Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        ),
    ),
    Refusal(
        f"{TERRAFORM}/issues/6200",
        ENUM,
        "alert",
        "the time aggregation is not supported for this metric",
        _metric(timeAggregation="Total"),
        _metric(timeAggregation="Average"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/26581",
        ORDERING,
        "query",
        "EvaluationFrequency can't be higher than MuteActionsDuration",
        {"evaluationFrequency": "PT1H", "autoMitigate": False, "muteActionsDuration": "PT30M"},
        {"evaluationFrequency": "PT1H", "autoMitigate": False, "muteActionsDuration": "PT2H"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-resource-manager-schemas/issues/1753",
        RANGE,
        "query",
        "the number of evaluation periods and of failing ones is 1 at least",
        _periods(0),
        _periods(1),
    ),
    Refusal(
        f"{TERRAFORM}/issues/23286",
        MISSING,
        "query",
        "a time aggregation other than Count needs a metric measure column",
        _mean(),
        _mean(metricMeasureColumn="Score"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/2985",
        ENUM,
        "diagnostics",
        "Category 'WorkflowRuntime' is not supported",
        {"logs": [{"category": "WorkflowRuntime", "enabled": True}]},
        {"logs": [CLUSTERS]},
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-azurerm-avm-ptn-aiml-landing-zone/issues/19",
        EXCLUSIVE,
        "diagnostics",
        "the data sink is already used in another diagnostic setting for the same category",
        {"logs": [CLUSTERS]},
        {"logs": [JOBS]},
        (("earlier", "diagnostics", {"name": "earlier", "logs": [CLUSTERS]}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/473",
        ENUM,
        "diagnostics",
        "Diagnostic settings does not support retention for new diagnostic settings",
        _kept(True, 30),
        _kept(False, 0),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/24727",
        REFERENCE,
        "autoscale",
        "the metric Percentage CPU is not one of the target's type",
        _scaled("Percentage CPU"),
        _scaled("CpuUtilizationPercentage"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/11710",
        REFERENCE,
        "autoscale",
        "TargetResourceNotFound",
        {"targetResourceUri": "${endpoint.id}/deployments/none"},
        {"targetResourceUri": "${deployment.id}"},
    ),
]
