"""Monitoring on Google Cloud: metrics, alert policies, who hears them, logs, a dashboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.gcp_resources import after, document, metric, number, project, region
from components.monitoring import (
    DRIFT_ALARM,
    Monitoring,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.gcp_alarms import PIPELINE, Alarms
from components.monitoring.gcp_dashboard import dashboard
from components.names import name, prefix, tags
from components.registry.gcp import foundation
from components.settings import Model, Settings
from training.pipeline import PIPELINES

# The stack's own metrics, with the labels that tell their series apart.
METRICS = {
    "drifted_features": ("model",),
    "drift_check_completed": ("model",),
    "drift_effect": ("model", "feature"),
}
# What Vertex AI's logs say of endpoints and pipeline runs.
LOGS = (
    'resource.type=("aiplatform.googleapis.com/Endpoint" OR '
    '"aiplatform.googleapis.com/PipelineJob" OR "ml_job")'
)
EITHER = f"({'|'.join(pipeline.name for pipeline in PIPELINES)})"
PUBLISHER = "serviceAccount:service-{}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
THRESHOLDS = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))


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
    given = [
        *(("email", {"email_address": address}) for address in settings.alerts.emails),
        *(("webhook_tokenauth", {"url": url}) for url in settings.alerts.webhooks),
    ]
    channels = [
        gcp.monitoring.NotificationChannel(
            f"receiver-{place}",
            gcp.monitoring.NotificationChannelArgs(
                type=kind, display_name=prefix(settings), labels=where, user_labels=tags(settings)
            ),
            ready,
        ).name
        for place, (kind, where) in enumerate(given)
    ]
    _logs(settings, ready)
    _budget(settings, channels, ready)
    return Receivers(
        receivers=pulumi.Output.all(*channels),
        channels=channels,
        metrics=[_metric(settings, what, told, ready) for what, told in METRICS.items()],
    )


def model(
    args: MonitoringArgs, settings: Model, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> Drift:
    """The alarms of a model, and its dashboard."""
    heard = cast(Receivers, shared)
    bucket = foundation(args.registry).bucket
    runs = _failed_runs(args.settings, settings, after(opts, args.registry))
    alarms = Alarms(
        settings.name,
        number(name(args.settings, settings)),
        lambda what: metric(args.settings, what),
        f"logging.googleapis.com/user/{name(args.settings, settings, 'failed-runs')}",
    )
    topic, channel = _drift_topic(args, settings, opts)
    found, waits = [], after(opts, args.registry, runs, *heard.metrics)
    for rule in rules(settings):
        own = [channel] if channel is not None and rule["name"] == DRIFT_ALARM else []
        policy = _policy(args.settings, settings, rule, alarms, [*heard.channels, *own], waits)
        found.append({**rule, "policy": policy.name, "filter": alarms.filter(rule)})
    document(
        f"{settings.name}-alarms",
        bucket,
        f"models/{settings.name}/alarms.json",
        {"rules": found, "metrics": {what: metric(args.settings, what) for what in METRICS}},
        opts,
    )
    _dashboard(args.settings, settings, waits)
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
    opts: pulumi.ResourceOptions,
) -> gcp.monitoring.AlertPolicy:
    return gcp.monitoring.AlertPolicy(
        f"{model.name}-{rule['name']}",
        gcp.monitoring.AlertPolicyArgs(
            display_name=name(settings, model, rule["name"]),
            combiner="OR",
            conditions=[alarms.condition(rule)],
            notification_channels=channels,
            documentation=gcp.monitoring.AlertPolicyDocumentationArgs(
                content=f"{model.name}: {rule['says']}", mime_type="text/markdown"
            ),
            user_labels={**tags(settings, model), "alarm": rule["name"]},
        ),
        opts,
    )


def _drift_topic(
    args: MonitoringArgs, model: Model, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str] | None, pulumi.Output[str] | None]:
    """The topic of the drift alarm and the channel to it, if a retraining is started by it."""
    if not model.retraining.on_drift:
        return None, None
    base, settings = foundation(args.registry), args.settings
    ready = after(opts, args.registry)
    topic = gcp.pubsub.Topic(
        f"{model.name}-drift",
        gcp.pubsub.TopicArgs(name=name(settings, model, "drift"), labels=tags(settings, model)),
        ready,
    )
    channel = gcp.monitoring.NotificationChannel(
        f"{model.name}-drift",
        gcp.monitoring.NotificationChannelArgs(
            type="pubsub",
            display_name=name(settings, model, "drift"),
            labels={"topic": topic.id},
            user_labels=tags(settings, model),
        ),
        ready,
    )
    # The account that publishes comes with the project's first channel of this type.
    # https://cloud.google.com/monitoring/support/notification-options#pubsub
    gcp.pubsub.TopicIAMMember(
        f"{model.name}-drift",
        gcp.pubsub.TopicIAMMemberArgs(
            topic=topic.id,
            role="roles/pubsub.publisher",
            member=base.number.apply(PUBLISHER.format),
        ),
        after(opts, channel),
    )
    return topic.id, channel.name


def _metric(
    settings: Settings, what: str, told: tuple[str, ...], opts: pulumi.ResourceOptions
) -> gcp.monitoring.MetricDescriptor:
    """A metric of our own, so that alarms on it can be made before its first value."""
    return gcp.monitoring.MetricDescriptor(
        what,
        gcp.monitoring.MetricDescriptorArgs(
            type=metric(settings, what),
            metric_kind="GAUGE",
            value_type="DOUBLE",
            display_name=f"{prefix(settings)} {what}",
            description=what.replace("_", " "),
            labels=[
                gcp.monitoring.MetricDescriptorLabelArgs(key=key, value_type="STRING")
                for key in told
            ],
        ),
        opts,
    )


def _failed_runs(
    settings: Settings, model: Model, opts: pulumi.ResourceOptions
) -> gcp.logging.Metric:
    """Counts runs that failed: a run's id begins with the name of its pipeline."""
    return gcp.logging.Metric(
        f"{model.name}-failed-runs",
        gcp.logging.MetricArgs(
            name=name(settings, model, "failed-runs"),
            filter=(
                f'{PIPELINE} AND jsonPayload.state="PIPELINE_STATE_FAILED" AND '
                f'resource.labels.pipeline_job_id=~"^{name(settings, model)}-{EITHER}-"'
            ),
            metric_descriptor=gcp.logging.MetricMetricDescriptorArgs(
                metric_kind="DELTA", value_type="INT64"
            ),
        ),
        opts,
    )


