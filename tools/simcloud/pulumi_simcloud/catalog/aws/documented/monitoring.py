"""CloudWatch and CloudWatch Logs: what their API references say of several fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import COMPOSITE_ALARM, LOG_GROUP, METRIC_ALARM
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, count, exactly_one, pattern
from pulumi_simcloud.rules.cloudwatch import (
    AlarmRule,
    statistic_error,
)
from pulumi_simcloud.rules.dashboards import dashboard_error
from pulumi_simcloud.rules.fields import each, needed_with, not_with, only_with
from pulumi_simcloud.rules.log_filters import filter_error
from pulumi_simcloud.rules.metric_math import ids_of

LOG_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
# PutMetricAlarm, Metrics: what then stands in each of them.
OF_ONE = ("namespace", "dimensions", "unit", "extendedStatistic", "period", "metricName")
# PutMetricAlarm, ComparisonOperator: of anomaly detection alone.
BANDS = (
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)
ACTIONS = ("alarmActions[*]", "okActions[*]", "insufficientDataActions[*]")
# PutMetricAlarm, AlarmActions: the services that an alarm can call.
HERE = ("sns", "automate")
ACTION_ARN = re.compile(
    r"arn:[\w-]+:(automate|sns|autoscaling|swf|ssm|ssm-incidents|lambda|aiops"
    r"|application-autoscaling):.*"
)


def _dimensions(value: Any) -> str | None:
    """ASCII that is not blank, no colon in front of a name (Dimension)."""
    for name, item in value.items() if isinstance(value, dict) else ():
        texts = [name, *([item] if isinstance(item, str) else [])]
        if name.startswith(":") or any(not re.fullmatch(PRINTABLE, text) for text in texts):
            return f"InvalidParameterValue: the dimension {excerpt(name)} {excerpt(item)}"
    return None


PRINTABLE = r"[ -~]*[!-~][ -~]*"


def _bands(inputs: Inputs) -> Iterator[Failure]:
    operator, band = inputs.get("comparisonOperator"), inputs.get("thresholdMetricId")
    if operator in (None, UNKNOWN) or band is UNKNOWN:
        return
    if (operator in BANDS) != (band is not None):
        yield Failure("comparisonOperator", f"{operator} goes with thresholdMetricId alone")
    ids = [name for _, name in select(inputs, "metricQueries[*].id")]
    if band is not None and ids and UNKNOWN not in ids and band not in ids:
        yield Failure("thresholdMetricId", f"{excerpt(band)} is the id of no query")
    for path, query in select(inputs, "metricQueries[*]"):
        if isinstance(query, dict) and query.get("id") == band and not query.get("returnData", 1):
            reason = "Metrics list must contain exactly one metric matching the ThresholdMetricId"
            yield Failure(f"{path}.returnData", f"{reason} parameter")
        # github cdklabs/cdk-monitoring-constructs#340.
        text = query.get("expression") if isinstance(query, dict) else UNKNOWN
        no_band = text != UNKNOWN and "ANOMALY_DETECTION_BAND" not in str(text)
        if isinstance(query, dict) and query.get("id") == band and no_band:
            reason = "Threshold metric expression must use ANOMALY_DETECTION_BAND function"
            yield Failure(f"{path}.expression", reason)
    if band is not None:
        for path in ACTIONS:
            for place, arn in select(inputs, path):
                if ":autoscaling:" in str(arn):
                    reason = "autoscaling actions not supported when ThresholdMetricId is set"
                    yield Failure(place, reason)


def _low_sample(inputs: Inputs) -> Iterator[Failure]:
    """Few samples matter to percentiles alone (PutMetricAlarm's own answer)."""
    text, evaluation = (
        inputs.get("extendedStatistic"),
        inputs.get("evaluateLowSampleCountPercentiles"),
    )
    if not evaluation or inputs.get("metricQueries") is not None or text is UNKNOWN:
        return
    if not re.match(r"p\d", str(text)):
        yield Failure("evaluateLowSampleCountPercentiles", "only with a percentile such as p99")


# Expressions that read what no query of the alarm is.
READING = re.compile(r"\b(SELECT|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS)\b", re.IGNORECASE)


def _ten(value: Any) -> str | None:
    """CloudWatch User Guide, "Create an alarm based on a metric math expression"."""
    metrics = [item for item in value if isinstance(item, dict) and item.get("metric")]
    if len(value) - len(metrics) > 10:
        return f"Too many metrics in alarm: {len(value) - len(metrics)} expressions, maximum is 10"
    if len(metrics) <= 10:
        return None
    return f"Alarms on math expressions cannot contain more than 10 metrics, not {len(metrics)}"


def _own_periods(inputs: Inputs) -> Iterator[Failure]:
    """An expression over no other query has its period (MetricDataQuery)."""
    ids = {name for _, name in select(inputs, "metricQueries[*].id")}
    for path, query in select(inputs, "metricQueries[*]"):
        text = query.get("expression") if isinstance(query, dict) else None
        if not isinstance(text, str) or query.get("period") is not None:
            continue
        words = re.findall(r"\w+", re.sub(r"'[^']*'|\"[^\"]*\"", "", text))
        if READING.search(text) and ids.isdisjoint(words):
            yield Failure(f"{path}.period", "Period must not be null")


def _cycle(inputs: Inputs) -> Iterator[Failure]:
    """An expression that reads itself, over others or at once, has no value (MetricDataQuery)."""
    texts = {
        query["id"]: query.get("expression")
        for _, query in select(inputs, "metricQueries[*]")
        if isinstance(query, dict) and isinstance(query.get("id"), str)
    }
    ids_by_name = {name: ids_of(text) for name, text in texts.items() if isinstance(text, str)}
    while ready := [name for name, ids in ids_by_name.items() if ids.isdisjoint(ids_by_name)]:
        for name in ready:
            del ids_by_name[name]
    if ids_by_name:
        yield Failure(
            "metricQueries", f"the expressions {sorted(ids_by_name)} read each other in a cycle"
        )


def _period(value: Any) -> str | None:
    if value in (1, 5, 10, 20, 30) or (isinstance(value, int) and value > 0 and value % 60 == 0):
        return None
    return f"period {excerpt(value)} is none of 1, 5, 10, 20, 30 or a multiple of 60"


def _of_instance(inputs: Inputs) -> Iterator[Failure]:
    """An action on an instance goes with a metric of one (PutMetricAlarm, AlarmActions)."""
    dimensions = inputs.get("dimensions")
    if dimensions is UNKNOWN or (isinstance(dimensions, dict) and "InstanceId" in dimensions):
        return
    for path in ACTIONS:
        for place, arn in select(inputs, path):
            if re.match(r"arn:[\w-]+:(automate:[\w-]+:ec2:|swf:.*AWS_EC2)", str(arn)):
                yield Failure(place, "Invalid use of EC2 action: the alarm monitors no instance")


def _callable(value: Any) -> str | None:
    if not isinstance(value, str) or ACTION_ARN.fullmatch(value):
        return None
    return f"ValidationError: {excerpt(value)} is no action that an alarm can take"


def _here(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Actions are in the alarm's region and partition (PutMetricAlarm's own answers)."""
    region = inputs.get("region") or world.variables["region"]
    partition = world.variables["partition"]
    for path in ACTIONS:
        for _, arn in select(inputs, path):
            parts = str(arn).split(":")
            if len(parts) > 5 and parts[1] != partition:
                yield f"Invalid partition {parts[1]} specified. Only {partition} is supported."
            if len(parts) > 5 and parts[2] in HERE and parts[3] not in ("", region):
                yield f"Invalid region {parts[3]} specified. Only {region} is supported."


def _not_automatic(value: Any) -> str | None:
    """A composite alarm does nothing with instances (PutCompositeAlarm, AlarmActions)."""
    if re.match(r"arn:[\w-]+:(automate|autoscaling)", str(value)):
        return f"ValidationError: a composite alarm cannot take the action {excerpt(value)}"
    return None


def _exist(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The alarms of the rule exist (PutCompositeAlarm's own answer)."""
    text = inputs.get("alarmRule")
    if not isinstance(text, str) or not world.closed:
        return
    region = inputs.get("region") or world.variables["region"]
    names = [*AlarmRule(text).names]
    suppressor = inputs.get("actionsSuppressor")
    if isinstance(suppressor, dict) and isinstance(suppressor.get("alarm"), str):
        names.append(suppressor["alarm"])
    for name in dict.fromkeys(names):
        if name == inputs.get("alarmName"):
            yield f"the alarm {name!r} depends on itself"
        elif name.startswith("arn:"):
            continue
        elif not any(
            name in (row.outputs.get("name"), row.outputs.get("alarmName"))
            and row.outputs.get("region", region) == region
            for token in (METRIC_ALARM, COMPOSITE_ALARM)
            for row in world.of(token)
        ):
            yield f"the alarm {name!r} in the alarm rule does not exist"


def _few(value: Any) -> str | None:
    rule = AlarmRule(value) if isinstance(value, str) else None
    if rule is None or rule.error:
        return rule and rule.error
    return f"names {len(rule.names)} alarms, allowed are 100" if len(rule.names) > 100 else None


def _value(inputs: Inputs) -> Iterator[Failure]:
    """A metric's value is a number or a field that the pattern reads (MetricTransformation)."""
    text = inputs.get("pattern")
    for path, value in select(inputs, "metricTransformation.value"):
        if not isinstance(value, str):
            continue
        if not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|\$\S+", value):
            yield Failure(path, f"{excerpt(value)} is neither a number nor a field such as $.time")
        elif value.startswith("$") and not str(text).lstrip().startswith(("{", "[")):
            yield Failure(path, f"{value} is no field of the pattern {excerpt(text)}")


def _of_class(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Only the standard class has metric filters.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
    """
    row = world.find([LOG_GROUP], inputs.get("logGroupName"), ("name",))
    kind = row.inputs.get("logGroupClass") if row else None
    if kind not in (None, "STANDARD", UNKNOWN):
        yield f"a log group of the class {kind} has no metric filters"


RULES: dict[str, tuple[Rule, ...]] = {
    METRIC_ALARM: (
        *(not_with(name, "metricQueries") for name in OF_ONE),
        each("metricQueries[*]", exactly_one("expression", "metric")),
        count("metricQueries", 1, 20),
        check("metricQueries", _ten),
        PathRule(("metricQueries[*].expression",), _own_periods),
        PathRule(("metricQueries[*].expression",), _cycle),
        # MetricStat, Metric: "including the metric name, namespace, and dimensions".
        each("metricQueries[*].metric", needed_with("namespace", "metricName")),
        check("metricQueries[*].metric.period", _period),
        check("metricQueries[*].period", _period),
        check("metricQueries[*].metric.stat", lambda value: statistic_error(value, plain=True)),
        check("extendedStatistic", statistic_error),
        PathRule(("comparisonOperator", "thresholdMetricId"), _bands),
        *(check(path, _callable) for path in ACTIONS),
        PathRule((*ACTIONS, "dimensions"), _of_instance),
        only_with("thresholdMetricId", "metricQueries"),
        PathRule(("evaluateLowSampleCountPercentiles", "extendedStatistic"), _low_sample),
        # "Value for parameter Namespace contains non-ASCII characters", and so of the name.
        *(
            pattern(name, r"[ -~]*", "ASCII")
            for name in ("namespace", "metricName", "metricQueries[*].metric.metricName")
        ),
        count("dimensions", 0, 30),
        check("dimensions", _dimensions),
        check("metricQueries[*].metric.dimensions", _dimensions),
        # PutMetricAlarm, AlarmName.
        pattern("name", r"[^\x00-\x1f\x7f]+", "a name without control characters"),
    ),
    COMPOSITE_ALARM: (
        check("alarmRule", _few),
        *(check(path, _not_automatic) for path in ACTIONS),
        needed_with("actionsSuppressor.waitPeriod", "actionsSuppressor.alarm"),
        needed_with("actionsSuppressor.extensionPeriod", "actionsSuppressor.alarm"),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (check("dashboardBody", dashboard_error),),
    LOG_GROUP: (
        # CreateLogGroup: "Log group names can't start with the string aws/".
        pattern("name", r"(?!(?i:aws)/)[\s\S]+", "a name that does not begin with aws/"),
    ),
    LOG_FILTER: (
        check("pattern", filter_error),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
        pattern(
            "metricTransformation.namespace", r"(?!AWS/)[\s\S]+", "a namespace that is not AWS's"
        ),
        PathRule(("metricTransformation.value", "pattern"), _value),
        check(
            "metricTransformation.dimensions[*]",
            lambda value: (
                None if str(value).startswith("$") else f"{excerpt(value)} is no field of the event"
            ),
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    METRIC_ALARM: (_here,),
    COMPOSITE_ALARM: (_here, _exist),
    LOG_FILTER: (_of_class,),
}
