"""Filters of Google's services by examples of its guides, and rules between fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules import fields, google_filters
from pulumi_simcloud.rules.google_filters import FilterError
from pulumi_simcloud.rules.pubsub_filters import filter_error


# Pub/Sub, "Filter messages from a subscription".
def test_filters_of_subscriptions() -> None:
    for text in (
        "attributes:domain", 'attributes.domain = "com"', 'attributes.domain != "com"',
        'hasPrefix(attributes.domain, "co")', 'NOT attributes:domain', '-attributes:"a b"',
        'attributes:a AND attributes.b = "1" AND attributes:c', 'attributes:a OR (attributes:b)',
        '(attributes:a AND attributes:b) OR attributes:c', 'attributes."x-y" = "a\\"b"', "", None,
    ):  # fmt: skip
        assert filter_error(text) is None, text
    for text in (
        "domain", "attributes.domain = com", 'attributes.domain > "a"', "attributes:a AND",
        'hasSuffix(attributes.a, "b")', "attributes:a attributes:b", "(attributes:a", '"a"',
        "attributes:a AND attributes:b OR attributes:c", "hasPrefix(attributes.a)",
        "not attributes:a",
    ):  # fmt: skip
        assert filter_error(text), text


METRIC = 'metric.type = "run.googleapis.com/request_count"'


def test_filters_of_time_series() -> None:
    """Cloud Monitoring, "Monitoring filters"."""
    for text, resource in (
        (METRIC, ""), (f'{METRIC} AND resource.type = "cloud_run_revision"', "cloud_run_revision"),
        (f'resource.type="x" {METRIC} metric.labels.code = starts_with("5")', "x"),
        (f'{METRIC} AND (resource.label.a = "b" OR NOT group.id = "c")', ""),
        (f'{METRIC} metadata.user_labels.a = one_of("b", "c") AND project="p"', ""),
        (f'{METRIC} resource.type = one_of("a", "b")', ""),
        (f'{METRIC} metric.label.x = monitoring.regex.full_match("a.*")', ""),
        (f'{METRIC} resource.metadata.region = "b" metadata.system_labels.c = "d"', ""),
    ):  # fmt: skip
        assert google_filters.series_filter(text) == ("run.googleapis.com/request_count", resource)
    for text in (
        'resource.type = "x"', f"{METRIC} {METRIC}", 'metric.type != "a"', f"NOT {METRIC}",
        'metric.type = starts_with("a")', f'{METRIC} resource.type="a" resource.type="b"',
        f'{METRIC} other.x = "a"', f'{METRIC} metric.label.x = monitoring.regex.full_match("(")',
        f'{METRIC} metric.label.x > starts_with("a")', 'metric.type > "a"', f"{METRIC} AND",
        f'{METRIC} metric.label.x = monitoring.regex.full_match("(?=a)")', "metric.type",
    ):  # fmt: skip
        with pytest.raises(FilterError):
            google_filters.series_filter(text)
    (negated,) = google_filters.monitoring_filter('NOT (NOT -project = "p")')
    assert negated.negated and negated.values == ("p",)
    escaped = google_filters.monitoring_filter(r'metric.label.x = "a\"b"')
    assert escaped[0].values == ('a"b',)


def test_variables_of_a_dashboard_stand_for_a_value_or_a_restriction() -> None:
    """Cloud Monitoring, "Filter dashboards": ${zone} as a value, ${zone.value}, or by itself."""
    replaced = google_filters.without_variables
    assert replaced("a = ${zone} b=${c.value}") == 'a ="x" b="x"'
    assert replaced("${zone} AND ${a}") == " AND ".join(['metadata.user_labels.x="x"'] * 2)
    assert replaced('a = "${zone}" ${b}') == 'a = "${zone}" metadata.user_labels.x="x"'
    series = google_filters.series_filter(replaced(f"{METRIC} ${{zone}} resource.label.z=${{z}}"))
    assert series == ("run.googleapis.com/request_count", "")


def test_queries_of_log_entries() -> None:
    """Cloud Logging, "Logging query language"."""
    for text in (
        "severity>=ERROR", 'resource.type="gce_instance" AND severity=(ERROR OR "CRITICAL")',
        'textPayload=~"a.*b"', "log_id(\"x\")", "error", "NOT jsonPayload.a:b -- remark", "",
        'timestamp>="2026-01-01T00:00:00Z" severity=400', 'http_request.status=500',
    ):  # fmt: skip
        google_filters.log_filter(text)
    for text in (
        "severity>=LOUD", 'nothing="a"', 'textPayload=~"("', 'textPayload=~"(?!a)"', "severity>=",
        "(severity=ERROR", "AND",
    ):  # fmt: skip
        with pytest.raises(FilterError):
            google_filters.log_filter(text)


def test_a_value_is_what_stands_in_its_quotes() -> None:
    (empty,) = google_filters.monitoring_filter('metric.label.x = ""')
    (word,) = google_filters.log_filter("jsonPayload.a=abca")
    (negated,) = google_filters.log_filter("NOT jsonPayload.a='b'")
    assert (empty.values, word.values, negated.values) == (("",), ("abca",), ("b",))
    assert negated.negated and not word.negated and not empty.negated


def test_every_severity_is_known() -> None:
    """LogEntry, "LogSeverity"."""
    for name in [
        "DEFAULT",
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARNING",
        "ERROR",
        "CRITICAL",
        "ALERT",
        "EMERGENCY",
        "error",
    ]:
        google_filters.log_filter(f"severity = {name}")


def broken(rule: Callable[..., Any], **inputs: Any) -> bool:
    return bool(list(rule(inputs)))


def test_a_field_goes_with_another_one() -> None:
    with_b, with_x = fields.only_with("a", "b"), fields.only_with("a", "b", "x", default="y")
    assert not broken(with_b) and not broken(with_b, a=1, b=1) and broken(with_b, a=1)
    assert broken(with_b, a=1, b=False) and not broken(with_b, a=[]) and not broken(with_b, b=1)
    assert not broken(with_b, a=1, b=UNKNOWN) and not broken(with_x, a=1, b="x")
    assert broken(with_x, a=1) and broken(with_x, a=1, b="z")
    assert not broken(fields.only_with("a", "b", "x", default="x"), a=1)
    not_b, not_x = fields.not_with("a", "b"), fields.not_with("a", "b", "x", default="x")
    assert broken(not_b, a=1, b=1) and not broken(not_b, a=1) and not broken(not_b, b=1)
    assert (
        not broken(not_b, a=1, b=UNKNOWN) and broken(not_x, a=1) and not broken(not_x, a=1, b="z")
    )
    need_b, need_x = fields.needed_with("a", "b"), fields.needed_with("a", "b", "x", default="x")
    assert broken(need_b, b=1) and not broken(need_b, b=1, a=False) and not broken(need_b)
    assert not broken(need_b, b=UNKNOWN) and broken(need_x) and not broken(need_x, b="z")


@pytest.mark.parametrize(
    ("rule", "inputs", "reason"),
    [
        (fields.only_with("a", "b"), {"a": 1}, "only with b"),
        (fields.only_with("a", "b", "x", "y"), {"a": 1}, "only with b x or y"),
        (fields.not_with("a", "b"), {"a": 1, "b": 1}, "not with b"),
        (fields.not_with("a", "b", "x"), {"a": 1, "b": "x"}, "not with b x"),
        (fields.needed_with("a", "b"), {"b": 1}, "missing: needed with b"),
        (fields.needed_with("a", "b", "x"), {"b": "x"}, "missing: needed with b x"),
    ],
)
def test_the_field_and_what_it_goes_with_are_named(
    rule: Callable[..., Any], inputs: dict[str, Any], reason: str
) -> None:
    (failure,) = rule(inputs)
    assert (failure.path, failure.reason) == ("a", reason)


def test_values_are_ordered_unique_and_last() -> None:
    most, less = fields.ordered("a", "b"), fields.ordered("a", "b", strict=True)
    assert broken(most, a=2, b="1") and not broken(most, a=1, b=1) and broken(less, a=1, b=1)
    assert not broken(most, a=2) and not broken(most, a="x", b=1) and not broken(most, a=True, b=0)
    by_time = fields.ordered("a", "b", fields.iso_seconds)
    assert broken(by_time, a="PT2H", b="PT1H") and not broken(by_time, a="PT59M", b="PT1H")
    (failure,) = fields.ordered("c", "d", strict=True)({"c": 1, "d": 1})
    assert (failure.path, failure.reason) == ("c", "1 has to be less than d 1")
    (failure,) = most({"a": 2, "b": 1})
    assert (failure.path, failure.reason) == ("a", "2 is more than b 1")
    assert not broken(less, a=0, b=1) and not broken(most, a=0, b=1)
    one = fields.unique("a[*]")
    assert (
        broken(one, a=["x", "x"]) and not broken(one, a=["x", "X", 1]) and broken(one, a=[1, "1"])
    )
    assert broken(fields.unique("a[*]", ignore_case=True), a=["x", "X"])
    hour = fields.lasts("a", "PT1M", "PT1H")
    for value, is_broken in (("PT1M", False), ("PT60M", False), ("PT59S", True), ("PT3601S", True),
                             ("soon", True), (UNKNOWN, False)):  # fmt: skip
        assert broken(hour, a=value) is is_broken, value
    each = fields.each("a[*]", fields.only_with("x", "y"))
    (failure,) = each({"a": [{"x": 1, "y": 1}, {"x": 1}, "text"]})
    assert failure.path == "a[1].x"


def test_times_are_read_as_services_write_them() -> None:
    for text, seconds in (
        ("PT5M", 300), ("P1D", 86400), ("P1W", 604800), ("P1DT2H3M4.5S", 93784.5), ("pt1h", 3600),
        ("P", None), ("PT", None), ("5M", None), (5, None), ("PT5X", None),
    ):  # fmt: skip
        assert fields.iso_seconds(text) == seconds, text
    for text, seconds in (("600s", 600), ("1.5s", 1.5), ("600", None), ("s", None), (600, None)):
        assert fields.google_seconds(text) == seconds, text
    noon = fields.moment("2030-01-31T12:00:00Z")
    assert noon is not None and noon.utcoffset() is not None
    assert (
        noon == fields.moment("2030-01-31T13:00:00+01:00") == fields.moment("2030-01-31_12:00:00")
    )
    assert fields.moment("soon") is fields.moment(5) is None
    for value, number in ((5, 5.0), ("5.5", 5.5), (True, None), ("x", None), ([], None)):
        assert fields.number(value) == number, value
