"""Monitoring on AWS: CloudWatch alarms and a dashboard per model, one encrypted topic."""

from __future__ import annotations

import math
from typing import Any

import pulumi
import pulumi_aws as aws

from components import aws_policies
from components.aws_calls import NAMESPACE
from components.aws_resources import document
from components.endpoint.aws import VARIANT
from components.monitoring import (
    DRIFT_ALARM,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.monitoring.aws_dashboard import dashboard
from components.names import name, prefix, tags
from components.registry.aws import foundation
from components.settings import Model
from training import pipeline as neutral

HOUR = 3600


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
                **_condition(rule, args, settings),
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


def _condition(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    """When the alarm of a rule fires, in the rule's own unit.

    Sources of the service's metrics, those of pipelines at the end of the page:
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    """
    conditions = {
        "drifted_features": _drift,
        "failed_runs": _failed_runs,
        "endpoint_down": _down,
        "error_share": _errors,
        "latency_p95_ms": _latency,
        "hours_since_drift_check": _missed,
    }
    return conditions[rule["metric"]](rule, args, model)


def _drift(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    # Between two checks there is no value: the state stays what the last check made it.
    return {
        **_above(rule, periods=1, missing="ignore"),
        "namespace": NAMESPACE,
        "metric_name": "drifted_features",
        "dimensions": {"stack": pulumi.get_stack(), "model": model.name},
        "statistic": "Maximum",
        "period": 300,
    }


def _missed(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    # An hour in which no check ended is a missing value; so many in a row are too many. So the
    # alarm of a new stack is on until its first check, which is true: nothing has looked yet.
    hours = math.ceil(rule["above"])
    return {
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "evaluation_periods": hours,
        "datapoints_to_alarm": hours,
        "treat_missing_data": "breaching",
        "namespace": NAMESPACE,
        "metric_name": "drift_check_completed",
        "dimensions": {"stack": pulumi.get_stack(), "model": model.name},
        "statistic": "Sum",
        "period": HOUR,
    }


def _failed_runs(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    names = [name(args.settings, model, pipeline.name) for pipeline in neutral.PIPELINES]
    failed = [
        _query(
            f"m{number}",
            "AWS/Sagemaker/ModelBuildingPipeline",
            "ExecutionFailed",
            {"PipelineName": each},
            "Sum",
            300,
        )
        for number, each in enumerate(names)
    ]
    total = " + ".join(f"FILL(m{number}, 0)" for number in range(len(names)))
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "metric_queries": [*failed, _result(total, "failed runs")],
    }


def _down(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    # Every instance in service reports once a minute.
    reports = _query(
        "m0",
        "/aws/sagemaker/Endpoints",
        "CPUUtilization",
        _variant(args, model),
        "SampleCount",
        60,
    )
    return {
        **_above(rule, periods=5, missing="breaching"),
        "metric_queries": [reports, _result("IF(FILL(m0, 0) > 0, 0, 1)", "endpoint down")],
    }


def _errors(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    # 1 for each answer that is an error, 0 for each other: the average is their share.
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "namespace": "AWS/SageMaker",
        "metric_name": "Invocation5XXErrors",
        "dimensions": _variant(args, model),
        "statistic": "Average",
        "period": 60,
    }


def _latency(rule: dict[str, Any], args: MonitoringArgs, model: Model) -> dict[str, Any]:
    latency = _query("m0", "AWS/SageMaker", "ModelLatency", _variant(args, model), "p95", 60)
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "metric_queries": [latency, _result("m0 / 1000", "p95 in milliseconds")],
    }


def _variant(args: MonitoringArgs, model: Model) -> dict[str, pulumi.Input[str]]:
    endpoint = args.endpoint.models[model.name].endpoint
    return {"EndpointName": endpoint, "VariantName": VARIANT}


def _above(rule: dict[str, Any], periods: int, missing: str) -> dict[str, Any]:
    return {
        "comparison_operator": "GreaterThanThreshold",
        "threshold": rule["above"],
        "evaluation_periods": periods,
        "treat_missing_data": missing,
    }


def _query(
    id: str,
    namespace: str,
    metric: str,
    dimensions: dict[str, Any],
    statistic: str,
    period: int,
) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=id,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            stat=statistic,
            period=period,
        ),
    )


def _result(expression: str, label: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="value", expression=expression, label=label, return_data=True
    )


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
        ),
        opts=opts,
    )
