"""Who hears alarms on Google Cloud: people, what starts a retraining, and who pays."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.monitoring import MonitoringArgs
from components.registry.gcp import foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import after, project

PUBLISHER = "serviceAccount:service-{}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
THRESHOLDS = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))


def receivers(scope: StackScope, opts: pulumi.ResourceOptions) -> list[pulumi.Output[str]]:
    """A channel for each receiver of alarms."""
    given = [
        *(("email", {"email_address": address}) for address in scope.settings.alerts.emails),
        *(("webhook_tokenauth", {"url": url}) for url in scope.settings.alerts.webhooks),
    ]
    return [
        gcp.monitoring.NotificationChannel(
            f"receiver-{place}",
            gcp.monitoring.NotificationChannelArgs(
                type=kind, display_name=scope.prefix, labels=where, user_labels=scope.tags
            ),
            opts,
        ).name
        for place, (kind, where) in enumerate(given)
    ]


def drift_topic(
    args: MonitoringArgs, scope: ModelScope, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str] | None, pulumi.Output[str] | None]:
    """The topic of the drift alarm and the channel to it, if a retraining is started by it."""
    if not scope.model.retraining.on_drift:
        return None, None
    base = foundation(args.registry)
    ready = after(opts, args.registry)
    topic = gcp.pubsub.Topic(
        f"{scope.model.name}-drift",
        gcp.pubsub.TopicArgs(name=scope.name("drift"), labels=scope.tags),
        ready,
    )
    channel = gcp.monitoring.NotificationChannel(
        f"{scope.model.name}-drift",
        gcp.monitoring.NotificationChannelArgs(
            type="pubsub",
            display_name=scope.name("drift"),
            labels={"topic": topic.id},
            user_labels=scope.tags,
        ),
        ready,
    )
    # The account that publishes comes with the project's first channel of this type.
    # https://cloud.google.com/monitoring/support/notification-options#pubsub
    gcp.pubsub.TopicIAMMember(
        f"{scope.model.name}-drift",
        gcp.pubsub.TopicIAMMemberArgs(
            topic=topic.id,
            role="roles/pubsub.publisher",
            member=base.number.apply(PUBLISHER.format),
        ),
        after(opts, channel),
    )
    return topic.id, channel.name


def budget(
    scope: StackScope, channels: list[pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> None:
    """An alarm on what the project's resources with the stack's label cost."""
    if scope.settings.budget.monthly is None:
        return
    own = [
        gcp.monitoring.NotificationChannel(
            f"budget-{place}",
            gcp.monitoring.NotificationChannelArgs(
                type="email", display_name=scope.prefix, labels={"email_address": address}
            ),
            opts,
        ).name
        for place, address in enumerate(scope.settings.budget.receivers)
    ]
    found = gcp.organizations.get_project_output(project_id=project())
    gcp.billing.Budget(
        "budget",
        gcp.billing.BudgetArgs(
            billing_account=found.billing_account,
            display_name=scope.prefix,
            amount=gcp.billing.BudgetAmountArgs(
                specified_amount=gcp.billing.BudgetAmountSpecifiedAmountArgs(
                    units=str(round(scope.settings.budget.monthly))
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
