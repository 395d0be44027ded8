"""The texts of CloudWatch: statistics, rules of composite alarms, dashboards, filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.rules.metric_math import expression_error

_PERCENT = r"(?:100(?:\.0*)?|\d{1,2}(?:\.\d{1,10})?)"
_RANGE = rf"\((?:{_PERCENT}%)?:(?:{_PERCENT}%)?\)|\((?:\d+(?:\.\d+)?)?:(?:\d+(?:\.\d+)?)?\)"
EXTENDED = re.compile(
    rf"(?:p|tm|wm|tc|ts){_PERCENT}|(?:TM|WM|TC|TS)(?:{_RANGE})|PR(?:{_RANGE})|IQM"
)
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def statistic_error(value: Any, plain: bool = False) -> str | None:
    """What is wrong with an extended statistic; `plain` ones are right too if asked."""
    if plain and value in STATISTICS:
        return None
    if isinstance(value, str) and EXTENDED.fullmatch(value):
        return None
    return f"{excerpt(value)} is no statistic such as p99, tm90, IQM, TM(10%:90%) or PR(0:100)"


# Composite alarms: the grammar of AlarmRule.
_TOKEN = re.compile(
    r"\s*(?:(?P<word>ALARM|OK|INSUFFICIENT_DATA|AT_LEAST|AND|OR|NOT|TRUE|FALSE)\b"
    r"|(?P<sign>[(),])|\"(?P<quoted>[^\"]+)\"|(?P<name>[^\s\"(),]+))"
)
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


class AlarmRule:
    """A rule of a composite alarm, read from its text.

    Attributes:
        names: the alarms that it is about.
        error: what is wrong with the text; None if nothing is.
    """

    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.error: str | None = None
        self._tokens = _tokens(text)
        self._at = 0
        try:
            if self._tokens is None:
                raise ValueError("it has characters that belong to nothing")
            self._expression()
            if self._peek() is not None:
                raise ValueError(f"{self._peek()!r} is one too many")
            if not self.names and not {"TRUE", "FALSE"} & set(self._tokens):
                raise ValueError("it names no alarm")
        except ValueError as error:
            self.error = f"{excerpt(text)} is no alarm rule: {error}"

    def _peek(self) -> str | None:
        tokens = self._tokens or []
        return tokens[self._at] if self._at < len(tokens) else None

    def _next(self, expected: str | None = None) -> str:
        token = self._peek()
        if token is None or (expected is not None and token != expected):
            raise ValueError(f"{expected or 'more'} is missing")
        self._at += 1
        return token

    def _expression(self) -> None:
        self._term()
        while self._peek() in ("AND", "OR"):
            self._next()
            self._term()

    def _term(self) -> None:
        token = self._next()
        if token == "NOT":
            self._term()
        elif token == "(":
            self._expression()
            self._next(")")
        elif token in ("TRUE", "FALSE"):
            return
        elif token in STATES:
            self._next("(")
            self._alarm()
            self._next(")")
        elif token == "AT_LEAST":
            self._at_least()
        else:
            raise ValueError(f"{token!r} is neither a state nor an operator")

    def _at_least(self) -> None:
        self._next("(")
        if not re.fullmatch(r"=\d+%?", self._next()):
            raise ValueError("AT_LEAST begins with a number")
        self._next(",")
        if self._next() == "NOT":
            self._next()
        self._next(",")
        self._next("(")
        self._alarm()
        while self._peek() == ",":
            self._next()
            self._alarm()
        self._next(")")
        self._next(")")

    def _alarm(self) -> None:
        token = self._next()
        if not token.startswith("="):
            raise ValueError(f"{token!r} is no name of an alarm")
        self.names.append(token[1:])


def _tokens(text: str) -> list[str] | None:
    """Words and signs as they are, names with = in front; None if a part is neither."""
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        name = match["quoted"] or match["name"]
        tokens.append(f"={name}" if name else match["word"] or match["sign"])
        position = match.end()
    return tokens


VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
MOST_WIDGETS, HIGHEST, COLUMNS = 500, 1000, 24


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


# Dashboard Body Structure, start: an ISO 8601 duration.
DURATION = r"P(?=[\dT])(\d+[YMWD])*(T(\d+[HMS])+)?"


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
    for row in properties.get("metrics") or []:
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
                if isinstance(item, dict) and item.get("value") is None:
                    return f"annotations.{kind} {excerpt(item)} has no value"
    return None


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
