"""Monitoring on Azure: alarms and whom they are told to, logs, a workbook, a budget."""

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
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.azure_alarms import Alarms
from components.monitoring.azure_dashboard import workbook
from components.names import name, prefix, tags
from components.settings import Model
from training import clock

monitor = azure.monitor


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
    alarms = Alarms(args, settings, endpoint, group, opts)
    for rule in rules(settings):
        alarms.make(rule)
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
        tags=tags(args.settings, settings),
    )
    document = Document(
        f"{settings.name}-alarms",
        store=args.registry.shared.store,
        key=f"models/{settings.name}/alarms.json",
        content={
            "rules": [{**rule, "alarm": alarms.called(rule)} for rule in rules(settings)],
            "insights": place.id("Microsoft.Insights/components", stack),
        },
        opts=opts,
    )
    return MonitoringModel(alarms=document.key, drift_alarm=DRIFT_ALARM)


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
    """Tells at 80 and 100 percent of the month's bill, and if 100 is forecast.

    It begins with the month in which it is made: a new one may not begin in an earlier one
    (learn.microsoft.com, "Budgets - Create Or Update", timePeriod).
    """
    settings, first = args.settings, clock.now().replace(day=1)
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
            time_period=azure.consumption.BudgetTimePeriodArgs(
                start_date=f"{first:%Y-%m-%d}T00:00:00Z"
            ),
            notifications={
                "eighty": told(80, "Actual"),
                "hundred": told(100, "Actual"),
                "forecast": told(100, "Forecasted"),
            },
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["timePeriod"])),
    )
