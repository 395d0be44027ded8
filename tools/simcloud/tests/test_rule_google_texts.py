"""Texts of Google Cloud by their languages' references: what is right, and what is next to it.

Each rule is called by itself, so that no cloud has to be filled.
"""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules import google_texts
from pulumi_simcloud.rules.google_texts import CONDITION_ROOTS, cel_reason
from rule_failures import told

MAPPING = ("assertion",)


# "Logging query language"; prometheus.io, "Querying basics"; Workflows, "Syntax overview".
@pytest.mark.parametrize(
    ("name", "good", "bad", "reason"),
    [
        ("log_query", ("severity>=ERROR", "", UNKNOWN),
         ("severity>=", "(severity=ERROR"), "Unparseable filter: "),
        ("promql", ("up == 0", 'rate(x{a="b"}[5m])', UNKNOWN),
         ("up ==", "rate(x[5m)"), " is no PromQL: "),
        ("source", ("- one:\n    return: 1\n", UNKNOWN),
         ("- one:\n    retur: 1\n", "a"), ""),
    ],
)  # fmt: skip
def test_texts_of_a_language(name: str, good: tuple[Any], bad: tuple[str], reason: str) -> None:
    rule = getattr(google_texts, name)("a")
    assert rule.paths == ("a",) and told(rule) == []
    for value in good:
        assert told(rule, a=value) == [], value
    for value in bad:
        ((path, text),) = told(rule, a=value)
        assert path == "a" and reason in text


def test_a_text_in_cel() -> None:
    rule = google_texts.cel("a", ("request",))
    assert rule.paths == ("a",)
    assert told(rule) == told(rule, a=UNKNOWN) == told(rule, a="request.path == 'a'") == []
    reason = "undeclared reference to 'resource' in \"resource.name == 'a'\""
    assert told(rule, a="resource.name == 'a'") == [("a", reason)]


def test_a_workflow_tells_three_errors() -> None:
    source = "".join(f"- step{number}: {{retur: 1}}\n" for number in range(4))
    reasons = [f"step 'step{number}': does nothing that is known: retur" for number in range(3)]
    assert told(google_texts.source("a"), a=source) == [("a", "; ".join(reasons))]


# protobuf.dev, google.protobuf.Duration in JSON: seconds, up to nine digits after the point, an s.
# Its ranges are each field's own: "Method: projects.alertPolicies.create", multiples of 60 s.
@pytest.mark.parametrize(
    ("value", "step", "problem"),
    [
        ("60s", 0, ""), ("300s", 60, ""), ("90s", 0, ""), ("90.5s", 0, ""), ("60.000s", 60, ""),
        ("60.123456789s", 0, ""), (UNKNOWN, 60, ""),
        ("59s", 0, "is out of range, allowed are 60s to 300s"),
        ("59.999s", 0, "is out of range, allowed are 60s to 300s"),
        ("300.1s", 0, "is out of range, allowed are 60s to 300s"),
        ("301s", 60, "is out of range, allowed are 60s to 300s"),
        ("61s", 60, "is not a multiple of 60s"), ("90s", 60, "is not a multiple of 60s"),
        ("60.1234567890s", 0, "is no duration such as '60s'"),
        ("60", 0, "is no duration such as '60s'"), ("1m", 0, "is no duration such as '60s'"),
        ("-60s", 0, "is no duration such as '60s'"), ("60 s", 0, "is no duration such as '60s'"),
        ("60.s", 0, "is no duration such as '60s'"), ("60sx", 0, "is no duration such as '60s'"),
    ],
)  # fmt: skip
def test_a_duration(value: Any, step: float, problem: str) -> None:
    rule = google_texts.seconds("a", 60, 300, step)
    assert told(rule, a=value) == ([("a", f'"{value}" {problem}')] if problem else [])
    assert rule.paths == ("a",)


def test_a_duration_without_a_step() -> None:
    rule = google_texts.seconds("a", 0, 0.75)
    assert told(rule, a="0s") == told(rule, a="0.5s") == told(rule, a="0.75s") == []
    assert told(rule, a="0.8s") == [("a", '"0.8s" is out of range, allowed are 0s to 0.75s')]


