"""Monitoring on Azure: log alerts and a metric alert, an action group, logs, a workbook, a budget.

What a drift check publishes reaches Log Analytics through Application Insights (table
``AppMetrics``), so its alarms are log alerts as those on requests are. Tables and columns:
learn.microsoft.com, "Azure Monitor table reference"; the endpoint's metrics: "Monitor online
endpoints".
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure_blobs import Document
from components.azure_resources import Place
from components.monitoring import (
    DRIFT_ALARM,
    MISSED,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.azure_queries import QUERIES, Query, workbook
from components.names import name, prefix, tags
from components.settings import Model

monitor = azure.monitor

SEVERITY = 2
LATENCY = "endpoint-latency"
# A budget begins on the first of a month.
BUDGET_START = "2026-11-01T00:00:00Z"


def shared(args: MonitoringArgs, opts: pulumi.ResourceOptions) -> MonitoringShared:
    """Who hears of alarms, the workspace's logs, and the budget."""
    settings = args.settings
    place, stack = Place.of(args.registry.shared), prefix(settings)
    group = monitor.ActionGroup(
        "alarms",
        opts,
        resource_group_name=place.group,
        action_group_name=stack,
        group_short_name=stack[:12],
        location="global",
        enabled=True,
        email_receivers=[
            monitor.MicrosoftCommonEmailReceiverArgs(
                name=address, email_address=address, use_common_alert_schema=True
            )
            for address in settings.alerts.emails
        ],
        webhook_receivers=[
            monitor.WebhookReceiverArgs(
                name=f"webhook-{number}", service_uri=address, use_common_alert_schema=True
            )
            for number, address in enumerate(settings.alerts.webhooks, 1)
        ],
        tags=tags(settings),
    )
    _diagnostics("workspace", place.workspace_id, place, stack, opts)
    if settings.budget.monthly is not None:
        _budget(args, place, settings.budget.monthly, group, opts)
    receivers = group.id.apply(lambda _: [*settings.alerts.emails, *settings.alerts.webhooks])
    return MonitoringShared(receivers=receivers)


