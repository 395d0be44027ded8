"""Bad texts on Amazon Web Services: expressions over metrics, dashboards, and their like."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED, RULE, Planted

SINGLE = dict.fromkeys(("metricName", "namespace", "period", "statistic", "dimensions"), REMOVED)
METRIC = {"metricName": "Errors", "namespace": "AWS/Lambda", "period": 60, "stat": "Sum"}
BAND = {"id": "band", "expression": "ANOMALY_DETECTION_BAND(m1, 2)"}
SCALING = "arn:aws:autoscaling:eu-central-1:123456789012:scalingPolicy:a:policyName/b"
CUSTOM = "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification"
PREDEFINED = "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification"


def _expressed(message: str, text: str, **more: Any) -> Planted:
    queries = [
        {"id": "m1", "metric": METRIC},
        {"id": "m2", "metric": METRIC},
        {"id": "e1", "expression": text, "returnData": True, **more},
    ]
    return Planted(RULE, "alarm", message, {**SINGLE, "metricQueries": queries})


def _banded(message: str, returned: bool, **more: Any) -> Planted:
    queries = [
        {"id": "m1", "metric": METRIC, "returnData": True},
        {**BAND, "returnData": returned},
    ]
    operator = {"comparisonOperator": "LessThanLowerThreshold", "thresholdMetricId": "band"}
    inputs = {**SINGLE, **operator, "threshold": REMOVED, "metricQueries": queries, **more}
    return Planted(RULE, "alarm", message, inputs)


def _metric_widget(message: str, body: dict[str, Any] | None = None, **properties: Any) -> Planted:
    metric = {"region": "eu-central-1", "metrics": [["sim", "drift"]], **properties}
    widgets = [{"type": "metric", "properties": metric, **(body or {})}]
    return Planted(RULE, "dashboard", message, {"dashboardBody": json.dumps({"widgets": widgets})})


def _tracked(message: str, *metrics: dict[str, Any]) -> Planted:
    return Planted(
        RULE, "scaling", message, {PREDEFINED: REMOVED, CUSTOM: {"metrics": list(metrics)}}
    )


TEXTS = [
    _expressed("SEARCH is not supported", "SUM(SEARCH('{AWS/Lambda} Errors', 'Sum'))"),
    _expressed("Unknown function FOO", "FOO(m1)"),
    _expressed("more than one time series", "METRICS()"),
    _expressed("more than one time series", "[m1, m2]"),
    _expressed("is no part of an expression", "m1 ? 1 : 0"),
    _expressed("an operand is missing", "m1 +"),
    _expressed("is one too many", "m1 m2"),
    _expressed("is no query such as", "SELECT AVG(Errors) FROM AWS/Lambda", period=60),
    _expressed("is no query such as", 'SELECT MEDIAN(Errors) FROM "AWS/Lambda"', period=60),
    _banded("must contain exactly one metric", returned=False),
    _banded("actions not supported", returned=True, alarmActions=[SCALING]),
    Planted(
        RULE,
        "alarm",
        "maximum is 10",
        {
            **SINGLE,
            "metricQueries": [
                {"id": f"e{number}", "expression": "1", "returnData": number == 1}
                for number in range(1, 12)
            ],
        },
    ),
    Planted(RULE, "alarm", "a percentile", {"evaluateLowSampleCountPercentiles": "ignore"}),
    _metric_widget("is no place", {"x": 0, "y": -1}),
    _metric_widget("width 25", {"width": 25}),
    _metric_widget("is not below max", yAxis={"left": {"min": 2, "max": 1}}),
    _metric_widget("should be another", legend={"position": "top"}),
    _metric_widget("neither left nor right", metrics=[["sim", "drift", {"yAxis": "middle"}]]),
    _metric_widget("Unknown function", metrics=[[{"expression": "FOO(1)", "id": "e1"}]]),
    Planted(
        RULE,
        "scaling",
        "only supported for ecs",
        {"policyType": "PredictiveScaling", PREDEFINED.partition(".")[0]: REMOVED},
    ),
    _tracked(
        "returns data, 2 do", {"id": "m1", "expression": "1"}, {"id": "m2", "expression": "2"}
    ),
    _tracked("the unknown id 'm9'", {"id": "e1", "expression": "m9 * 2"}),
    Planted(RULE, "repository", "can't be null", {"imageTagMutability": "MUTABLE_WITH_EXCLUSION"}),
    Planted(RULE, "parameter", "a level without a name", {"name": "/sim//a"}),
    Planted(RULE, "vpc", "is in 127.0.0.0/8", {"cidrBlock": "127.0.0.0/16"}),
    Planted(RULE, "subnet", "only with an IPv6", {"enableDns64": True}),
    Planted(RULE, "security", "reserved name", {"name": "default"}),
    Planted(RULE, "target", "0 is less than 60", {"retryPolicy": {"maximumRetryAttempts": 3}}),
    Planted(
        RULE,
        "subscription",
        "holds an underscore",
        {"protocol": "https", "endpoint": "https://a_host.example.org/hook"},
    ),
    Planted(RULE, "logfilter", "in double quotes", {"pattern": "{ $.level = 'ERROR' }"}),
]
