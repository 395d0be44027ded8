"""Alarms that can't fire: on metrics, dimensions, tables or columns that nothing writes.

The services take such an alarm without a word, and it stays OK for good. Known are the metrics and
tables of the machine-learning services (`signals.json` says which, from where and as of when; add
what is newer there). An alarm on anything else is not judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policy.model import LATER, Policy, Stack, Violations, as_list, path

AWS_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
METRIC_ALERT = "azure-native:monitor:MetricAlert"
LOG_ALERT = "azure-native:monitor:ScheduledQueryRule"
GCP_ALARM = "gcp:monitoring/alertPolicy:AlertPolicy"
# What switches an alarm off, and so keeps it from everybody.
SWITCHES = {
    AWS_ALARM: "actionsEnabled",
    METRIC_ALERT: "enabled",
    LOG_ALERT: "enabled",
    GCP_ALARM: "enabled",
}
# None of the metrics in `signals.json` is ever negative: they count, measure times, or are shares.
BELOW = ("LessThanThreshold", "LessThanOrEqualToThreshold", "LessThan", "COMPARISON_LT")
# Of an invocation 1 or 0 is written: the average is a share
# (https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html).
SHARES = ("Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")

# Operators after which columns are what they were or what the query names. Others, such as `join`
# and `parse`, bring columns that only a parser of the whole language knows.
OPERATORS = "where filter summarize project extend take limit top order sort count distinct"
WORDS = (
    "and or not in has hasprefix hassuffix contains startswith endswith matches regex between by "
    "on asc desc nulls first last true false null of has_cs contains_cs startswith_cs endswith_cs "
    "bool datetime dynamic int long real string timespan"
)
READABLE = frozenset(OPERATORS.split())
KEYWORDS = READABLE.union(WORDS.split())
# Texts and remarks; a member of a value; a name, with what makes it a function or a new column.
TEXT = re.compile(r'@?"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*')
NAME = re.compile(r"(?P<member>\.\s*)?\b(?P<name>[A-Za-z_]\w*)\b(?P<after>\s*(?:\(|=(?![=~])))?")
AGGREGATE = re.compile(r"[a-z]+_(\w*)")


@cache
def signals() -> dict[str, Any]:
    """Metrics, dimensions, tables and columns that the services write: `signals.json`."""
    return json.loads(Path(__file__).with_name("signals.json").read_text())


def _can_fire(stack: Stack) -> Violations:
    for token, switch in SWITCHES.items():
        for alarm in stack.of(token):
            if alarm.inputs.get(switch) is False:
                yield alarm, f"is switched off: {switch} is false"
    for token, reasons in REASONS.items():
        for alarm in stack.of(token):
            for reason in reasons(alarm.inputs):
                yield alarm, f"can never fire: {reason}"


def _aws(inputs: Mapping[str, Any]) -> Iterator[str]:
    yield from _aws_metric(inputs)
    for query in as_list(inputs.get("metricQueries")):
        # What its value is compared with depends on the expression.
        yield from _aws_metric(query.get("metric") or {})


def _aws_metric(metric: Mapping[str, Any]) -> Iterator[str]:
    """Reasons of a metric, and of the threshold beside it where there is one."""
    namespace, name = signals()["CloudWatch"].get(metric.get("namespace")), metric.get("metricName")
    if namespace is None or name == LATER:
        return
    if name not in namespace["metrics"]:
        yield _absent(f"metric {name!r}", metric["namespace"], namespace["metrics"])
    dimensions = metric.get("dimensions") or {}
    # Some metrics have more dimensions where a setting asks for it, such as InstanceId.
    sets = [set(names) for names in namespace["dimensions"]]
    if dimensions != LATER and not any(
        names <= set(dimensions) if names else not dimensions for names in sets
    ):
        choices = [" and ".join(names) or "none" for names in namespace["dimensions"]]
        yield _absent(f"values by {sorted(dimensions)}", metric["namespace"], choices)
    comparison, threshold = metric.get("comparisonOperator"), metric.get("threshold")
    yield from _out_of_reach(comparison, threshold)
    is_share = name in SHARES and metric.get("statistic") == "Average"
    is_beyond = isinstance(threshold, float | int) and (
        threshold > 1 or (threshold == 1 and comparison == "GreaterThanThreshold")
    )
    if is_share and is_beyond:
        yield f"the average of {name} is a share, never above {threshold:g}"


def _metric_alert(inputs: Mapping[str, Any]) -> Iterator[str]:
    for criterion in as_list(path(inputs, "criteria.allOf")):
        metrics = signals()["Azure Monitor"].get(path(criterion, "metricNamespace"))
        name = path(criterion, "metricName")
        if metrics is None or name == LATER:
            continue
        if name not in metrics:
            yield _absent(f"metric {name!r}", criterion["metricNamespace"], sorted(metrics))
            continue
        for dimension in as_list(criterion.get("dimensions")):
            if path(dimension, "name") not in (*metrics[name], LATER):
                yield _absent(f"dimension {path(dimension, 'name')!r}", name, metrics[name])
        yield from _out_of_reach(criterion.get("operator"), criterion.get("threshold"))


def _log_alert(inputs: Mapping[str, Any]) -> Iterator[str]:
    for condition in as_list(path(inputs, "criteria.allOf")):
        query = path(condition, "query")
        if isinstance(query, str) and query != LATER:
            yield from _columns(query, condition.get("metricMeasureColumn"))


def _columns(query: str, measured: Any) -> Iterator[str]:
    """Names in a query that are neither columns of its table nor made by it."""
    text = TEXT.sub('""', query)
    table, *steps = (part.strip() for part in text.split("|"))
    columns = signals()["Log Analytics"].get(table)
    operators = [step.split(None, 1)[0] for step in steps if step]
    if columns is None or not READABLE.issuperset(operators):
        return
    names = [match for step in steps for match in NAME.finditer(step) if not match["member"]]
    calls = {match["name"] for match in names if (match["after"] or "").strip() == "("}
    assignments = {match["name"] for match in names if (match["after"] or "").strip() == "="}
    available_names = {
        *columns,
        *assignments,
        *KEYWORDS,
        *calls,
        *(["Count"] if "count" in operators else []),
    }
    references = [match["name"] for match in names] + [measured] * (measured not in (None, LATER))
    for name in dict.fromkeys(references):
        aggregate = AGGREGATE.fullmatch(name)
        # `summarize sum(X)` makes a column sum_X, `count()` makes count_.
        if name in available_names or (aggregate and aggregate[1] in ("", *available_names)):
            continue
        yield f"table {table} has no column {name!r}, and nothing in the query makes it"


def _gcp(inputs: Mapping[str, Any]) -> Iterator[str]:
    for condition in as_list(inputs.get("conditions")):
        for kind in ("conditionThreshold", "conditionAbsent"):
            block = path(condition, kind)
            if not isinstance(block, Mapping):
                continue
            for key in ("filter", "denominatorFilter"):
                yield from _gcp_filter(str(block.get(key) or ""))
            texts = re.findall(r'"([^"]+)"', str(block.get("filter")))
            if signals()["Cloud Monitoring"].keys() & texts:
                yield from _out_of_reach(block.get("comparison"), block.get("thresholdValue"))


def _gcp_filter(text: str) -> Iterator[str]:
    metric = re.search(r'metric\.type\s*=\s*"(aiplatform\.googleapis\.com/[^"]+)"', text)
    if metric is None:
        return
    metrics = signals()["Cloud Monitoring"]
    if metric[1] not in metrics:
        yield _absent(f"metric {metric[1]!r}", "Vertex AI", sorted(metrics))
        return
    resource, labels = metrics[metric[1]]
    monitored = re.search(r'resource\.type\s*=\s*"([^"]+)"', text)
    if monitored is not None and monitored[1] != resource:
        yield f"{metric[1]} is written for {resource}, not for {monitored[1]}"
    for label in re.findall(r"metric\.labels?\.(\w+)", text):
        if label not in labels:
            yield _absent(f"label {label!r}", metric[1], labels)


def _out_of_reach(comparison: Any, threshold: Any) -> Iterator[str]:
    if comparison in BELOW and isinstance(threshold, float | int):
        strict = comparison != "LessThanOrEqualToThreshold"
        if threshold < 0 or (threshold == 0 and strict):
            yield f"the metric is never below {threshold:g}"


def _absent(name: str, of: str, choices: list[str]) -> str:
    return f"{of} has no {name}; there are: {', '.join(choices) or 'none'}"


REASONS = {AWS_ALARM: _aws, METRIC_ALERT: _metric_alert, LOG_ALERT: _log_alert, GCP_ALARM: _gcp}

SIGNALS = (Policy("alarms-can-fire", "Every alarm is about something that is written", _can_fire),)
