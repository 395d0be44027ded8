"""Languages that AWS reads, by examples of its guides, and what is nearest to them and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pulumi_simcloud.rules import event_patterns, metric_math, schedules

# EventBridge User Guide, "Cron expressions" and "Rate expressions".
EVENT_SCHEDULES = (
    "cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 0 ? * 3#2 2199)",
    "cron(59 23 L * ? *)", "cron(0 0 31W * ? 1970)", "cron(0 0 ? dec,JAN 6L *)", "rate(1 hour)",
    "cron(0 0 L-3 * ? *)", "cron(0 0 LW 12 ? *)", "rate(5 minutes)", "rate(2 days)", "rate(1 day)",
)  # fmt: skip
NO_EVENT_SCHEDULES = (
    "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)",
    "cron(0 10 0 * ? *)", "cron(0 10 32 * ? *)", "cron(0 10 * 0 ? *)", "cron(0 10 * 13 ? *)",
    "cron(0 10 ? * 0 *)", "cron(0 10 ? * 8 *)", "cron(0 10 * * ? 1969)", "cron(0 10 * * ? 2200)",
    "cron(0 10 * * ?)", "cron(0/0 * * * ? *)", "cron(0/x * * * ? *)", "cron(? 10 * * ? *)",
    "cron(L 10 * * ? *)", "cron(0 10 ? * 3#6 *)", "cron(0 10 ? * XYZ *)", "cron(5- * * * ? *)",
    "rate(0 hours)", "rate(1 hours)", "rate(5 minute)", "rate(5 weeks)", "rate(x hours)", "hourly",
    "at(2030-01-31T00:00:00)", "0 10 * * ? *",
)  # fmt: skip


def failures(rule: Callable[..., Any], value: Any) -> list[Any]:
    return list(rule({"schedule": value}))


@pytest.mark.parametrize("text", EVENT_SCHEDULES)
def test_schedules_of_eventbridge_are_taken(text: str) -> None:
    for once in (False, True):
        assert not failures(schedules.schedule_expression("schedule", once), text)


@pytest.mark.parametrize("text", NO_EVENT_SCHEDULES)
def test_what_is_no_schedule_of_eventbridge_is_refused(text: str) -> None:
    (failure,) = failures(schedules.schedule_expression("schedule", False), text)
    assert failure.path == "schedule" and "is not a schedule expression" in failure.reason


def test_months_and_days_have_names() -> None:
    rule = schedules.schedule_expression("schedule", False)
    for month in [
        "JAN",
        "FEB",
        "MAR",
        "APR",
        "MAY",
        "JUN",
        "JUL",
        "AUG",
        "SEP",
        "OCT",
        "NOV",
        "DEC",
    ]:
        assert not failures(rule, f"cron(0 0 1 {month} ? *)")
        assert not failures(schedules.cron_expression("schedule"), f"0 0 1 {month} *")
    for day in ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]:
        assert not failures(rule, f"cron(0 0 ? * {day} *)")
        assert not failures(schedules.cron_expression("schedule"), f"0 0 * * {day}")


def test_the_field_that_is_wrong_is_named_and_takes_no_other_s_signs() -> None:
    rule, plain = (
        schedules.schedule_expression("schedule", False),
        schedules.cron_expression("schedule"),
    )
    names = ["minutes", "hours", "day of month", "month", "day of week", "year"]
    for place, name in enumerate(names):
        for value in ("9999", *(("L", "3W", "2#1") if "day" not in name else ())):
            fields = ["0", "0", "?" if name == "day of week" else "1", "1",
                      "?" if name != "day of week" else "1", "2030"]  # fmt: skip
            fields[place] = value
            (failure,) = failures(rule, f"cron({' '.join(fields)})")
            assert failure.reason.endswith(f"{name} '{value}'"), failure.reason
    for place, name in enumerate(names[:5]):
        for value in ("9999", "L", "?", "3W"):
            fields = ["0", "0", "1", "1", "*"]
            fields[place] = value
            (failure,) = failures(plain, " ".join(fields))
            assert failure.reason.endswith(f"{name} '{value}'"), failure.reason


def test_a_scheduler_takes_a_moment_and_a_unit_of_any_number() -> None:
    rule = schedules.schedule_expression("schedule", True)
    for text in ("at(2030-01-31T23:59:59)", "rate(1 hours)", "rate(5 minute)"):
        assert not failures(rule, text), text
    for text in ("at(2030-02-30T00:00:00)", "at(2030-01-31)", "rate(0 hours)", "at(soon)"):
        assert failures(rule, text), text


CRON = (
    "0 9 * * 1",
    "*/5 * * * *",
    "0 0 1,15 * *",
    "30 8 * JAN-mar 0",
    "0 0 * * 7",
    "59 23 31 12 SAT",
)
NO_CRON = (
    "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8",
    "* * * *", "* * * * * *", "? * * * *", "* * L * *", "*/0 * * * *", "0 0 1-2-3 * *", "@daily",
)  # fmt: skip
ENGLISH = (
    "every 24 hours", "every 5 minutes from 10:00 to 14:00", "every 5 mins synchronized",
    "every monday 09:00", "1st,third monday of month 04:05", "every day 00:00",
    "1 of jan,april,july,oct 00:00", "2nd tuesday of march 17:00", "EVERY 2 HOURS",
)  # fmt: skip


def test_cron_has_five_fields() -> None:
    plain = schedules.cron_expression("schedule")
    everything = schedules.cron_expression("schedule", zones=True, english=True)
    for text in CRON:
        assert not failures(plain, text) and not failures(everything, text), text
    for text in NO_CRON:
        assert failures(plain, text) and failures(everything, text), text
    for text in ENGLISH:
        assert failures(plain, text) and not failures(everything, text), text
    for text in ("every 5 minutes from 25:00 to 14:00", "every noday 09:00", "monthly 10:00"):
        assert failures(everything, text), text
    for text in ("TZ=Europe/Berlin 0 9 * * *", "CRON_TZ=UTC 0 9 * * *"):
        assert failures(plain, text) and not failures(everything, text), text
    for text in ("TZ=Europe/Nowhere 0 9 * * *", "TZ=UTC 0 99 * * *"):
        assert failures(everything, text), text


# CloudWatch User Guide, "Using math expressions", and its functions.
ONE_SERIES = (
    "m1 + m2", "m1/m2*100", "SUM(METRICS())", "AVG([m1, m2])", "IF(m1 > 100, m1, 0)", "RATE(m1)",
    "FILL(m1, REPEAT)", "METRIC_COUNT([m1])", "100 * (m1 - m2) / m1", "m1 ^ 2", "-m1", "1e3 * m1",
    "IF(m1 >= 1 AND m2 != 2 || m3 < .5, 1, 0)", "MAX(SEARCH('{AWS/EC2} x', 'Sum'))",
)  # fmt: skip
MANY = (
    "[m1, m2]",
    "METRICS()",
    "METRICS() / m1",
    "m1 * [m2]",
    "FILL(METRICS(), 0)",
    "SORT(METRICS(), AVG, ASC)",
    "DATAPOINT_COUNT(METRICS())",
    "RATE([m1])",
)
WRONG = (
    "m1 +", "* m1", "(m1", "m1)", "m1 m2", "NOPE(m1)", "SUM(m1", "SUM(m1,)", "m1 ? 1 : 0", "[m1",
    "m1 =< 2", "", "m1 % 2", ",",
)  # fmt: skip


# "Functions supported for metric math".
FUNCTIONS = [
    "ABS",
    "ANOMALY_DETECTION_BAND",
    "AVG",
    "CEIL",
    "DATAPOINT_COUNT",
    "DATE",
    "DAY",
    "DB_PERF_INSIGHTS",
    "DIFF",
    "DIFF_TIME",
    "EPOCH",
    "FILL",
    "FIRST",
    "LAST",
    "FLOOR",
    "HOUR",
    "IF",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "LOG",
    "LOG10",
    "MAX",
    "METRIC_COUNT",
    "METRICS",
    "MIN",
    "MINUTE",
    "MONTH",
    "PERIOD",
    "RATE",
    "REMOVE_EMPTY",
    "RUNNING_SUM",
    "SEARCH",
    "SERVICE_QUOTA",
    "SLICE",
    "SORT",
    "STDDEV",
    "SUM",
    "TIME_SERIES",
    "YEAR",
]


def test_every_function_and_operator_over_metrics_is_known() -> None:
    for name in FUNCTIONS:
        assert metric_math.expression_error(f"{name}(m1)") is None, name
    for operator in [
        "+",
        "-",
        "*",
        "/",
        "^",
        "==",
        "!=",
        "<=",
        ">=",
        "<",
        ">",
        "AND",
        "OR",
        "&&",
        "||",
    ]:
        assert metric_math.expression_error(f"m1 {operator} m2") is None, operator


def test_expressions_over_metrics() -> None:
    error = metric_math.expression_error
    for text in ONE_SERIES:
        assert error(text) is None and error(text, returned=True) is None, text
        if "SEARCH" not in text:
            assert error(text, alarm=True, returned=True) is None, text
    for text in MANY:
        assert error(text) is None and error(text, alarm=True) is None, text
        assert "more than one time series" in (error(text, alarm=True, returned=True) or ""), text
    for text in WRONG:
        assert (error(text) or "").startswith("Error in expression"), text
    assert "SEARCH is not supported on Metric Alarms" in (
        error("SUM(SEARCH('{AWS/EC2} x', 'Sum'))", alarm=True) or ""
    )
    assert error("ANOMALY_DETECTION_BAND(m1, 2)", alarm=True, returned=True) is None
    assert metric_math.ids_of("SUM([m1, m2]) + RATE(e1) / FILL(m3, REPEAT)") == {
        "m1", "m2", "m3", "e1",
    }  # fmt: skip
    assert metric_math.ids_of("m1 +") == metric_math.ids_of('SELECT AVG(x) FROM "AWS/EC2"') == set()


def test_queries_of_metrics_insights() -> None:
    for text in (
        'SELECT AVG(CPUUtilization) FROM "AWS/EC2"', 'select max(x) from SCHEMA("AWS/EC2", Id)',
        "SELECT SUM(x) FROM y WHERE a = 'b' AND \"c\" != 'd' GROUP BY a, c"
        " ORDER BY SUM() DESC LIMIT 5",
    ):  # fmt: skip
        assert metric_math.expression_error(text) is None, text
    for text in (
        "SELECT x FROM y", 'SELECT AVG(x)', "SELECT AVG(x) FROM y WHERE a > 'b'",
        "SELECT AVG(x) FROM y LIMIT some", "SELECT AVG(x) FROM y GROUP a",
        "SELECT AVG(x) FROM y WHERE a = 'b' OR c = 'd'",
    ):  # fmt: skip
        assert "is no query such as" in (metric_math.expression_error(text) or ""), text


# EventBridge User Guide, "Comparison operators"; each is nothing but what is at its key.
FILTERS: dict[str, tuple[list[Any], list[Any]]] = {
    "exists": ([True, False], ["true", 1, None]),
    "prefix": (["a", "", {"equals-ignore-case": "A"}], [1, {"prefix": "a"}, ["a"]]),
    "suffix": ([".png", {"equals-ignore-case": "A"}], ["", 1, {"suffix": "a"}]),
    "equals-ignore-case": (["Alice"], ["", 1, ["a"]]),
    "wildcard": (["dir/*.png", "*"], ["dir/**.png", "", 1]),
    "numeric": (
        [["=", 5], [">", 0, "<=", 5.5], [">=", -5e9, "<", 5e9]],
        [[">"], ["~", 1], ["=", "1"], ["=", True], [">", 5, "<", 5], ["<", 0, ">", 5], 5, [],
         [">", 0, "<", 5e9 + 1], ["=", 1, "<", 5], [">", 0, "=", 5]],
    ),
    "cidr": (
        ["10.0.0.0/24", "10.0.0.1/24", "2001:db8::/32"],
        ["10.0.0.0/33", "10.0.0.1", "a/b", 5, [1]],
    ),
    "anything-but": (
        ["a", 5, ["a", "b"], [1, 2.5], {"prefix": "a"}, {"suffix": ["a", "b"]}, {"wildcard": "*a"},
         {"equals-ignore-case": ["a"]}],
        [[], ["a", 1], None, {"prefix": ""}, {"prefix": ["a", ""]}, {"numeric": ["=", 1]},
         {"prefix": "a", "suffix": "b"}, {"prefix": 1}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_filters_of_events(name: str) -> None:
    good, bad = FILTERS[name]
    for value in good:
        assert not list(event_patterns.pattern_errors({"detail": {"a": [{name: value}]}})), value
    for value in bad:
        (reason,) = event_patterns.pattern_errors({"detail": {"a": [{name: value}]}})
        assert reason.startswith("detail.a: ") and f"nothing for {name}" in reason, value


def test_patterns_of_events_are_objects_down_to_lists() -> None:
    errors = event_patterns.pattern_errors
    for good in (
        {"source": ["aws.s3"]}, {"detail": {"state": ["a", 1, None, {"exists": True}]}},
        {"$or": [{"a": [1]}, {"b": {"c": [2]}}]},
    ):  # fmt: skip
        assert not list(errors(good)), good
    for bad, count in (
        ({}, 1), ([], 1), ([1], 1), ("a", 1),
        ({"a": "b"}, 1), ({"a": []}, 1), ({"a": [[1]]}, 1), ({"a": {}}, 1),
        ({"a": [{"prefix": "a", "suffix": "b"}]}, 1), ({"a": [{"nope": 1}]}, 1), ({"a": [{}]}, 1),
        ({"$or": [{"a": [1]}]}, 1), ({"$or": {"a": [1]}}, 1), ({"$or": [{"a": 1}, {"b": 2}]}, 2),
        ({"a": "b", "c": [], "d": [1]}, 2),
    ):  # fmt: skip
        assert len(list(errors(bad))) == count, bad


def test_filter_policies_of_subscriptions_are_bounded() -> None:
    """SNS: five keys, 150 combinations, of which a nested key counts by its depth."""
    error = event_patterns.policy_error
    five = {name: ["x"] for name in "abcde"}
    for good in ({}, five, {"a": list(range(150))}, {"a": list(range(10)), "b": list(range(15))}):
        assert error(json.dumps(good), "MessageAttributes") is None, good
    nested = json.dumps({"a": {"b": list(range(75))}})
    assert error(nested, "MessageBody") is None
    assert "is nested" in (error(nested, "MessageAttributes") or "")
    assert "152 combinations" in (error(nested.replace("74", '74, "x"'), "MessageBody") or "")
    assert "6 keys" in (error(json.dumps({**five, "f": ["x"]}), "MessageBody") or "")
    assert "151 comb" in (error(json.dumps({"a": list(range(151))}), "MessageAttributes") or "")
    assert "is not a JSON object" in (error("[1]", "MessageBody") or "")
    assert "isn't empty" in (error('{"a": []}', "MessageBody") or "")
    one_of = json.dumps({"$or": {"a": ["b"]}})
    assert "no list of two patterns" in (error(one_of, "MessageAttributes") or "")
    long = json.dumps({"a": ["x" * 256 * 1024]})
    assert "characters, allowed are 262144" in (error(long, "MessageBody") or "")


def test_templates_of_inputs_are_json_once_filled() -> None:
    error = event_patterns.template_error
    paths = {"name": "$.detail.name", "at": "$.time"}
    for good in (
        '{"name": <name>, "text": "at <at>"}', '"<name> at <at>"', "<name>", '"one"\n"two <at>"',
        '{"event": <aws.events.event.json>, "rule": "<aws.events.rule-arn>"}',
        '"<aws.events.rule-name> <aws.events.event.ingestion-time> <aws.events.event>"',
    ):  # fmt: skip
        assert error(good, paths) is None, good
    for bad in (
        '{"name": <other>}',
        "<name> is there",
        '{"a": }',
        '{"<name>": 1}',
        "",
        '"one"\ntwo',
    ):
        assert error(bad, paths), bad
    assert error(None, paths) is None and error("<x>", None) is None
    for good in ("$", "$.detail.state", "$.a[0].b", "$.a[*]"):
        assert event_patterns.path_error(good) is None, good
    for bad in ("detail", "$.", "$.a b", "$a", "$.a[x]", ""):
        assert event_patterns.path_error(bad), bad
