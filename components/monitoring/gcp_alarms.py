"""The alarms of a model on Google Cloud, and the metrics that they are about.

An alert policy is refused while the service does not know its metric, and it learns of one late: so
what the stack measures itself has descriptors from the start, the drift check's clock is in PromQL,
which takes metrics that do not exist yet, and failed runs are matched in the log, with no metric.
Metrics of Vertex AI: https://cloud.google.com/monitoring/api/metrics_gcp_a_b#gcp-aiplatform.
PromQL names: https://cloud.google.com/monitoring/promql/promql-mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pulumi
import pulumi_gcp as gcp

from components.monitoring import MonitoringArgs
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import endpoint_id, metric
from training.monitoring.rules import AlarmRule, Metric
from training.pipeline import PIPELINES

# The stack's own metrics, with the labels that tell their series apart.
METRICS = {
    "drifted_features": ("model",),
    "drift_check_completed": ("model",),
    "drift_effect": ("model", "feature"),
    "champion_version": ("model",),
    "model_metric": ("model", "version"),
}
ENDPOINT = 'resource.type="aiplatform.googleapis.com/Endpoint"'
PIPELINE = 'resource.type="aiplatform.googleapis.com/PipelineJob"'
ONLINE = "aiplatform.googleapis.com/prediction/online"
EITHER = f"({'|'.join(pipeline.name for pipeline in PIPELINES)})"
MINUTE = 60
# Alarms on what releases deploy are about each deployment: a version that gets a tenth of the
# requests is seen as well as one that gets them all.
BY_DEPLOYMENT = ["metric.label.deployed_model_id"]
# A missed check is told of for so long; then nobody seems to wait for it.
REMEMBERED = "28d"
# An incident of a failed run: one notification in this time, and over half an hour after the last.
RATE_SECONDS, CLOSE_SECONDS = 300, 1800

Condition = gcp.monitoring.AlertPolicyConditionArgs
Threshold = gcp.monitoring.AlertPolicyConditionConditionThresholdArgs
Aggregation = gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs
Compiler = Callable[[AlarmRule, ModelScope], Condition]


def create_metrics(
    scope: StackScope, opts: pulumi.ResourceOptions
) -> list[gcp.monitoring.MetricDescriptor]:
    """The stack's own metrics, so that alarms on them can be made before their first values."""
    return [
        gcp.monitoring.MetricDescriptor(
            name,
            gcp.monitoring.MetricDescriptorArgs(
                type=metric(scope, name),
                metric_kind="GAUGE",
                value_type="DOUBLE",
                display_name=f"{scope.prefix} {name}",
                description=name.replace("_", " "),
                labels=[
                    gcp.monitoring.MetricDescriptorLabelArgs(key=key, value_type="STRING")
                    for key in labels
                ],
            ),
            opts,
        )
        for name, labels in METRICS.items()
    ]


def create_failed_runs(scope: ModelScope, opts: pulumi.ResourceOptions) -> gcp.logging.Metric:
    """A count of the runs that failed, for the dashboard and for `mlops status`."""
    return gcp.logging.Metric(
        f"{scope.model.name}-failed-runs",
        gcp.logging.MetricArgs(
            name=scope.name("failed-runs"),
            filter=failed_run(scope),
            metric_descriptor=gcp.logging.MetricMetricDescriptorArgs(
                metric_kind="DELTA", value_type="INT64"
            ),
        ),
        opts,
    )


def failed_run(scope: ModelScope) -> str:
    """The log entries of runs that failed: a run's id begins with the name of its pipeline."""
    return (
        f'{PIPELINE} AND jsonPayload.state="PIPELINE_STATE_FAILED" AND '
        f'resource.labels.pipeline_job_id=~"^{scope.name()}-{EITHER}-"'
    )


def series(rule: AlarmRule, scope: ModelScope) -> str:
    """The filter of the time series that a rule is about."""
    return SERIES[rule.metric](scope)


def compile_alarm(rule: AlarmRule, scope: ModelScope, args: MonitoringArgs) -> Condition:
    """The condition of an alert policy that a rule amounts to.

    The endpoint goes by a number that follows from its name, so nothing of `args` is asked for.
    """
    return ALARMS[rule.metric](rule, scope)


def _drifted_features(rule: AlarmRule, scope: ModelScope) -> Condition:
    # Checks are hours apart: each counts for an hour.
    aggregation = _aggregation(60 * MINUTE, "ALIGN_MAX", "REDUCE_MAX")
    return _above(rule, series(rule, scope), aggregation)


def _failed_runs(rule: AlarmRule, scope: ModelScope) -> Condition:
    match = gcp.monitoring.AlertPolicyConditionConditionMatchedLogArgs(filter=failed_run(scope))
    return Condition(display_name=rule.description, condition_matched_log=match)


def _endpoint_down(rule: AlarmRule, scope: ModelScope) -> Condition:
    # An endpoint that never served has no replicas to miss.
    absent = gcp.monitoring.AlertPolicyConditionConditionAbsentArgs(
        filter=series(rule, scope),
        duration=_seconds(rule.window_minutes * MINUTE),
        aggregations=[
            gcp.monitoring.AlertPolicyConditionConditionAbsentAggregationArgs(
                alignment_period=_seconds(MINUTE),
                per_series_aligner="ALIGN_MEAN",
                cross_series_reducer="REDUCE_SUM",
            )
        ],
    )
    return Condition(display_name=rule.description, condition_absent=absent)


