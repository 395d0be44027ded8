"""Monitoring on AWS: CloudWatch alarms and a dashboard per model, one encrypted topic."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pulumi
import pulumi_aws as aws

from components.monitoring import (
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    alarm_rules,
)
from components.monitoring.aws_alarms import condition
from components.monitoring.aws_dashboard import dashboard
from components.registry.aws import foundation
from components.scope import ModelScope, StackScope
from components.targets.aws import policies
from components.targets.aws.resources import json_object
from training.monitoring.rules import DRIFT


def create_shared(
    scope: StackScope, args: MonitoringArgs, opts: pulumi.ResourceOptions
) -> MonitoringShared:
    """The topic, who hears of it, and the budget."""
    alerts, base = scope.settings.alerts, foundation(args.registry)
    topic = aws.sns.Topic(
        "alarms",
        aws.sns.TopicArgs(
            name=f"{scope.prefix}-alarms", kms_master_key_id=base.key, tags=scope.tags
        ),
        opts=opts,
    )
    policy = aws.sns.TopicPolicy(
        "alarms",
        aws.sns.TopicPolicyArgs(
            arn=topic.arn, policy=policies.topic_policy(topic.arn, base.arn_parts(scope))
        ),
        opts=opts,
    )
    receivers = [("email", address) for address in alerts.emails]
    receivers += [("https", url) for url in alerts.webhooks]
    for number, (protocol, address) in enumerate(dict.fromkeys(receivers)):
        # Named by content: Subscribe gives one subscription to one address, so a name by place
        # would make it anew and then take it away when the list loses its first.
        digest = hashlib.sha256(address.encode()).hexdigest()[:8]
        aws.sns.TopicSubscription(
            f"alarms-{protocol}-{digest}",
            aws.sns.TopicSubscriptionArgs(topic=topic.arn, protocol=protocol, endpoint=address),
            # As stacks have it that were brought up when it was named by its place.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(name=f"alarms-{number}")])
            ),
        )
    open_topic = pulumi.Output.all(topic.arn, policy.id).apply(lambda values: values[0])
    _budget(scope, open_topic, opts)
    return MonitoringShared(receivers=open_topic.apply(lambda arn: [arn]))


def create_model(
    scope: ModelScope, args: MonitoringArgs, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarms, its dashboard, and the document of both."""
    base = foundation(args.registry)
    rules = []
    for rule in alarm_rules(scope.model):
        alarm = aws.cloudwatch.MetricAlarm(
            f"{scope.model.name}-{rule.name}",
            aws.cloudwatch.MetricAlarmArgs(
                name=scope.name(rule.name),
                alarm_description=f"{scope.model.name}: {rule.description}",
                alarm_actions=shared.receivers,
                ok_actions=shared.receivers,
                tags=scope.tags,
                **condition(rule, args, scope),
            ),
            opts=opts,
        )
        rules.append({**rule.as_document(), "alarm": alarm.name})
    aws.cloudwatch.Dashboard(
        f"{scope.model.name}-dashboard",
        aws.cloudwatch.DashboardArgs(
            dashboard_name=scope.name(),
            dashboard_body=pulumi.Output.json_dumps(
                dashboard(pulumi.get_stack(), scope.model.name, scope.name(), base.region)
            ),
        ),
        opts=opts,
    )
    document = json_object(
        f"{scope.model.name}-alarms",
        base.bucket,
        f"models/{scope.model.name}/alarms.json",
        {"rules": rules},
        opts,
    )
    return MonitoringModel(alarms=document.key, drift_alarm=DRIFT)


def _budget(scope: StackScope, topic: pulumi.Output[str], opts: pulumi.ResourceOptions) -> None:
    budget = scope.settings.budget
    if budget.monthly is None:
        return
    receivers = budget.receivers or scope.settings.alerts.emails

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
            name=scope.prefix,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=_amount(budget.monthly),
            limit_unit="USD",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[f"user:stack${pulumi.get_stack()}"]
                )
            ],
            notifications=[notice("ACTUAL", 80), notice("ACTUAL", 100), notice("FORECASTED", 100)],
            tags=scope.tags,
        ),
        opts=opts,
    )


def _amount(value: float) -> str:
    """The number in full: AWS Budgets takes digits and a point, and no exponent.

    Spend.Amount in
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Spend.html
    """
    return format(Decimal(str(value)).normalize(), "f")
