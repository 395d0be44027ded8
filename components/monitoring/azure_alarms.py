"""The alarms of a model: log alerts with their queries (KQL), and metric alerts.

What a drift check publishes reaches Log Analytics through Application Insights (table
``AppMetrics``), so its alarms are log alerts. Sources: learn.microsoft.com, "Azure Monitor table
reference" for tables and columns, "Supported metrics with Azure Monitor" for metrics and their
dimensions, "Monitor online endpoints" for names of events. The tests hold every query against the
tables' columns and run it, since Azure takes it unseen: a table is there once its first record is,
so the validation at creation is skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Template
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.monitoring import MonitoringArgs
from components.registry.azure import foundation
from components.scope import ModelScope
from components.targets.azure.resources import ResourceIds
from training.monitoring.rules import AlarmRule, Metric, Severity

monitor = azure.monitor
AlertArgs = azure.monitor.ScheduledQueryRuleArgs | azure.monitor.MetricAlertArgs

# 0 is critical, 2 a warning ("Common alert schema").
SEVERITY = {Severity.CRITICAL: 0, Severity.WARNING: 2}
ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
WORKSPACES = "Microsoft.MachineLearningServices/workspaces"

CHECKS = (
    'AppMetrics | where Properties.stack == "$stack" and Properties.model == "$model"'
    ' and Name == "$metric"'
)
TRAFFIC = 'AmlOnlineEndpointTrafficLog | where EndpointName == "$endpoint"'
# Azure answers 424 for whatever the container answers that is not 200, and logs the container's own
# status; 408 is a container that takes too long ("Troubleshoot online endpoints", status codes).
FAILED = "ResponseCode >= 500 or ResponseCode == 408 or ModelStatusCode >= 500"
# An alarm on drift lasts until the next check has another answer, as far as a log alert looks back.
DRIFT = (
    CHECKS.replace("$metric", "drifted_features")
    + " | summarize arg_max(TimeGenerated, Sum) | project drifted = Sum"
)
MISSED = (
    CHECKS.replace("$metric", "drift_check_completed")
    + " | where TimeGenerated > ago(${hours}h) | summarize checks = sum(Sum)"
)
# The events have no endpoint's name but the id of its resource, in lower case. Probes that fail
# while an instance starts are no outage; a container that is started again and again is.
DOWN = (
    'AmlOnlineEndpointEventLog | where _ResourceId endswith "/onlineendpoints/$endpoint"'
    ' | where Name in ("BackOff", "LivenessProbeFailed") | summarize down = count()'
)
ERRORS = (
    f"{TRAFFIC} | summarize errors = countif({FAILED}), requests = count()"
    " | project share = iff(requests == 0, 0.0, 1.0 * errors / requests)"
)


def compile_alarm(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    """The alert of a rule, told to the stack's action group."""
    return _COMPILERS[rule.metric](rule, scope, args)


