"""CloudWatch: alarms, dashboards, logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import (
    COMPOSITE_ALARM,
    ENDPOINT,
    LOG_GROUP,
    METRIC_ALARM,
    key,
)
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import (
    PathRule,
    at_most_one,
    check,
    needs,
    one_of,
    parsed,
    pattern,
)
from pulumi_simcloud.rules.metric_math import expression_error, ids_of
from pulumi_simcloud.rules.trust import key_allows

# docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    2922, 3288, 3653,
)  # fmt: skip
WIDGETS = ("metric", "text", "log", "alarm", "explorer", "custom", "chart")


def _alarm(inputs: Inputs) -> Iterator[Failure]:
    """PutMetricAlarm: a metric with one statistic, or metric queries; a PromQL alarm is neither."""
    if inputs.get("evaluationCriteria") is not None:
        return
    for name in ("comparisonOperator", "evaluationPeriods"):
        if inputs.get(name) is None:
            yield Failure(name, f"missing: PutMetricAlarm needs {name}")
    single, queries = inputs.get("metricName"), inputs.get("metricQueries")
    if (single is None) == (queries is None):
        yield Failure("metricName", "exactly one of metricName, metricQueries is needed")
    if single is not None:
        for name in ("namespace", "period"):
            if inputs.get(name) is None:
                yield Failure(name, f"missing: an alarm on a metric needs {name}")
        if (inputs.get("statistic") is None) == (inputs.get("extendedStatistic") is None):
            reason = "exactly one of statistic, extendedStatistic is needed"
            yield Failure("statistic", reason)
    if (inputs.get("threshold") is None) == (inputs.get("thresholdMetricId") is None):
        yield Failure("threshold", "exactly one of threshold, thresholdMetricId is needed")
    due, periods = inputs.get("datapointsToAlarm"), inputs.get("evaluationPeriods")
    if isinstance(due, int) and isinstance(periods, int) and due > periods:
        reason = f"datapointsToAlarm {due} is more than evaluationPeriods {periods}"
        yield Failure("datapointsToAlarm", reason)


def _span(inputs: Inputs) -> Iterator[Failure]:
    """At most a day for periods below an hour, seven days else (PutMetricAlarm, Period)."""
    queries = inputs.get("metricQueries") or []
    metrics = [query.get("metric") or {} for query in queries if isinstance(query, dict)]
    all_periods = [inputs.get("period"), *(item.get("period") for item in (*metrics, *queries))]
    periods = [period for period in all_periods if isinstance(period, int)]
    count = inputs.get("evaluationPeriods")
    if not periods or not isinstance(count, int):
        return
    longest = 86_400 if max(periods) < 3600 else 604_800
    if max(periods) * count > longest:
        reason = f"{count} periods of {max(periods)} s are more than {longest} s"
        yield Failure("evaluationPeriods", reason)


# Metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
QUERY_ID = re.compile(r"[a-z][A-Za-z0-9_]*")


def _expressions(value: Any) -> str | None:
    """Ids are unique, and an expression names ids that there are; functions are in capitals."""
    queries = [query for query in value if isinstance(query, dict)]
    ids = [query.get("id") for query in queries]
    for name in ids:
        if isinstance(name, str) and not QUERY_ID.fullmatch(name):
            return f"id {excerpt(name)} is not a lower-case letter, then letters, digits, _"
        if ids.count(name) > 1:
            return f"id {excerpt(name)} is taken twice"
    for query in queries:
        text = query.get("expression")
        if not isinstance(text, str):
            continue
        returned = len(queries) == 1 or query.get("returnData") is True
        reason = expression_error(text, alarm=True, returned=returned)
        if reason:
            return f"Invalid metrics list: {reason}"
        for name in sorted(ids_of(text) - set(ids)):
            problem = f"expression {excerpt(text)} uses the unknown id {name!r}"
            return f"Invalid metrics list: {problem}"
    return None


def _period(value: Any) -> str | None:
    if value in (10, 20, 30) or (isinstance(value, int) and value > 0 and value % 60 == 0):
        return None
    return f"period {excerpt(value)} is none of 10, 20, 30 or a multiple of 60"


def _returned(value: Any) -> str | None:
    data = [query.get("returnData") for query in value if isinstance(query, dict)]
    # The provider sends false where nothing is said (hashicorp/terraform-provider-aws#29894).
    if UNKNOWN in data:
        return None
    # An anomaly alarm returns the metric and its band: PutMetricAlarm, ThresholdMetricId, and its
    # answer in github hashicorp/terraform-provider-aws pull request 42504.
    if any("ANOMALY_DETECTION_BAND" in str(query.get("expression")) for query in value):
        reason = (
            f"Exactly two elements of the metrics list should return data, {data.count(True)} do"
        )
        return None if data.count(True) == 2 else reason
    if data.count(True) == 1:
        return None
    return f"exactly one of the metric queries must return data, {data.count(True)} do"


def _dashboard(value: Any) -> str | None:
    # docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure
    body = parsed(value)
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        return "InvalidParameterInput: the body is no JSON object with widgets"
    for index, widget in enumerate(body["widgets"]):
        prefix = f"InvalidParameterInput: widgets[{index}]"
        if not isinstance(widget, dict) or widget.get("type") not in WIDGETS:
            return f"{prefix}: type is not one of {', '.join(WIDGETS)}"
        if not isinstance(widget.get("properties"), dict):
            return f"{prefix}: no properties"
        if widget["type"] in ("metric", "log") and "region" not in widget["properties"]:
            return f"{prefix}: properties.region is missing"
        reason = _metric_widget(widget["properties"]) if widget["type"] == "metric" else None
        if reason:
            return f"{prefix}: {reason}"
        if widget["type"] == "text" and "markdown" not in widget["properties"]:
            return f"{prefix}: properties.markdown is missing"
    return None


COLOR = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")


def _metric_widget(properties: dict[str, Any]) -> str | None:
    """A metric widget shows metrics, each an array, or an alarm; colors are written with #."""
    metrics, annotations = properties.get("metrics"), properties.get("annotations")
    annotations = annotations if isinstance(annotations, dict) else {}
    if metrics is None and not annotations.get("alarms"):
        return "should have metrics or an alarm annotation"
    if not isinstance(metrics, list | None) or any(
        not isinstance(item, list) for item in metrics or []
    ):
        return "metrics has to be an array of arrays"
    options = [item[-1] for item in metrics or [] if item and isinstance(item[-1], dict)]
    lines = [*(annotations.get("horizontal") or []), *(annotations.get("vertical") or [])]
    for item in (*options, *lines):
        color = item.get("color") if isinstance(item, dict) else None
        if color is not None and not COLOR.fullmatch(str(color)):
            return f"color {excerpt(color)} is not written as #d62728"
    return None


