"""Alarm conditions on AWS: the rules as CloudWatch alarms, in the rule's own unit.

Sources of the service's metrics, those of pipelines at the end of the page:
https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from __future__ import annotations

import math
from typing import Any

import pulumi
import pulumi_aws as aws

from components.endpoint.aws import VARIANT
from components.monitoring import MonitoringArgs
from components.scope import ModelScope
from components.targets.aws.permissions import NAMESPACE
from training import pipeline as neutral
from training.monitoring.rules import AlarmRule

HOUR = 3600


def condition(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    """The condition of a rule: the arguments of a MetricAlarm."""
    conditions = {
        "drifted_features": _drift,
        "failed_runs": _failed_runs,
        "endpoint_down": _down,
        "error_share": _errors,
        "latency_p95_ms": _latency,
        "hours_since_drift_check": _missed,
    }
    return conditions[rule.metric.value](rule, args, scope)


def _drift(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    # Between two checks there is no value: the state stays what the last check made it.
    return {
        **_above(rule, periods=1, missing="ignore"),
        "namespace": NAMESPACE,
        "metric_name": "drifted_features",
        "dimensions": {"stack": pulumi.get_stack(), "model": scope.model.name},
        "statistic": "Maximum",
        "period": 300,
    }


def _missed(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    # An hour in which no check ended is a missing value; so many in a row are too many. So the
    # alarm of a new stack is on until its first check, which is true: nothing has looked yet.
    hours = math.ceil(rule.threshold)
    return {
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "evaluation_periods": hours,
        "datapoints_to_alarm": hours,
        "treat_missing_data": "breaching",
        "namespace": NAMESPACE,
        "metric_name": "drift_check_completed",
        "dimensions": {"stack": pulumi.get_stack(), "model": scope.model.name},
        "statistic": "Sum",
        "period": HOUR,
    }


def _failed_runs(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    names = [scope.name(pipeline.name) for pipeline in neutral.PIPELINES]
    failed = [
        _query(
            f"m{number}",
            "AWS/Sagemaker/ModelBuildingPipeline",
            "ExecutionFailed",
            {"PipelineName": name},
            "Sum",
            300,
        )
        for number, name in enumerate(names)
    ]
    total = " + ".join(f"FILL(m{number}, 0)" for number in range(len(names)))
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "metric_queries": [*failed, _result(total, "failed runs")],
    }


def _down(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    # Every instance in service reports once a minute.
    reports = _query(
        "m0",
        "/aws/sagemaker/Endpoints",
        "CPUUtilization",
        _variant(args, scope),
        "SampleCount",
        60,
    )
    return {
        **_above(rule, periods=5, missing="breaching"),
        "metric_queries": [reports, _result("IF(FILL(m0, 0) > 0, 0, 1)", "endpoint down")],
    }


def _errors(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    # 1 for each answer that is an error, 0 for each other: the average is their share.
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "namespace": "AWS/SageMaker",
        "metric_name": "Invocation5XXErrors",
        "dimensions": _variant(args, scope),
        "statistic": "Average",
        "period": 60,
    }


def _latency(rule: AlarmRule, args: MonitoringArgs, scope: ModelScope) -> dict[str, Any]:
    latency = _query("m0", "AWS/SageMaker", "ModelLatency", _variant(args, scope), "p95", 60)
    return {
        **_above(rule, periods=1, missing="notBreaching"),
        "metric_queries": [latency, _result("m0 / 1000", "p95 in milliseconds")],
    }


def _variant(args: MonitoringArgs, scope: ModelScope) -> dict[str, pulumi.Input[str]]:
    endpoint = args.endpoint.models[scope.model.name].endpoint
    return {"EndpointName": endpoint, "VariantName": VARIANT}


def _above(rule: AlarmRule, periods: int, missing: str) -> dict[str, Any]:
    return {
        "comparison_operator": "GreaterThanThreshold",
        "threshold": rule.threshold,
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