def _error_share(rule: AlarmRule, scope: ModelScope) -> Condition:
    answers = series(rule, scope)
    window = rule.window_minutes * MINUTE
    threshold = Threshold(
        # The label has the class of a code, 5xx, or the code.
        filter=f'{answers} AND metric.labels.response_code=starts_with("5")',
        denominator_filter=answers,
        aggregations=[_aggregation(window, "ALIGN_DELTA", "REDUCE_SUM", BY_DEPLOYMENT)],
        denominator_aggregations=[
            gcp.monitoring.AlertPolicyConditionConditionThresholdDenominatorAggregationArgs(
                alignment_period=_seconds(window),
                per_series_aligner="ALIGN_DELTA",
                cross_series_reducer="REDUCE_SUM",
                group_by_fields=BY_DEPLOYMENT,
            )
        ],
        comparison="COMPARISON_GT",
        threshold_value=rule.threshold,
        duration="0s",
    )
    return Condition(display_name=rule.description, condition_threshold=threshold)


def _latency_p95_ms(rule: AlarmRule, scope: ModelScope) -> Condition:
    # The metric is in milliseconds, as the rule is.
    total = f'{series(rule, scope)} AND metric.labels.latency_type="total"'
    window = rule.window_minutes * MINUTE
    aggregation = _aggregation(window, "ALIGN_PERCENTILE_95", "REDUCE_MAX", BY_DEPLOYMENT)
    return _above(rule, total, aggregation)


def _hours_since_drift_check(rule: AlarmRule, scope: ModelScope) -> Condition:
    # The first release writes a 0 (training.endpoint.gcp): the clock starts with it.
    name = promql(metric(scope.stack, "drift_check_completed"))
    checks = f'{name}{{model="{scope.model.name}"}}'
    query = (
        f"count_over_time({checks}[{REMEMBERED}]) unless "
        f"count_over_time({checks}[{rule.window_minutes}m])"
    )
    language = gcp.monitoring.AlertPolicyConditionConditionPrometheusQueryLanguageArgs(
        query=query,
        duration="0s",
        evaluation_interval=_seconds(5 * MINUTE),
        disable_metric_validation=True,
    )
    return Condition(
        display_name=f"{rule.description} in {rule.threshold:g} hours",
        condition_prometheus_query_language=language,
    )


def _own_series(name: str) -> Callable[[ModelScope], str]:
    """The series of one of the stack's own metrics."""
    return lambda scope: (
        f'metric.type="{metric(scope.stack, name)}" AND resource.type="global" '
        f'AND metric.labels.model="{scope.model.name}"'
    )


def _endpoint_series(name: str) -> Callable[[ModelScope], str]:
    """The series of a metric of Vertex AI about the model's endpoint."""
    return lambda scope: (
        f'metric.type="{ONLINE}/{name}" AND {ENDPOINT} '
        f'AND resource.labels.endpoint_id="{endpoint_id(scope.name())}"'
    )


def failed_runs_metric(scope: ModelScope) -> str:
    """The type of the metric that counts failed runs."""
    return f"logging.googleapis.com/user/{scope.name('failed-runs')}"


def _failed_series(scope: ModelScope) -> str:
    return f'metric.type="{failed_runs_metric(scope)}" AND {PIPELINE}'


SERIES: dict[Metric, Callable[[ModelScope], str]] = {
    Metric.DRIFTED_FEATURES: _own_series("drifted_features"),
    Metric.FAILED_RUNS: _failed_series,
    Metric.ENDPOINT_DOWN: _endpoint_series("replicas"),
    Metric.ERROR_SHARE: _endpoint_series("response_count"),
    Metric.LATENCY_P95_MS: _endpoint_series("prediction_latencies"),
    Metric.HOURS_SINCE_DRIFT_CHECK: _own_series("drift_check_completed"),
}
ALARMS: dict[Metric, Compiler] = {
    Metric.DRIFTED_FEATURES: _drifted_features,
    Metric.FAILED_RUNS: _failed_runs,
    Metric.ENDPOINT_DOWN: _endpoint_down,
    Metric.ERROR_SHARE: _error_share,
    Metric.LATENCY_P95_MS: _latency_p95_ms,
    Metric.HOURS_SINCE_DRIFT_CHECK: _hours_since_drift_check,
}


def promql(kind: str) -> str:
    """The name of a metric type in PromQL: the first slash is a colon, the rest _."""
    domain, _, path = kind.partition("/")
    return f"{re.sub(r'[^A-Za-z0-9]', '_', domain)}:{re.sub(r'[^A-Za-z0-9]', '_', path)}"


def _above(rule: AlarmRule, text: str, aggregation: Aggregation) -> Condition:
    threshold = Threshold(
        filter=text,
        aggregations=[aggregation],
        comparison="COMPARISON_GT",
        threshold_value=rule.threshold,
        duration="0s",
    )
    return Condition(display_name=rule.description, condition_threshold=threshold)


def _aggregation(
    seconds: int, aligner: str, reducer: str, by: list[str] | None = None
) -> Aggregation:
    return Aggregation(
        alignment_period=_seconds(seconds),
        per_series_aligner=aligner,
        cross_series_reducer=reducer,
        group_by_fields=by,
    )


def _seconds(seconds: int) -> str:
    return f"{seconds}s"