def _logs(settings: Settings, opts: pulumi.ResourceOptions) -> None:
    """What Vertex AI logs, kept for `retentionDays`."""
    kept = gcp.logging.ProjectBucketConfig(
        "logs",
        gcp.logging.ProjectBucketConfigArgs(
            project=project(),
            location=region(),
            bucket_id=prefix(settings),
            retention_days=settings.retention_days,
        ),
        opts,
    )
    gcp.logging.ProjectSink(
        "logs",
        gcp.logging.ProjectSinkArgs(
            name=prefix(settings),
            destination=pulumi.Output.concat("logging.googleapis.com/", kept.id),
            filter=LOGS,
            unique_writer_identity=True,
        ),
        opts,
    )


def _budget(
    settings: Settings, channels: list[pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> None:
    """An alarm on what the project's resources with the stack's label cost."""
    if settings.budget.monthly is None:
        return
    own = [
        gcp.monitoring.NotificationChannel(
            f"budget-{place}",
            gcp.monitoring.NotificationChannelArgs(
                type="email", display_name=prefix(settings), labels={"email_address": address}
            ),
            opts,
        ).name
        for place, address in enumerate(settings.budget.receivers)
    ]
    found = gcp.organizations.get_project_output(project_id=project())
    gcp.billing.Budget(
        "budget",
        gcp.billing.BudgetArgs(
            billing_account=found.billing_account,
            display_name=prefix(settings),
            amount=gcp.billing.BudgetAmountArgs(
                specified_amount=gcp.billing.BudgetAmountSpecifiedAmountArgs(
                    units=str(round(settings.budget.monthly))
                )
            ),
            budget_filter=gcp.billing.BudgetBudgetFilterArgs(
                projects=[found.number.apply("projects/{}".format)],
                labels={"stack": pulumi.get_stack()},
            ),
            threshold_rules=[
                gcp.billing.BudgetThresholdRuleArgs(threshold_percent=share, spend_basis=basis)
                for share, basis in THRESHOLDS
            ],
            all_updates_rule=gcp.billing.BudgetAllUpdatesRuleArgs(
                monitoring_notification_channels=own or channels
            ),
        ),
        opts,
    )


def _dashboard(settings: Settings, model: Model, opts: pulumi.ResourceOptions) -> None:
    gcp.monitoring.Dashboard(
        model.name,
        gcp.monitoring.DashboardArgs(
            dashboard_json=pulumi.Output.json_dumps(
                dashboard(
                    name(settings, model),
                    number(name(settings, model)),
                    model.name,
                    metric(settings, "drift_effect"),
                    f"logging.googleapis.com/user/{name(settings, model, 'failed-runs')}",
                )
            )
        ),
        opts,
    )