def _drifted(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    return _log_alert(rule, scope, args, DRIFT, "drifted", every="PT5M", window="P2D")


def _check_missed(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    return _log_alert(
        rule,
        scope,
        args,
        MISSED,
        "checks",
        every="PT1H",
        window="P2D",
        operator="LessThan",
        threshold=1,
    )


def _endpoint_down(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    return _log_alert(rule, scope, args, DOWN, "down", every="PT5M", window="PT15M")


def _errors(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    # Logs arrive some minutes late ("Log data ingestion time in Azure Monitor"), so the window is
    # longer than the rule's.
    return _log_alert(rule, scope, args, ERRORS, "share", every="PT1M", window="PT10M")


def _runs_failed(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    """A run of the model's experiment failed within an hour; the logs do not say whose run it was.

    A job that a schedule starts has a name that the service chooses.
    """
    resource_ids = ResourceIds.of(args.registry.shared)
    experiment = monitor.MetricDimensionArgs(
        name="ExperimentName", operator="Include", values=[scope.name()]
    )
    criterion = monitor.MetricCriteriaArgs(
        criterion_type="StaticThresholdCriterion",
        name="failed",
        metric_namespace=WORKSPACES,
        metric_name="Failed Runs",
        dimensions=[experiment],
        operator="GreaterThan",
        threshold=rule.threshold,
        time_aggregation="Total",
    )
    return _metric_alert(rule, scope, args, resource_ids.workspace_id, criterion, "PT5M", "PT1H")


def _latency(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> AlertArgs:
    resource_ids = ResourceIds.of(args.registry.shared)
    endpoint = pulumi.Output.concat(
        resource_ids.workspace_id,
        "/onlineEndpoints/",
        args.endpoint.models[scope.model.name].endpoint,
    )
    criterion = monitor.MetricCriteriaArgs(
        criterion_type="StaticThresholdCriterion",
        name="p95",
        metric_namespace=ENDPOINTS,
        metric_name="RequestLatency_P95",
        operator="GreaterThan",
        threshold=rule.threshold,
        time_aggregation="Average",
    )
    window = f"PT{rule.window_minutes}M"
    return _metric_alert(rule, scope, args, endpoint, criterion, "PT1M", window)


_COMPILERS: dict[Metric, Callable[[AlarmRule, ModelScope, MonitoringArgs], AlertArgs]] = {
    Metric.DRIFTED_FEATURES: _drifted,
    Metric.HOURS_SINCE_DRIFT_CHECK: _check_missed,
    Metric.FAILED_RUNS: _runs_failed,
    Metric.ENDPOINT_DOWN: _endpoint_down,
    Metric.ERROR_SHARE: _errors,
    Metric.LATENCY_P95_MS: _latency,
}


def _log_alert(
    rule: AlarmRule,
    scope: ModelScope,
    args: MonitoringArgs,
    query: str,
    column: str,
    *,
    every: str,
    window: str,
    operator: str = "GreaterThan",
    threshold: float | None = None,
) -> monitor.ScheduledQueryRuleArgs:
    """An alert on the number that a query finds in the `column` of its one row."""
    resource_ids = ResourceIds.of(args.registry.shared)
    values: dict[str, Any] = {
        "stack": scope.stack.stack,
        "model": scope.model.name,
        "hours": scope.model.drift.max_age_hours,
    }
    condition = monitor.ConditionArgs(
        query=args.endpoint.models[scope.model.name].endpoint.apply(
            lambda endpoint: Template(query).substitute(endpoint=endpoint, **values)
        ),
        metric_measure_column=column,
        time_aggregation="Maximum",
        operator=operator,
        threshold=rule.threshold if threshold is None else threshold,
        failing_periods=monitor.ConditionFailingPeriodsArgs(
            number_of_evaluation_periods=1, min_failing_periods_to_alert=1
        ),
    )
    return monitor.ScheduledQueryRuleArgs(
        resource_group_name=resource_ids.group,
        rule_name=scope.name(rule.name),
        description=rule.description,
        display_name=scope.name(rule.name),
        enabled=True,
        severity=SEVERITY[rule.severity],
        scopes=[log_workspace_id(args)],
        evaluation_frequency=every,
        window_size=window,
        auto_mitigate=True,
        skip_query_validation=True,
        criteria=monitor.ScheduledQueryRuleCriteriaArgs(all_of=[condition]),
        actions=monitor.ActionsArgs(action_groups=[_action_group(scope, resource_ids)]),
        tags=scope.tags,
    )


def _metric_alert(
    rule: AlarmRule,
    scope: ModelScope,
    args: MonitoringArgs,
    resource: pulumi.Output[str],
    criterion: monitor.MetricCriteriaArgs,
    every: str,
    window: str,
) -> monitor.MetricAlertArgs:
    """An alert on a metric of the resource itself."""
    resource_ids = ResourceIds.of(args.registry.shared)
    return monitor.MetricAlertArgs(
        resource_group_name=resource_ids.group,
        rule_name=scope.name(rule.name),
        location="global",
        description=rule.description,
        enabled=True,
        severity=SEVERITY[rule.severity],
        scopes=[resource],
        evaluation_frequency=every,
        window_size=window,
        auto_mitigate=True,
        criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            all_of=[criterion],
        ),
        actions=[monitor.MetricAlertActionArgs(action_group_id=_action_group(scope, resource_ids))],
        tags=scope.tags,
    )


def log_workspace_id(args: MonitoringArgs) -> pulumi.Output[str]:
    """The resource id of the stack's workspace of Log Analytics."""
    kind = "Microsoft.OperationalInsights/workspaces"
    return ResourceIds.of(args.registry.shared).id(kind, foundation(args.registry).logs)


def _action_group(scope: ModelScope, resource_ids: ResourceIds) -> pulumi.Output[str]:
    return resource_ids.id("Microsoft.Insights/actionGroups", scope.prefix)