def _structured(inputs: Inputs) -> Iterator[Failure]:
    """At most three dimensions, taken from fields that the pattern names.

    docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html:
    of JSON and of space-delimited events, whose patterns begin with { and [.
    """
    transformation, text = inputs.get("metricTransformation"), inputs.get("pattern")
    dimensions = transformation.get("dimensions") if isinstance(transformation, dict) else None
    if not isinstance(dimensions, dict) or not dimensions:
        return
    path = "metricTransformation.dimensions"
    if len(dimensions) > 3:
        yield Failure(path, f"has {len(dimensions)} entries, allowed are 3")
    if isinstance(text, str) and not text.lstrip().startswith(("{", "[")):
        reason = f"the filter pattern {excerpt(text)} does not support dimensions"
        yield Failure(path, f"InvalidParameterException: {reason}")


MONITORING = (
    Kind(
        METRIC_ALARM,
        name=Name("name", 255),
        api=Api(
            "cloudwatch:PutMetricAlarm",
            {
                "name": "AlarmName",
                "metricQueries": "Metrics",
                "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            },
            optional=("name",),
        ),
        refs=(Ref("dimensions.EndpointName", (ENDPOINT,), ("name",), later=True),),
        rules=(
            _alarm,
            _span,
            check("period", _period),
            check("metricQueries", _returned),
            check("metricQueries", _expressions),
            one_of("treatMissingData", "missing", "ignore", "breaching", "notBreaching"),
            one_of("evaluateLowSampleCountPercentiles", "evaluate", "ignore"),
            pattern("extendedStatistic", r"(p|tm|wm|tc|ts|TM|WM|PR|TC|TS|IQM).*", "such as p95"),
        ),
        computed={"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"},
        unique="{region}/{name}",
    ),
    Kind(
        COMPOSITE_ALARM,
        id="{alarmName}",
        api=Api("cloudwatch:PutCompositeAlarm"),
        computed={"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarmName}"},
        handles=("id", "arn", "alarmName"),
        unique="{region}/{alarmName}",
    ),
    Kind(
        "aws:cloudwatch/dashboard:Dashboard",
        id="{dashboardName}",
        api=Api("cloudwatch:PutDashboard"),
        rules=(
            check("dashboardBody", _dashboard),
            pattern("dashboardName", r"[A-Za-z0-9_-]{1,255}", "A-Z a-z 0-9 - _, at most 255"),
        ),
        computed={
            "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"
        },
        deferred=("dashboardBody",),
        unique="{dashboardName}",
    ),
    Kind(
        LOG_GROUP,
        name=Name("name", 512, prefix="namePrefix"),
        api=Api("logs:CreateLogGroup", {"name": "logGroupName"}, optional=("name",)),
        refs=(key("kmsKeyId"),),
        rules=(
            at_most_one("name", "namePrefix"),
            one_of("retentionInDays", *RETENTION),
            # API_CreateLogGroup, kmsKeyId: "the Amazon Resource Name (ARN)".
            pattern("kmsKeyId", r"arn:[\w-]+:kms:\S+", "the ARN of a key"),
        ),
        demands=(key_allows("kmsKeyId", "logs.{region}.{suffix}"),),
        planned={"retentionInDays": lambda context: context.get("retentionInDays") or 0},
        computed={"arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"},
        unique="{region}/{name}",
    ),
    Kind(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        name=Name("name", 512),
        api=Api(
            "logs:PutMetricFilter",
            {
                "name": "filterName",
                "pattern": "filterPattern",
                "metricTransformation": "metricTransformations",
            },
            optional=("name",),
        ),
        refs=(Ref("logGroupName", (LOG_GROUP,), ("name",)),),
        rules=(
            at_most_one("metricTransformation.defaultValue", "metricTransformation.dimensions"),
            needs("metricTransformation", "metricTransformation.name"),
            PathRule(("metricTransformation.dimensions", "pattern"), _structured),
        ),
        handles=("id",),
        unique="{region}/{logGroupName}/{name}",
    ),
)