def model(
    args: MonitoringArgs, settings: Model, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarms, the endpoint's logs, and the workbook."""
    place, stack = Place.of(args.registry.shared), prefix(args.settings)
    stem = name(args.settings, settings)
    endpoint = args.endpoint.models[settings.name].endpoint
    address = pulumi.Output.concat(place.workspace_id, "/onlineEndpoints/", endpoint)
    logs = place.id("Microsoft.OperationalInsights/workspaces", stack)
    # Known once the group is made.
    group = place.id("Microsoft.Insights/actionGroups", shared.receivers.apply(lambda _: stack))
    _diagnostics(f"{settings.name}-endpoint", address, place, stack, opts)
    for rule in rules(settings):
        resource, called = f"{settings.name}-{rule['name']}", f"{stem}-{rule['name']}"
        if rule["name"] == LATENCY:
            _latency(resource, called, rule, address, place, group, args, opts)
        else:
            query = QUERIES[rule["name"]]
            _log_alert(resource, called, rule, query, endpoint, logs, group, args, settings, opts)
    azure.applicationinsights.Workbook(
        f"{settings.name}-workbook",
        opts,
        resource_group_name=place.group,
        resource_name_=str(uuid.uuid5(uuid.NAMESPACE_DNS, stem)),
        kind="shared",
        category="workbook",
        display_name=stem,
        source_id=logs,
        serialized_data=pulumi.Output.all(endpoint, logs).apply(
            lambda found: json.dumps(workbook(stem, settings, pulumi.get_stack(), *found))
        ),
        tags=tags(args.settings),
    )
    document = Document(
        f"{settings.name}-alarms",
        store=args.registry.shared.store,
        key=f"models/{settings.name}/alarms.json",
        content={
            "rules": [{**rule, "alarm": f"{stem}-{rule['name']}"} for rule in rules(settings)],
            "insights": place.id("Microsoft.Insights/components", stack),
        },
        opts=opts,
    )
    return MonitoringModel(alarms=document.key, drift_alarm=DRIFT_ALARM)


def _log_alert(
    resource: str,
    called: str,
    rule: dict[str, Any],
    query: Query,
    endpoint: pulumi.Output[str],
    logs: pulumi.Output[str],
    group: pulumi.Output[str],
    args: MonitoringArgs,
    settings: Model,
    opts: pulumi.ResourceOptions,
) -> None:
    """An alarm on a number that a query finds in the logs."""
    monitor.ScheduledQueryRule(
        resource,
        monitor.ScheduledQueryRuleArgs(
            resource_group_name=Place.of(args.registry.shared).group,
            rule_name=called,
            description=rule["says"],
            display_name=called,
            enabled=True,
            severity=SEVERITY,
            scopes=[logs],
            evaluation_frequency=query.every,
            window_size=query.window,
            auto_mitigate=True,
            # A table is there once its first record is.
            skip_query_validation=True,
            criteria=monitor.ScheduledQueryRuleCriteriaArgs(
                all_of=[
                    monitor.ConditionArgs(
                        query=endpoint.apply(
                            lambda found: query.text(
                                stack=pulumi.get_stack(),
                                model=settings.name,
                                endpoint=found,
                                experiment=name(args.settings, settings),
                                hours=settings.drift.max_age_hours,
                            )
                        ),
                        metric_measure_column=query.column,
                        time_aggregation="Maximum",
                        operator=query.operator,
                        threshold=1 if rule["name"] == MISSED else rule["above"],
                        failing_periods=monitor.ConditionFailingPeriodsArgs(
                            number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                        ),
                    )
                ]
            ),
            actions=monitor.ActionsArgs(action_groups=[group]),
            tags=tags(args.settings),
        ),
        opts,
    )


def _latency(
    resource: str,
    called: str,
    rule: dict[str, Any],
    address: pulumi.Output[str],
    place: Place,
    group: pulumi.Output[str],
    args: MonitoringArgs,
    opts: pulumi.ResourceOptions,
) -> None:
    """The alarm on the endpoint's own metric."""
    monitor.MetricAlert(
        resource,
        monitor.MetricAlertArgs(
            resource_group_name=place.group,
            rule_name=called,
            location="global",
            description=rule["says"],
            enabled=True,
            severity=SEVERITY,
            scopes=[address],
            evaluation_frequency="PT1M",
            window_size="PT5M",
            auto_mitigate=True,
            criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                all_of=[
                    monitor.MetricCriteriaArgs(
                        criterion_type="StaticThresholdCriterion",
                        name="p95",
                        metric_namespace=(
                            "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
                        ),
                        metric_name="RequestLatency_P95",
                        operator="GreaterThan",
                        threshold=rule["above"],
                        time_aggregation="Average",
                    )
                ],
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=group)],
            tags=tags(args.settings),
        ),
        opts,
    )


def _diagnostics(
    name: str,
    resource: pulumi.Output[str],
    place: Place,
    stack: str,
    opts: pulumi.ResourceOptions,
) -> None:
    """All logs of a resource to the stack's Log Analytics workspace, in tables of their own."""
    monitor.DiagnosticSetting(
        name,
        monitor.DiagnosticSettingArgs(
            name=stack,
            resource_uri=resource,
            workspace_id=place.id("Microsoft.OperationalInsights/workspaces", stack),
            log_analytics_destination_type="Dedicated",
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
        ),
        opts,
    )


def _budget(
    args: MonitoringArgs,
    place: Place,
    monthly: float,
    group: monitor.ActionGroup,
    opts: pulumi.ResourceOptions,
) -> None:
    """Tells at 80 and 100 percent of the month's bill, and if 100 is forecast."""
    settings = args.settings
    receivers = settings.budget.receivers or settings.alerts.emails

    def told(threshold: float, kind: str) -> Any:
        return azure.consumption.NotificationArgs(
            enabled=True,
            operator=azure.consumption.OperatorType.GREATER_THAN_OR_EQUAL_TO,
            threshold=threshold,
            threshold_type=kind,
            contact_emails=receivers,
            contact_groups=[group.id],
        )

    azure.consumption.Budget(
        "budget",
        azure.consumption.BudgetArgs(
            scope=place.group_id,
            budget_name=prefix(settings),
            category=azure.consumption.CategoryType.COST,
            amount=monthly,
            time_grain=azure.consumption.TimeGrainType.MONTHLY,
            time_period=azure.consumption.BudgetTimePeriodArgs(start_date=BUDGET_START),
            notifications={
                "eighty": told(80, "Actual"),
                "hundred": told(100, "Actual"),
                "forecast": told(100, "Forecasted"),
            },
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["timePeriod"])),
    )
