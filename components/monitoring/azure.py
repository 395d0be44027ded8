"""Monitoring on Azure: alarms and whom they are told to, logs, a workbook, a budget."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pulumi_azure_native as azure

from components.capability import INTERNAL
from components.monitoring import (
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    alarm_rules,
)
from components.monitoring.azure_alarms import compile_alarm, log_workspace_id
from components.monitoring.azure_dashboard import workbook
from components.scope import ModelScope, StackScope
from components.targets.azure.dynamic import Document
from components.targets.azure.resources import ResourceIds
from training import clock
from training.monitoring.rules import DRIFT

monitor = azure.monitor


@dataclass(frozen=True)
class Receivers(MonitoringShared):
    """The action group that alarms are sent to."""

    group: monitor.ActionGroup = field(metadata=INTERNAL)


def create_shared(
    scope: StackScope, args: MonitoringArgs, opts: pulumi.ResourceOptions
) -> Receivers:
    """The action group, the workspace's logs, and the budget."""
    settings = scope.settings
    resource_ids, stack = ResourceIds.of(args.registry.shared), scope.prefix
    group = monitor.ActionGroup(
        "alarms",
        opts,
        resource_group_name=resource_ids.group,
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
                name=f"webhook-{hashlib.sha256(address.encode()).hexdigest()[:8]}",
                service_uri=address,
                use_common_alert_schema=True,
            )
            for address in settings.alerts.webhooks
        ],
        tags=scope.tags,
    )
    logs = log_workspace_id(args)
    _diagnostics("workspace", resource_ids.workspace_id, logs, stack, opts)
    if settings.budget.monthly is not None:
        _budget(scope, resource_ids, settings.budget.monthly, group, opts)
    receivers = group.id.apply(lambda _: [*settings.alerts.emails, *settings.alerts.webhooks])
    return Receivers(receivers=receivers, group=group)


def create_model(
    scope: ModelScope, args: MonitoringArgs, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarms, the endpoint's logs, and the workbook."""
    resource_ids, stack = ResourceIds.of(args.registry.shared), scope.prefix
    stem = scope.name()
    endpoint = args.endpoint.models[scope.model.name].endpoint
    address = pulumi.Output.concat(resource_ids.workspace_id, "/onlineEndpoints/", endpoint)
    logs = log_workspace_id(args)
    _diagnostics(f"{scope.model.name}-endpoint", address, logs, stack, opts)
    after_group = pulumi.ResourceOptions(depends_on=[cast(Receivers, shared).group])
    for rule in alarm_rules(scope.model):
        alert = compile_alarm(rule, scope, args)
        is_query = isinstance(alert, monitor.ScheduledQueryRuleArgs)
        cls: Any = monitor.ScheduledQueryRule if is_query else monitor.MetricAlert
        cls(
            f"{scope.model.name}-{rule.name}",
            alert,
            pulumi.ResourceOptions.merge(opts, after_group),
        )
    azure.applicationinsights.Workbook(
        f"{scope.model.name}-workbook",
        opts,
        resource_group_name=resource_ids.group,
        resource_name_=str(uuid.uuid5(uuid.NAMESPACE_DNS, stem)),
        kind="shared",
        category="workbook",
        display_name=stem,
        source_id=logs,
        serialized_data=pulumi.Output.all(endpoint, logs).apply(
            lambda values: json.dumps(workbook(scope, *values))
        ),
        tags=scope.tags,
    )
    document = Document(
        f"{scope.model.name}-alarms",
        store=args.registry.shared.store,
        key=f"models/{scope.model.name}/alarms.json",
        content={
            "rules": [
                {**rule.as_document(), "alarm": scope.name(rule.name)}
                for rule in alarm_rules(scope.model)
            ],
            "insights": resource_ids.id("Microsoft.Insights/components", stack),
        },
        opts=opts,
    )
    return MonitoringModel(alarms=document.key, drift_alarm=DRIFT)


def _diagnostics(
    name: str,
    resource: pulumi.Output[str],
    logs: pulumi.Output[str],
    stack: str,
    opts: pulumi.ResourceOptions,
) -> None:
    """All logs of a resource to the stack's Log Analytics workspace, in tables of their own."""
    monitor.DiagnosticSetting(
        name,
        monitor.DiagnosticSettingArgs(
            name=stack,
            resource_uri=resource,
            workspace_id=logs,
            log_analytics_destination_type="Dedicated",
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
        ),
        # Azure does not answer with it (github.com/Azure/azure-rest-api-specs/issues/22400), so it
        # would be a difference after every refresh.
        pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["logAnalyticsDestinationType"])
        ),
    )


def _budget(
    scope: StackScope,
    resource_ids: ResourceIds,
    monthly: float,
    group: monitor.ActionGroup,
    opts: pulumi.ResourceOptions,
) -> None:
    """Tells at 80 and 100 percent of the month's bill, and if 100 is forecast.

    It begins with the month in which it is made: a new one may not begin in an earlier one
    (learn.microsoft.com, "Budgets - Create Or Update", timePeriod).
    """
    settings, first = scope.settings, clock.now().replace(day=1)
    receivers = settings.budget.receivers or settings.alerts.emails

    def notification(threshold: float, kind: str) -> Any:
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
            scope=resource_ids.group_id,
            budget_name=scope.prefix,
            category=azure.consumption.CategoryType.COST,
            amount=monthly,
            time_grain=azure.consumption.TimeGrainType.MONTHLY,
            time_period=azure.consumption.BudgetTimePeriodArgs(
                start_date=f"{first:%Y-%m-%d}T00:00:00Z"
            ),
            notifications={
                "eighty": notification(80, "Actual"),
                "hundred": notification(100, "Actual"),
                "forecast": notification(100, "Forecasted"),
            },
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["timePeriod"])),
    )