# "Attribute reference for IAM Conditions"; github google/cel-spec, doc/langdef.md, "Macros",
# "Functions"; google/cel-go, ext/strings.go; "Workload Identity Federation", attribute mapping.
@pytest.mark.parametrize(
    "name",
    [
        "all", "bool", "bytes", "charAt", "contains", "date", "double", "duration", "dyn",
        "endsWith", "exists", "exists_one", "existsOne", "extract", "filter", "format",
        "getAttribute", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear",
        "getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds", "has", "hasOnly",
        "hasTagKey", "hasTagKeyId", "inIpRange", "indexOf", "int", "join", "lastIndexOf",
        "lowerAscii", "map", "matchTag", "matchTagId", "matches", "replace", "size", "split",
        "startsWith", "string", "substring", "timestamp", "trim", "type", "uint", "upperAscii",
    ],
)  # fmt: skip
def test_functions_of_conditions(name: str) -> None:
    assert cel_reason(f"{name}(request.a) == 1", ("request",)) is None
    assert cel_reason(f"request.{name}(request.a) == 1", ("request",)) is None
    for text in (f"{name}z(request.a) == 1", f"request.{name}z(request.a) == 1"):
        reason = f"undeclared reference to '{name}z' in \"{text}\""
        assert cel_reason(text, ("request",)) == reason


def test_variables_of_conditions() -> None:
    for root in ("request", "resource", "destination", "origin", "api", "principal"):
        assert cel_reason(f"{root}.a == 'b'", CONDITION_ROOTS) is None, root
    text = "requests.a == 'b' || origins.a"
    reason = f"undeclared reference to 'origins', 'requests' in \"{text}\""
    assert cel_reason(text, CONDITION_ROOTS) == reason
    assert cel_reason("google.subject == 'a'", ("assertion", "google", "attribute")) is None
    assert cel_reason("google.subject", MAPPING) is not None
    text = "request.a.f(1) && g()"
    assert cel_reason(text, CONDITION_ROOTS) == f"undeclared reference to 'f', 'g' in \"{text}\""
    # What a field is called is its own.
    assert cel_reason("resource.x.y == 1 && resource.size == 1", CONDITION_ROOTS) is None


# github google/cel-go, parser/macro.go: each binds its first argument, "a simple name".
@pytest.mark.parametrize("macro", ["all", "exists", "exists_one", "existsOne", "filter", "map"])
def test_macros_bind_a_name(macro: str) -> None:
    assert cel_reason(f"assertion.groups.{macro}(item, item == 'a')", MAPPING) is None
    for text, name in ((f"assertion.groups.{macro}(item, other == 'a')", "other"),
                       (f"assertion.groups.{macro}(item.x, item == 'a')", "item"),
                       (f"assertion.groups.{macro}([item], item == 'a' + x)", "x")):  # fmt: skip
        reason = cel_reason(text, MAPPING)
        assert reason is not None and f"'{name}'" in reason, text
    assert cel_reason(f"assertion.groups.{macro}(1, true)", MAPPING) is None
    assert cel_reason(f"assertion.groups.{macro}()", MAPPING) is None
    # A function's arguments are read, and so is a name of the same that is bound elsewhere.
    text = f"assertion.groups.{macro}(item, item.contains(other))"
    assert cel_reason(text, MAPPING) == f"undeclared reference to 'other' in \"{text}\""


# Both are Boolean ("attributeCondition ... must output a boolean"); a mapping is any value.
@pytest.mark.parametrize("text", ["'a'", '"a"', "1", " 12 ", " 'a b' "])
def test_a_condition_is_true_or_false(text: str) -> None:
    for roots in (CONDITION_ROOTS, ("assertion", "google", "attribute"), ()):
        reason = cel_reason(text, roots)
        assert reason is not None and reason.endswith(" is not true or false")
    assert cel_reason(text, MAPPING) is None
    assert cel_reason(f"{text} == {text}", CONDITION_ROOTS) is None
    assert cel_reason("true", CONDITION_ROOTS) is None


# "Attribute reference", date/time attributes: request.time is a timestamp.
@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("request.time < timestamp('2030-01-01T00:00:00Z')", True),
        ("request.time < '2030-01-01T00:00:00Z'", False), ('request.time >= "2030"', False),
        ("request.time=='2030'", False), ("request.time != '2030'", False),
        ("request.time > '2030'", False), ("request.time <= '2030'", False),
        ("request.timed < '2030'", True), ("request.time.getHours() < 9", True),
    ],
)  # fmt: skip
def test_the_time_of_a_request(text: str, is_right: bool) -> None:
    reason = cel_reason(text, CONDITION_ROOTS)
    assert (reason is None) == is_right
    assert is_right or str(reason).startswith("no matching overload for timestamp and string in ")


@pytest.mark.parametrize("text", ["", "request.", "request.a = 1", "request.a and true", "a b"])
def test_what_is_no_cel(text: str) -> None:
    reason = cel_reason(text, CONDITION_ROOTS)
    assert reason is not None and f'"{text}" is no CEL expression: ' in reason
