"""Texts of AWS and BigQuery by their guides' limits: the last right value, and the first wrong one.

Each rule is called by itself, so that no cloud has to be filled.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.rules.bigquery_sql import default_error, query_errors, query_tables
from pulumi_simcloud.rules.dashboards import dashboard_error

PLACE = {"x": 0, "y": 0, "width": 6, "height": 6}
METRIC = ["AWS/SQS", "NumberOfMessagesSent", "QueueName", "jobs"]


def widget(kind: str = "text", properties: dict[str, Any] | None = None, **place: Any) -> Any:
    properties = {"markdown": "x"} if properties is None else properties
    return {"type": kind, **PLACE, **place, "properties": properties}


def metric(**properties: Any) -> Any:
    return widget("metric", {"metrics": [METRIC], **properties})


def error(*widgets: Any, **body: Any) -> str | None:
    return dashboard_error(json.dumps({"widgets": list(widgets), **body}))


# CloudWatch API Reference, "Dashboard Body Structure and Syntax".
@pytest.mark.parametrize(
    "good",
    [
        widget(), widget(x=23), widget(width=1), widget(width=24), widget(height=1),
        widget(height=1000), {"type": "text", "properties": {}},
        widget(properties={"background": "transparent"}),
        widget("log", {"query": "fields @message"}),
        widget("custom", {"endpoint": "arn:aws:lambda:eu-west-1:1:function:f"}),
        widget("alarm", {"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}),
        metric(view="gauge", yAxis={"left": {"min": 0, "max": 1}}), metric(view="pie"),
        metric(stacked=False, liveData=True, title="t", region="eu-west-1", timezone="+0130"),
        metric(legend={"position": "hidden"}, stat="p99", sparkline=True, trend=False),
        *(metric(period=period) for period in (1, 5, 10, 20, 30, 60, 3600)),
        metric(metrics=[METRIC, ["...", "other"], [{"expression": "m1 * 2", "id": "e1"}]]),
        metric(metrics=[[*METRIC, {"id": "m1", "visible": False, "yAxis": "right"}]]),
        metric(annotations={"horizontal": [{"value": 1, "fill": "above"}],
                            "vertical": [{"value": "2030-01-01T00:00:00Z", "fill": "after"}]}),
        metric(annotations={"horizontal": [[{"value": 1}, {"value": 2}]]}),
        metric(annotations={"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}),
    ],
)  # fmt: skip
def test_what_the_guide_has_on_a_dashboard_is_taken(good: Any) -> None:
    assert error(good) is None


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (widget(x=24), "is no place"), (widget(x=-1), "is no place"),
        (widget(y=-1), "is no place"), (widget(width=0), "width 0 is not 1 to 24"),
        (widget(width=25), "width 25"), (widget(height=0), "height 0 is not 1 to 1000"),
        (widget(height=1001), "height 1001"), (widget(x=1.5), "x 1.5 is no whole number"),
        (widget(y=True), "y true is no whole"), (widget(x=None), "x and y go together"),
        (widget(properties={"background": "red"}), "background"),
        (widget("log", {"view": "table"}), "needs a query"),
        (widget("custom", {"title": "t"}), "needs the endpoint"),
        (widget("alarm", {"alarms": []}), "needs alarms"),
        (widget("alarm", {"title": "t"}), "needs alarms"),
        (widget("alarm", {"alarms": ["arn:x", "name"]}), "is no ARN of an alarm"),
        (metric(view="donut"), "is not one of"),
        (metric(view="gauge", yAxis={"left": {"min": 0}}), "a gauge needs"),
        (metric(view="gauge"), "a gauge needs"),
        (metric(yAxis={"left": {"min": "0"}}), "yAxis.left.min"),
        (metric(yAxis={"right": {"max": True}}), "yAxis.right.max"),
        (metric(yAxis={"left": {"min": 1, "max": 1}}), "min 1 is not below max 1"),
        *((metric(period=value), f"period {json.dumps(value)} is none")
          for value in (0, 2, 31, 61, True, -60)),
        (metric(title=1), "title"), (metric(region=1), "region"), (metric(stacked="no"), "stacked"),
        (metric(liveData=1), "liveData"), (metric(legend="x"), "legend"),
        (metric(legend={"position": "left"}), "legend.position"), (metric(yAxis=[]), "yAxis"),
        (metric(sparkline=1), "sparkline"), (metric(trend=1), "trend"),
        (metric(setPeriodToTimeRange=1), "setPeriod"), (metric(timezone="UTC"), "timezone"),
        (metric(singleValueFullPrecision=1), "singleValue"), (metric(stat="median"), "median"),
        (metric(metrics=[["AWS/SQS", 1]]), "more than texts"),
        (metric(metrics=[METRIC[:3]]), "dimension without a value"), (metric(metrics=[[]]), "none"),
        (metric(metrics=[["m", {"expression": "m1"}]]), "has a metric beside it"),
        (metric(metrics=[[*METRIC, {"id": "M1"}]]), "lower-case"),
        (metric(metrics=[[*METRIC, {"id": "m"}], [*METRIC, {"id": "m"}]]), "is there twice"),
        (metric(metrics=[[*METRIC, {"visible": 1}]]), "is no Boolean"),
        (metric(metrics=[[*METRIC, {"yAxis": "top"}]]), "neither left nor right"),
        (metric(metrics=[[*METRIC, {"stat": "median"}]]), "median"),
        (metric(metrics=[[*METRIC, {"period": 61}]]), "period 61"),
        (metric(metrics=[[{"expression": "m1 +"}]]), "m1 +"),
        (metric(annotations={"horizontal": [{"label": "x"}]}), "has no value"),
        (metric(annotations={"horizontal": [{"value": "x"}]}), "no number"),
        (metric(annotations={"horizontal": [{"value": True}]}), "no number"),
        (metric(annotations={"vertical": [{"value": 1}]}), "has no time"),
        (metric(annotations={"vertical": [[{"value": 1}]]}), "has no time"),
        (metric(annotations={"horizontal": [{"value": 1, "fill": "after"}]}), "has the fill"),
        (metric(annotations={"alarms": ["name"]}), "is no ARN of an alarm"),
    ],
)  # fmt: skip
def test_what_is_next_to_it_on_a_dashboard_is_refused(bad: Any, reason: str) -> None:
    text = error(widget(), bad)
    assert text is not None and reason in text and "widgets[1]: " in text


def test_a_dashboard_as_a_whole() -> None:
    for body in ({"start": "-PT3H"}, {"start": "-P1D"}, {"start": "2030-01-01T00:00Z"},
                 {"periodOverride": "auto"}, {"periodOverride": "inherit"}):  # fmt: skip
        assert error(widget(), **body) is None, body
    for body in ({"start": "PT3H"}, {"start": "-P"}, {"start": "-3H"}, {"periodOverride": "x"}):
        assert error(widget(), **body) is not None, body
    assert error(*[widget()] * 500) is None
    assert error(*[widget()] * 501) == "has 501 widgets, allowed are 500"
    assert dashboard_error("[]") is None and dashboard_error("{}") is None, "another rule's"


# BigQuery, "Query syntax" and "Specify default column values".
@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1", "select a from d.t", "WITH x AS (SELECT 1) SELECT * FROM x",
        "-- why\nSELECT a FROM `p.d.t`", "(SELECT 1)", "SELECT * FROM d.f(1)",
        "SELECT x FROM UNNEST([1]) AS x", "SELECT EXTRACT(day FROM moment) FROM d.t",
        "SELECT 'it\\'s', \"--\" FROM d.t", "SELECT a IS DISTINCT FROM b FROM d.t",
        "SELECT a FROM d.t /* from x */ # from y",
    ],
)  # fmt: skip
def test_queries_in_standard_sql_are_taken(query: str) -> None:
    assert list(query_errors(query, False)) == []


@pytest.mark.parametrize(
    ("query", "legacy", "reason"),
    [
        ("SELECT 'a", False, "Unclosed string"), ("", False, "Unexpected 'end of script'"),
        ("DELETE FROM d.t", False, "Unexpected 'DELETE'"), ("SELECT (1", False, "not in pairs"),
        ("SELECT a FROM t", False, 'Table "t" must be qualified'),
        ("SELECT a FROM d.t JOIN u USING (a)", False, 'Table "u"'),
        ("SELECT a FROM [p:d.t]", False, "names in brackets"),
        ("SELECT a FROM `d.t`", True, "names in backticks"),
        ("#standardSQL\nSELECT a FROM t", True, 'Table "t"'),
    ],
)  # fmt: skip
def test_what_is_no_query_is_told(query: str, legacy: bool, reason: str) -> None:
    assert any(reason in text for text in query_errors(query, legacy))


def test_a_dialect_that_is_not_told_names_no_tables() -> None:
    assert list(query_errors("SELECT a FROM t", None)) == []
    assert list(query_errors("SELECT a FROM [p:d.t]", True)) == []


def test_the_tables_of_a_query_are_those_with_a_dataset() -> None:
    query = "WITH x AS (SELECT 1) SELECT * FROM d.t JOIN `p.d.u` JOIN x JOIN `d.t_*` JOIN t"
    assert list(query_tables(query)) == [["d", "t"], ["p", "d", "u"]]
    assert list(query_tables("SELECT * FROM d.INFORMATION_SCHEMA.TABLES")) == []


@pytest.mark.parametrize(
    ("expression", "kind", "reason"),
    [
        ("CURRENT_TIMESTAMP", "TIMESTAMP", None), ("current_date()", "DATE", None),
        ("'x'", "STRING", None), ("1", "INT64", None), ("-1.5", "NUMERIC", None),
        ("true", "BOOL", None), ("NULL", "INT64", None), ("(SELECT 1)", "INT64", "no subquery"),
        ("now", "DATE", "Unrecognized name: now"), ("'1'", "INT64", "is no INT64"),
        ("'true'", "BOOLEAN", "is no BOOLEAN"), ("1", "STRING", "is no STRING"),
        ("1.5", "BOOL", "is no BOOL"), ("1", "DATETIME", "is no DATETIME"),
        ("FALSE", "FLOAT64", "is no FLOAT64"), ("TRUE", "BYTES", "is no BYTES"),
    ],
)  # fmt: skip
def test_a_default_value_fits_its_column(expression: str, kind: str, reason: str | None) -> None:
    text = default_error(expression, kind)
    assert text is None if reason is None else text is not None and reason in text
