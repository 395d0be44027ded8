"""The alarms of a model as conditions of Cloud Monitoring, by the name of their rule.

Metrics of Vertex AI: https://cloud.google.com/monitoring/api/metrics_gcp_a_b#gcp-aiplatform.
PromQL names: https://cloud.google.com/monitoring/promql/promql-mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pulumi_gcp as gcp

from training.monitoring.rules import AlarmRule

ENDPOINT = 'resource.type="aiplatform.googleapis.com/Endpoint"'
PIPELINE = 'resource.type="aiplatform.googleapis.com/PipelineJob"'
ONLINE = "aiplatform.googleapis.com/prediction/online"
MINUTE, FIVE_MINUTES = "60s", "300s"
# A missed check is told of for so long; then nobody seems to wait for it.
REMEMBERED = "28d"

Condition = gcp.monitoring.AlertPolicyConditionArgs


class Alarms:
    """Conditions for one model: its endpoint's id, and the types of its own metrics."""

    def __init__(self, model: str, endpoint: str, metric: Callable[[str], str], runs: str) -> None:
        self._model, self._endpoint, self._metric, self._runs = model, endpoint, metric, runs

    def condition(self, rule: AlarmRule) -> Condition:
        """The condition of a rule, by the metric that it names."""
        return getattr(self, f"_{rule.metric.value}")(rule)

    def filter(self, rule: AlarmRule) -> str:
        """The time series that the rule is about."""
        return {
            "drifted_features": self._own("drifted_features"),
            "failed_runs": f'metric.type="{self._runs}" AND {PIPELINE}',
            "endpoint_down": self._served("replicas"),
            "error_share": self._served("response_count"),
            "latency_p95_ms": self._served("prediction_latencies"),
            "hours_since_drift_check": self._own("drift_check_completed"),
        }[rule.metric.value]

    def _drifted_features(self, rule: AlarmRule) -> Condition:
        return _above(rule, self.filter(rule), "3600s", "ALIGN_MAX", "0s")

    def _failed_runs(self, rule: AlarmRule) -> Condition:
        return _above(rule, self.filter(rule), FIVE_MINUTES, "ALIGN_DELTA", "0s")

    def _endpoint_down(self, rule: AlarmRule) -> Condition:
        # An endpoint that never served has no replicas to miss.
        absent = gcp.monitoring.AlertPolicyConditionConditionAbsentArgs(
            filter=self.filter(rule),
            duration=FIVE_MINUTES,
            aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionAbsentAggregationArgs(
                    alignment_period=MINUTE,
                    per_series_aligner="ALIGN_MEAN",
                    cross_series_reducer="REDUCE_SUM",
                )
            ],
        )
        return Condition(display_name=rule.description, condition_absent=absent)

    def _error_share(self, rule: AlarmRule) -> Condition:
        series = self.filter(rule)
        failed = f'{series} AND metric.labels.response_code=starts_with("5")'
        threshold = gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
            filter=failed,
            denominator_filter=series,
            aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                    alignment_period=FIVE_MINUTES,
                    per_series_aligner="ALIGN_DELTA",
                    cross_series_reducer="REDUCE_SUM",
                )
            ],
            denominator_aggregations=[
                gcp.monitoring.AlertPolicyConditionConditionThresholdDenominatorAggregationArgs(
                    alignment_period=FIVE_MINUTES,
                    per_series_aligner="ALIGN_DELTA",
                    cross_series_reducer="REDUCE_SUM",
                )
            ],
            comparison="COMPARISON_GT",
            threshold_value=rule.threshold,
            duration="0s",
        )
        return Condition(display_name=rule.description, condition_threshold=threshold)

    def _latency_p95_ms(self, rule: AlarmRule) -> Condition:
        total = f'{self.filter(rule)} AND metric.labels.latency_type="total"'
        return _above(rule, total, FIVE_MINUTES, "ALIGN_PERCENTILE_95", "0s")

    def _hours_since_drift_check(self, rule: AlarmRule) -> Condition:
        # The first release writes a 0 (training.endpoint.gcp): the clock starts with it.
        series = f'{promql(self._metric("drift_check_completed"))}{{model="{self._model}"}}'
        hours = f"{rule.threshold:g}"
        minutes = round(float(rule.threshold) * 60)
        query = (
            f"count_over_time({series}[{REMEMBERED}]) unless count_over_time({series}[{minutes}m])"
        )
        language = gcp.monitoring.AlertPolicyConditionConditionPrometheusQueryLanguageArgs(
            query=query, duration="0s", evaluation_interval=FIVE_MINUTES
        )
        return Condition(
            display_name=f"{rule.description} in {hours} hours",
            condition_prometheus_query_language=language,
        )

    def _own(self, what: str) -> str:
        kind = self._metric(what)
        return (
            f'metric.type="{kind}" AND resource.type="global" '
            f'AND metric.labels.model="{self._model}"'
        )

    def _served(self, what: str) -> str:
        return (
            f'metric.type="{ONLINE}/{what}" AND {ENDPOINT} '
            f'AND resource.labels.endpoint_id="{self._endpoint}"'
        )


def promql(kind: str) -> str:
    """The name of a metric type in PromQL: the first slash is a colon, the rest _."""
    domain, _, rest = kind.partition("/")
    return f"{re.sub(r'[^A-Za-z0-9]', '_', domain)}:{re.sub(r'[^A-Za-z0-9]', '_', rest)}"


def _above(rule: AlarmRule, series: str, period: str, aligner: str, duration: str) -> Condition:
    threshold = gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=series,
        aggregations=[
            gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period=period,
                per_series_aligner=aligner,
                cross_series_reducer="REDUCE_MAX",
            )
        ],
        comparison="COMPARISON_GT",
        threshold_value=rule.threshold,
        duration=duration,
    )
    return Condition(display_name=rule.description, condition_threshold=threshold)
