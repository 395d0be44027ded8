"""Monitoring on Google Cloud: alarms, who hears them, a dashboard, the budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.monitoring import (
    Monitoring,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    alarm_rules,
)
from components.monitoring.gcp_alarms import Alarms
from components.monitoring.gcp_dashboard import dashboard
from components.monitoring.gcp_metrics import METRICS, failed_runs, logs, metrics
from components.monitoring.gcp_receivers import budget, drift_topic, receivers
from components.registry.gcp import foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import after, document, metric, number
from training.monitoring.rules import DRIFT, AlarmRule

DAY = "86400s"


@dataclass(frozen=True)
class Receivers(MonitoringShared):
    """Who hears alarms, as channels of Cloud Monitoring; the stack's metrics."""

    channels: list[pulumi.Output[str]] = field(metadata=INTERNAL)
    metrics: list[gcp.monitoring.MetricDescriptor] = field(metadata=INTERNAL)


@dataclass(frozen=True)
class Drift(MonitoringModel):
    """The topic that the drift alarm is published to; None if nothing is started by it."""

    topic: pulumi.Output[str] | None = field(metadata=INTERNAL)


def drift(monitoring: Monitoring, scope: ModelScope) -> Drift:
    """A model's monitoring on Google Cloud."""
    return cast(Drift, monitoring.models[scope.model.name])


def create_shared(
    scope: StackScope, args: MonitoringArgs, opts: pulumi.ResourceOptions
) -> Receivers:
    """Receivers, metrics, the log bucket, the budget."""
    # The APIs are enabled when the store is there.
    ready = after(opts, args.registry)
    channels = receivers(scope, ready)
    logs(scope, ready)
    budget(scope, channels, ready)
    return Receivers(
        receivers=pulumi.Output.all(*channels),
        channels=channels,
        metrics=metrics(scope, ready),
    )


def create_model(
    scope: ModelScope, args: MonitoringArgs, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> Drift:
    """The alarms of a model, and its dashboard."""
    heard = cast(Receivers, shared)
    bucket = foundation(args.registry).bucket
    runs = failed_runs(scope, after(opts, args.registry))
    endpoint = number(scope.name())
    failed = f"logging.googleapis.com/user/{scope.name('failed-runs')}"
    alarms = Alarms(scope.model.name, endpoint, lambda what: metric(scope.stack, what), failed)
    topic, channel = drift_topic(args, scope, opts)
    found, waits = [], after(opts, args.registry, runs, *heard.metrics)
    for rule in alarm_rules(scope.model):
        starts = channel if rule.name == DRIFT else None
        policy = _policy(scope, rule, alarms, heard.channels, starts, waits)
        found.append({**rule.as_document(), "policy": policy.name, "filter": alarms.filter(rule)})
    gcp.monitoring.Dashboard(
        scope.model.name,
        gcp.monitoring.DashboardArgs(
            dashboard_json=pulumi.Output.json_dumps(
                dashboard(
                    scope.name(),
                    endpoint,
                    scope.model.name,
                    lambda what: metric(scope.stack, what),
                    failed,
                )
            )
        ),
        waits,
    )
    document(
        f"{scope.model.name}-alarms",
        bucket,
        f"models/{scope.model.name}/alarms.json",
        {"rules": found, "metrics": {what: metric(scope.stack, what) for what in METRICS}},
        opts,
    )
    return Drift(
        alarms=pulumi.Output.concat("models/", scope.model.name, "/alarms.json"),
        drift_alarm=DRIFT,
        topic=topic,
    )


def _policy(
    scope: ModelScope,
    rule: AlarmRule,
    alarms: Alarms,
    channels: list[pulumi.Output[str]],
    starts: pulumi.Output[str] | None,
    opts: pulumi.ResourceOptions,
) -> gcp.monitoring.AlertPolicy:
    """The alarm of a rule; `starts` is the channel that starts a retraining, if it does."""
    return gcp.monitoring.AlertPolicy(
        f"{scope.model.name}-{rule.name}",
        gcp.monitoring.AlertPolicyArgs(
            display_name=scope.name(rule.name),
            combiner="OR",
            conditions=[alarms.condition(rule)],
            notification_channels=[*channels, *([] if starts is None else [starts])],
            alert_strategy=None if starts is None else _every_day(starts),
            documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
                content=f"{scope.model.name}: {rule.description}", mime_type="text/markdown"
            ),
            user_labels={**scope.tags, "alarm": rule.name},
        ),
        opts,
    )


def _every_day(channel: pulumi.Output[str]) -> gcp.monitoring.AlertPolicyAlertStrategyArgs:
    """Tell `channel` again while the incident is open: drift may outlive a retraining.

    https://cloud.google.com/monitoring/alerts/concepts-indepth#repeat-notifications
    """
    strategy = gcp.monitoring.AlertPolicyAlertStrategyNotificationChannelStrategyArgs(
        notification_channel_names=[channel], renotify_interval=DAY
    )
    return gcp.monitoring.AlertPolicyAlertStrategyArgs(notification_channel_strategies=[strategy])
