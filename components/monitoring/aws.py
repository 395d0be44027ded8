"""Monitoring on AWS: CloudWatch alarms and a dashboard per model, one encrypted topic."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import aws_policies
from components.aws_resources import document
from components.monitoring import (
    DRIFT_ALARM,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.aws_alarms import condition
from components.monitoring.aws_dashboard import dashboard
from components.names import name, prefix, tags
from components.registry.aws import foundation
from components.settings import Model


def shared(args: MonitoringArgs, opts: pulumi.ResourceOptions) -> MonitoringShared:
    """The topic, who hears of it, and the budget."""
    settings, base = args.settings, foundation(args.registry)
    topic = aws.sns.Topic(
        "alarms",
        aws.sns.TopicArgs(
            name=f"{prefix(settings)}-alarms", kms_master_key_id=base.key, tags=tags(settings)
        ),
        opts=opts,
    )
    policy = aws.sns.TopicPolicy(
        "alarms",
        aws.sns.TopicPolicyArgs(
            arn=topic.arn, policy=aws_policies.topic_policy(topic.arn, base.places(settings))
        ),
        opts=opts,
    )
    receivers = [("email", address) for address in settings.alerts.emails]
    receivers += [("https", url) for url in settings.alerts.webhooks]
    for number, (protocol, address) in enumerate(receivers):
        aws.sns.TopicSubscription(
            f"alarms-{number}",
            aws.sns.TopicSubscriptionArgs(topic=topic.arn, protocol=protocol, endpoint=address),
            opts=opts,
        )
    open_topic = pulumi.Output.all(topic.arn, policy.id).apply(lambda known: known[0])
    _budget(args, open_topic, opts)
    return MonitoringShared(receivers=open_topic.apply(lambda arn: [arn]))


def model(
    args: MonitoringArgs, settings: Model, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarms, its dashboard, and the document of both."""
    base = foundation(args.registry)
    found = []
    for rule in rules(settings):
        alarm = aws.cloudwatch.MetricAlarm(
            f"{settings.name}-{rule['name']}",
            aws.cloudwatch.MetricAlarmArgs(
                name=name(args.settings, settings, rule["name"]),
                alarm_description=f"{settings.name}: {rule['says']}",
                alarm_actions=shared.receivers,
                ok_actions=shared.receivers,
                tags=tags(args.settings, settings),
                **condition(rule, args, settings),
            ),
            opts=opts,
        )
        found.append({**rule, "alarm": alarm.name})
    aws.cloudwatch.Dashboard(
        f"{settings.name}-dashboard",
        aws.cloudwatch.DashboardArgs(
            dashboard_name=name(args.settings, settings),
            dashboard_body=pulumi.Output.json_dumps(
                dashboard(
                    pulumi.get_stack(), settings.name, name(args.settings, settings), base.region
                )
            ),
        ),
        opts=opts,
    )
    written = document(
        f"{settings.name}-alarms",
        base.bucket,
        f"models/{settings.name}/alarms.json",
        {"rules": found},
        opts,
    )
    return MonitoringModel(alarms=written.key, drift_alarm=DRIFT_ALARM)


def _budget(args: MonitoringArgs, topic: pulumi.Output[str], opts: pulumi.ResourceOptions) -> None:
    settings, budget = args.settings, args.settings.budget
    if budget.monthly is None:
        return
    receivers = budget.receivers or settings.alerts.emails

    def notice(kind: str, percent: int) -> aws.budgets.BudgetNotificationArgs:
        return aws.budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            notification_type=kind,
            threshold=percent,
            threshold_type="PERCENTAGE",
            subscriber_email_addresses=receivers,
            subscriber_sns_topic_arns=[topic],
        )

    aws.budgets.Budget(
        "budget",
        aws.budgets.BudgetArgs(
            name=prefix(settings),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{budget.monthly:g}",
            limit_unit="USD",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[f"user:stack${pulumi.get_stack()}"]
                )
            ],
            notifications=[notice("ACTUAL", 80), notice("ACTUAL", 100), notice("FORECASTED", 100)],
            tags=tags(settings),
        ),
        opts=opts,
    )
