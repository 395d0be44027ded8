"""Who hears alarms on Google Cloud: people, what starts a retraining, and who pays."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.gcp_resources import after, project
from components.monitoring import MonitoringArgs
from components.names import name, prefix, tags
from components.registry.gcp import foundation
from components.settings import Model, Settings

PUBLISHER = "serviceAccount:service-{}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
THRESHOLDS = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))


def receivers(settings: Settings, opts: pulumi.ResourceOptions) -> list[pulumi.Output[str]]:
    """A channel for each receiver of alarms."""
    given = [
        *(("email", {"email_address": address}) for address in settings.alerts.emails),
        *(("webhook_tokenauth", {"url": url}) for url in settings.alerts.webhooks),
    ]
    return [
        gcp.monitoring.NotificationChannel(
            f"receiver-{place}",
            gcp.monitoring.NotificationChannelArgs(
                type=kind, display_name=prefix(settings), labels=where, user_labels=tags(settings)
            ),
            opts,
        ).name
        for place, (kind, where) in enumerate(given)
    ]


def drift_topic(
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


def budget(
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
