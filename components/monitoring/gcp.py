"""Monitoring on Google Cloud: alarms, who hears them, a dashboard, the budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.gcp_resources import after, document, metric, number
from components.monitoring import (
    DRIFT_ALARM,
    Monitoring,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.gcp_alarms import Alarms
from components.monitoring.gcp_dashboard import dashboard
from components.monitoring.gcp_metrics import METRICS, failed_runs, logs, metrics
from components.monitoring.gcp_receivers import budget, drift_topic, receivers
from components.names import name, tags
from components.registry.gcp import foundation
from components.settings import Model, Settings

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


def drift(monitoring: Monitoring, model: Model) -> Drift:
    """A model's monitoring on Google Cloud."""
    return cast(Drift, monitoring.models[model.name])


def shared(args: MonitoringArgs, opts: pulumi.ResourceOptions) -> Receivers:
    """Receivers, metrics, the log bucket, the budget."""
    settings = args.settings
    # The APIs are enabled when the store is there.
    ready = after(opts, args.registry)
    channels = receivers(settings, ready)
    logs(settings, ready)
    budget(settings, channels, ready)
    return Receivers(
        receivers=pulumi.Output.all(*channels),
        channels=channels,
        metrics=metrics(settings, ready),
    )


def model(
    args: MonitoringArgs, settings: Model, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> Drift:
    """The alarms of a model, and its dashboard."""
    heard = cast(Receivers, shared)
    bucket = foundation(args.registry).bucket
    runs = failed_runs(args.settings, settings, after(opts, args.registry))
    endpoint = number(name(args.settings, settings))
    failed = f"logging.googleapis.com/user/{name(args.settings, settings, 'failed-runs')}"
    alarms = Alarms(settings.name, endpoint, lambda what: metric(args.settings, what), failed)
    topic, channel = drift_topic(args, settings, opts)
    found, waits = [], after(opts, args.registry, runs, *heard.metrics)
    for rule in rules(settings):
        starts = channel if rule["name"] == DRIFT_ALARM else None
        policy = _policy(args.settings, settings, rule, alarms, heard.channels, starts, waits)
        found.append({**rule, "policy": policy.name, "filter": alarms.filter(rule)})
    gcp.monitoring.Dashboard(
        settings.name,
        gcp.monitoring.DashboardArgs(
            dashboard_json=pulumi.Output.json_dumps(
                dashboard(
                    name(args.settings, settings),
                    endpoint,
                    settings.name,
                    lambda what: metric(args.settings, what),
                    failed,
                )
            )
        ),
        waits,
    )
    document(
        f"{settings.name}-alarms",
        bucket,
        f"models/{settings.name}/alarms.json",
        {"rules": found, "metrics": {what: metric(args.settings, what) for what in METRICS}},
        opts,
    )
    return Drift(
        alarms=pulumi.Output.concat("models/", settings.name, "/alarms.json"),
        drift_alarm=DRIFT_ALARM,
        topic=topic,
    )


def _policy(
    settings: Settings,
    model: Model,
    rule: dict[str, Any],
    alarms: Alarms,
    channels: list[pulumi.Output[str]],
    starts: pulumi.Output[str] | None,
    opts: pulumi.ResourceOptions,
) -> gcp.monitoring.AlertPolicy:
    """The alarm of a rule; `starts` is the channel that starts a retraining, if it does."""
    return gcp.monitoring.AlertPolicy(
        f"{model.name}-{rule['name']}",
        gcp.monitoring.AlertPolicyArgs(
            display_name=name(settings, model, rule["name"]),
            combiner="OR",
            conditions=[alarms.condition(rule)],
            notification_channels=[*channels, *([] if starts is None else [starts])],
            alert_strategy=None if starts is None else _every_day(starts),
            documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
                content=f"{model.name}: {rule['says']}", mime_type="text/markdown"
            ),
            user_labels={**tags(settings, model), "alarm": rule["name"]},
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
