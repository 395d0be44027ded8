"""Monitoring on Google Cloud: alarms, who hears them, a dashboard, logs, the budget."""

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
from components.monitoring.gcp_alarms import (
    CLOSE_SECONDS,
    METRICS,
    RATE_SECONDS,
    compile_alarm,
    create_failed_runs,
    create_metrics,
    failed_runs_metric,
    series,
)
from components.monitoring.gcp_dashboard import dashboard
from components.monitoring.gcp_receivers import create_budget, create_drift_topic, create_receivers
from components.registry.gcp import foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import (
    depending_on,
    endpoint_id,
    json_object,
    metric,
    patient,
    project,
    region,
)
from training.monitoring.rules import DRIFT, AlarmRule, Metric, Severity

DAY = "86400s"
# What Vertex AI's logs say of endpoints and pipeline runs.
LOGS = (
    'resource.type=("aiplatform.googleapis.com/Endpoint" OR '
    '"aiplatform.googleapis.com/PipelineJob" OR "ml_job")'
)
SEVERITIES = {Severity.CRITICAL: "CRITICAL", Severity.WARNING: "WARNING"}


@dataclass(frozen=True)
class Receivers(MonitoringShared):
    """The notification channels of Cloud Monitoring, and the stack's metrics."""

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
    ready = depending_on(patient(opts), args.registry)
    channels = create_receivers(scope, ready)
    _create_logs(scope, foundation(args.registry).bucket, ready)
    mails = channels[: len(scope.settings.alerts.emails)]
    create_budget(scope, foundation(args.registry), mails, ready)
    return Receivers(
        receivers=pulumi.Output.all(*channels),
        channels=channels,
        metrics=create_metrics(scope, ready),
    )


def create_model(
    scope: ModelScope, args: MonitoringArgs, shared: Receivers, opts: pulumi.ResourceOptions
) -> Drift:
    """The alarms of a model, and its dashboard."""
    bucket, opts = foundation(args.registry).bucket, patient(opts)
    runs = create_failed_runs(scope, depending_on(opts, args.registry))
    topic, channel = create_drift_topic(args, scope, opts)
    rules, waits = [], depending_on(opts, args.registry, runs, *shared.metrics)
    for rule in alarm_rules(scope.model):
        starts = channel if rule.name == DRIFT else None
        policy = _policy(scope, args, rule, shared.channels, starts, waits)
        rules.append({**rule.as_document(), "policy": policy.name, "filter": series(rule, scope)})
    gcp.monitoring.Dashboard(
        scope.model.name,
        gcp.monitoring.DashboardArgs(
            dashboard_json=pulumi.Output.json_dumps(
                dashboard(
                    scope.name(),
                    endpoint_id(scope.name()),
                    scope.model.name,
                    lambda name: metric(scope.stack, name),
                    failed_runs_metric(scope),
                )
            )
        ),
        waits,
    )
    json_object(
        f"{scope.model.name}-alarms",
        bucket,
        f"models/{scope.model.name}/alarms.json",
        {"rules": rules, "metrics": {name: metric(scope.stack, name) for name in METRICS}},
        opts,
    )
    return Drift(
        alarms=pulumi.Output.concat("models/", scope.model.name, "/alarms.json"),
        drift_alarm=DRIFT,
        topic=topic,
    )


def _policy(
    scope: ModelScope,
    args: MonitoringArgs,
    rule: AlarmRule,
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
            conditions=[compile_alarm(rule, scope, args)],
            severity=SEVERITIES[rule.severity],
            notification_channels=[*channels, *([] if starts is None else [starts])],
            alert_strategy=_strategy(rule, starts),
            documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
                content=f"{scope.model.name}: {rule.description}", mime_type="text/markdown"
            ),
            user_labels={**scope.tags, "alarm": rule.name},
        ),
        opts,
    )


def _strategy(
    rule: AlarmRule, channel: pulumi.Output[str] | None
) -> gcp.monitoring.AlertPolicyAlertStrategyArgs | None:
    """The notification strategy: a rate limit for log entries, and repeats for retraining.

    Drift may outlive a retraining, so `channel` is told every day while the incident is open:
    https://cloud.google.com/monitoring/alerts/concepts-indepth#repeat-notifications. A policy on
    log entries has to have a limit.
    """
    if rule.metric is Metric.FAILED_RUNS:
        limit = gcp.monitoring.AlertPolicyAlertStrategyNotificationRateLimitArgs(
            period=f"{RATE_SECONDS}s"
        )
        return gcp.monitoring.AlertPolicyAlertStrategyArgs(
            notification_rate_limit=limit, auto_close=f"{CLOSE_SECONDS}s"
        )
    if channel is None:
        return None
    strategy = gcp.monitoring.AlertPolicyAlertStrategyNotificationChannelStrategyArgs(
        notification_channel_names=[channel], renotify_interval=DAY
    )
    return gcp.monitoring.AlertPolicyAlertStrategyArgs(notification_channel_strategies=[strategy])


def _create_logs(
    scope: StackScope, bucket: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    """The bucket of Vertex AI's logs, kept for `retentionDays`.

    The name of a deleted log bucket stays taken for a week, and one that is dying can be neither
    changed nor written to; so each has the digits of its stack's store.
    """
    logs = gcp.logging.ProjectBucketConfig(
        "logs",
        gcp.logging.ProjectBucketConfigArgs(
            project=project(),
            location=region(),
            bucket_id=bucket.apply(lambda name: f"{scope.prefix}-{name[-7:]}"),
            retention_days=scope.settings.retention_days,
        ),
        opts,
    )
    gcp.logging.ProjectSink(
        "logs",
        gcp.logging.ProjectSinkArgs(
            name=scope.prefix,
            destination=pulumi.Output.concat("logging.googleapis.com/", logs.id),
            filter=LOGS,
            unique_writer_identity=True,
        ),
        opts,
    )
