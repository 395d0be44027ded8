"""Notification channels on Google Cloud: for people, for retraining, and for the budget."""

from __future__ import annotations

import asyncio
import hashlib

import pulumi
import pulumi_gcp as gcp

from components.monitoring import MonitoringArgs
from components.registry.gcp import Foundation, foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import depending_on, project
from training.errors import UserError

PUBLISHER = "serviceAccount:service-{}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
THRESHOLDS = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))
# The Billing API has been enabled in this run, and does not answer at once.
BILLING_SECONDS, BILLING_PAUSE = 300, 5


def create_receivers(scope: StackScope, opts: pulumi.ResourceOptions) -> list[pulumi.Output[str]]:
    """A channel for each receiver of alarms, those by mail first."""
    receivers = [
        *(("email", {"email_address": email}) for email in scope.settings.alerts.emails),
        *(("webhook_tokenauth", {"url": url}) for url in scope.settings.alerts.webhooks),
    ]
    return [
        _channel("receiver", index, kind, labels, scope, opts)
        for index, (kind, labels) in enumerate(receivers)
    ]


def _channel(
    stem: str,
    index: int,
    kind: str,
    labels: dict[str, str],
    scope: StackScope,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """A channel that is called by whom it reaches, so that a list can be edited anywhere.

    Channels were once called by their place in the list, `index`: such a one is taken over by
    whoever stands there now, since what changes of it changes in place.
    """
    (address,) = labels.values()
    digest = hashlib.sha256(f"{kind}:{address}".encode()).hexdigest()[:8]
    aliases = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=f"{stem}-{index}")])
    return gcp.monitoring.NotificationChannel(
        f"{stem}-{digest}",
        gcp.monitoring.NotificationChannelArgs(
            type=kind, display_name=scope.prefix, labels=labels, user_labels=scope.tags
        ),
        pulumi.ResourceOptions.merge(opts, aliases),
    ).name


def create_drift_topic(
    args: MonitoringArgs, scope: ModelScope, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str] | None, pulumi.Output[str] | None]:
    """The topic of the drift alarm and the channel to it, if a retraining is started by it."""
    if not scope.model.retraining.on_drift:
        return None, None
    base = foundation(args.registry)
    ready = depending_on(opts, args.registry)
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
        depending_on(opts, channel),
    )
    return topic.id, channel.name


def create_budget(
    scope: StackScope,
    base: Foundation,
    mails: list[pulumi.Output[str]],
    opts: pulumi.ResourceOptions,
) -> None:
    """An alarm on what the project's resources with the stack's label cost.

    `mails` are the channels of alarms that a budget can be told to as well.
    """
    if scope.settings.budget.monthly is None:
        return
    budget_channels = [
        _channel("budget", index, "email", {"email_address": email}, scope, opts)
        for index, email in enumerate(scope.settings.budget.receivers)
    ]
    # Budgets are the billing account's. An API that is no project's is asked in the name of one,
    # or refuses whoever signed in with `gcloud auth application-default login`.
    # https://cloud.google.com/docs/quotas/set-quota-project
    payer = gcp.Provider(
        "billing",
        gcp.ProviderArgs(project=project(), billing_project=project(), user_project_override=True),
        pulumi.ResourceOptions(parent=opts.parent),
    )
    gcp.billing.Budget(
        "budget",
        gcp.billing.BudgetArgs(
            billing_account=base.number.apply(_billing_account),
            display_name=scope.prefix,
            amount=gcp.billing.BudgetAmountArgs(
                specified_amount=gcp.billing.BudgetAmountSpecifiedAmountArgs(
                    units=str(round(scope.settings.budget.monthly))
                )
            ),
            budget_filter=gcp.billing.BudgetBudgetFilterArgs(
                projects=[base.number.apply("projects/{}".format)],
                labels={"stack": pulumi.get_stack()},
            ),
            threshold_rules=[
                gcp.billing.BudgetThresholdRuleArgs(threshold_percent=share, spend_basis=basis)
                for share, basis in THRESHOLDS
            ],
            all_updates_rule=gcp.billing.BudgetAllUpdatesRuleArgs(
                monitoring_notification_channels=budget_channels or mails
            ),
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=payer)),
    )


async def _billing_account(number: str) -> str:
    """The id of the account that pays for the project `number`.

    Until the Billing API answers, the provider says that there is none.
    """
    for _ in range(BILLING_SECONDS // BILLING_PAUSE):
        answer = await gcp.organizations.get_project_output(project_id=project()).future()
        if answer is not None and answer.billing_account:
            return answer.billing_account
        await asyncio.sleep(BILLING_PAUSE)
    raise UserError(
        f"mlops:budget.monthly: project {project()} ({number}) has no billing account, or none "
        "that you may see: link one, or get roles/billing.viewer on it"
    )
