"""The body of a CloudWatch dashboard.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.cloudwatch import statistic_error
from pulumi_simcloud.rules.metric_math import expression_error

VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
MOST_WIDGETS, HIGHEST, COLUMNS = 500, 1000, 24
# Dashboard Body Structure, start: an ISO 8601 duration.
DURATION = r"P(?=[\dT])(\d+[YMWD])*(T(\d+[HMS])+)?"


def dashboard_error(text: Any) -> str | None:
    """What is wrong with the widgets of a dashboard, beside their least shape."""
    body = parsed(text)
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list):
        return None
    if body.get("periodOverride") not in (None, "auto", "inherit"):
        return f"periodOverride {excerpt(body['periodOverride'])} is neither auto nor inherit"
    start = body.get("start")
    if start is not None and not re.fullmatch(rf"-{DURATION}|\d{{4}}-\d\d-\d\dT\S+", str(start)):
        return f"start {excerpt(start)} is neither a time nor a duration such as -PT3H"
    if len(widgets) > MOST_WIDGETS:
        return f"has {len(widgets)} widgets, allowed are {MOST_WIDGETS}"
    for index, widget in enumerate(widgets):
        reason = _widget_error(widget) if isinstance(widget, dict) else None
        if reason:
            return f"InvalidParameterInput: widgets[{index}]: {reason}"
    return None


def _widget_error(widget: dict[str, Any]) -> str | None:
    places = {name: widget.get(name) for name in ("x", "y", "width", "height")}
    for name, value in places.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            return f"{name} {excerpt(value)} is no whole number"
    if not 0 <= (places["x"] or 0) < COLUMNS or (places["y"] or 0) < 0:
        return f"x {places['x']}, y {places['y']} is no place"
    if places["width"] is not None and not 1 <= places["width"] <= COLUMNS:
        return f"width {places['width']} is not 1 to {COLUMNS}"
    if (places["x"] is None) != (places["y"] is None):
        return "x and y go together"
    if places["height"] is not None and not 1 <= places["height"] <= HIGHEST:
        return f"height {places['height']} is not 1 to {HIGHEST}"
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        return None
    if widget.get("type") == "metric":
        return _metric_error(properties)
    if widget.get("type") == "log" and not properties.get("query"):
        return "a log widget needs a query"
    if widget.get("type") == "custom" and not properties.get("endpoint"):
        return "a custom widget needs the endpoint of a function"
    background = properties.get("background", "solid")
    if widget.get("type") == "text" and background not in ("solid", "transparent"):
        return f"background {excerpt(background)} is neither solid nor transparent"
    if widget.get("type") == "alarm":
        alarms = properties.get("alarms")
        if not isinstance(alarms, list) or not alarms:
            return "an alarm widget needs alarms"
        bad = next((arn for arn in alarms if not str(arn).startswith("arn:")), None)
        return f"{excerpt(bad)} is no ARN of an alarm" if bad is not None else None
    return None


# Dashboard Body Structure, "Metric widget properties": what stands in some of them.
CHOICES: dict[tuple[str, ...], Callable[[Any], bool]] = {
    ("title",): lambda value: isinstance(value, str),
    ("region",): lambda value: isinstance(value, str),
    ("stacked",): lambda value: isinstance(value, bool),
    ("liveData",): lambda value: isinstance(value, bool),
    ("legend",): lambda value: isinstance(value, dict),
    ("legend", "position"): lambda value: value in ("right", "bottom", "hidden"),
    ("yAxis",): lambda value: isinstance(value, dict),
    **{
        (name,): lambda value: isinstance(value, bool)
        for name in ("setPeriodToTimeRange", "sparkline", "trend", "singleValueFullPrecision")
    },
    ("timezone",): lambda value: re.fullmatch(r"[+-]\d{4}", str(value)) is not None,
}


def _metric_error(properties: dict[str, Any]) -> str | None:
    view = properties.get("view", "timeSeries")
    if view not in VIEWS:
        return f"view {excerpt(view)} is not one of {', '.join(VIEWS)}"
    for name, allowed in CHOICES.items():
        value = properties.get(name[0])
        value = value.get(name[1]) if len(name) > 1 and isinstance(value, dict) else value
        if value is not None and not allowed(value):
            return f"{'.'.join(name)} {excerpt(value)} should be another"
    period = properties.get("period")
    if period is not None and not _is_period(period):
        return f"period {excerpt(period)} is none"
    stat = properties.get("stat")
    reason = statistic_error(stat, plain=True) if stat is not None else None
    if reason:
        return reason
    axis = (properties.get("yAxis") or {}).get("left") or {}
    reason = _axes_error(properties)
    if reason:
        return reason
    if view == "gauge" and not {"min", "max"} <= set(axis):
        return "a gauge needs the min and max of yAxis.left"
    ids: set[str] = set()
    metrics = properties.get("metrics") or []
    if not isinstance(metrics, list):
        return f"metrics {excerpt(metrics)} should be a list"
    for row in metrics:
        reason = _row_error(row, ids) if isinstance(row, list) else None
        if reason:
            return reason
    return None


def _axes_error(properties: dict[str, Any]) -> str | None:
    """Axes have numbers for ends, horizontal lines a number and vertical ones a time."""
    axes = properties.get("yAxis")
    for side, axis in axes.items() if isinstance(axes, dict) else ():
        for name in ("min", "max"):
            end = axis.get(name) if isinstance(axis, dict) else None
            if end is not None and (isinstance(end, bool) or not isinstance(end, int | float)):
                return f"yAxis.{side}.{name} {excerpt(end)} is no number"
        # github badmintoncryer/cdk-preflight, pf-cloudwatch-dashboard-yaxis-range.
        low, high = (axis.get("min"), axis.get("max")) if isinstance(axis, dict) else (None, None)
        if low is not None and high is not None and low >= high:
            return f"yAxis.{side}: min {low} is not below max {high}"
    annotations = properties.get("annotations")
    alarms = annotations.get("alarms") if isinstance(annotations, dict) else None
    for arn in alarms if isinstance(alarms, list) else ():
        if not str(arn).startswith("arn:"):
            return f"annotations.alarms {excerpt(arn)} is no ARN of an alarm"
    for kind in ("horizontal", "vertical"):
        lines = annotations.get(kind) if isinstance(annotations, dict) else None
        for line in lines if isinstance(lines, list) else ():
            for item in line if isinstance(line, list) else [line]:
                reason = _line_error(kind, item) if isinstance(item, dict) else None
                if reason:
                    return f"annotations.{kind} {excerpt(item)} {reason}"
    return None


# Dashboard Body Structure, horizontal and vertical annotations.
FILLS = {"horizontal": ("above", "below", "none"), "vertical": ("before", "after", "none")}


def _line_error(kind: str, line: dict[str, Any]) -> str | None:
    value = line.get("value")
    if value is None:
        return "has no value"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number != (kind == "horizontal"):
        return "has a value that is no number" if kind == "horizontal" else "has no time"
    fill = line.get("fill")
    return f"has the fill {excerpt(fill)}" if fill not in (None, *FILLS[kind]) else None


def _row_error(row: list[Any], ids: set[str]) -> str | None:
    options = row[-1] if row and isinstance(row[-1], dict) else {}
    names = row[:-1] if options else row
    if any(not isinstance(item, str) for item in names):
        return f"the metric {excerpt(row)} has more than texts and one object"
    if "expression" in options:
        if names:
            return f"the expression {excerpt(row)} has a metric beside it"
    elif names and names[-1] != "..." and "..." not in names and len(names) % 2:
        return f"the metric {excerpt(row)} has a dimension without a value"
    elif not names:
        return f"the metric {excerpt(row)} is none"
    name = options.get("id")
    if name is not None:
        if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", str(name)):
            return f"id {excerpt(name)} does not begin with a lower-case letter"
        if name in ids:
            return f"id {excerpt(name)} is there twice"
        ids.add(name)
    if not isinstance(options.get("visible", True), bool):
        return f"visible {excerpt(options['visible'])} is no Boolean"
    if options.get("yAxis") not in (None, "left", "right"):
        return f"yAxis {excerpt(options['yAxis'])} is neither left nor right"
    text = options.get("expression")
    if isinstance(text, str):
        reason = expression_error(text)
        if reason:
            return reason
    stat = options.get("stat")
    if stat is not None and statistic_error(stat, plain=True):
        return statistic_error(stat, plain=True)
    period = options.get("period")
    if period is not None and not _is_period(period):
        return f"period {excerpt(period)} is none"
    return None


def _is_period(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return value in (1, 5, 10, 20, 30) or (value > 0 and value % 60 == 0)
