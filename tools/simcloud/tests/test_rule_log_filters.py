"""Filter patterns of CloudWatch Logs, by their page: terms, JSON, columns, regular expressions."""

from __future__ import annotations

import pytest
from pulumi_simcloud.rules.log_filters import expressions_in, filter_error


@pytest.mark.parametrize(
    "text",
    [
        "", "ERROR", "ERROR -Exit", "?ERROR ?WARN", '"no such file"', '"a \\" b" c', "a.b-c*",
        "%AUTHORIZED%", "%a% %b%", '"%" %a% "%"', "[ip, user, ...]", " [a, b = 4*, c != 5] ",
        "{ $.level = 40 }", '{ $.a = "x" && $.b.c != 1 }', "{ $.a IS NULL }", "{ $.a IS TRUE }",
        "{ $.a NOT EXISTS }", "{ ($.a > 1) || ($.b[0] <= 2) }", "{ $.a[*].b = 1 }", "{ $.* = 1 }",
        "{ $.a.* = 1 && $.b.* = 1 && $.c.* = 1 }", "{$.a >= 1 && ($.b < 2 || $.c = 3)}",
        "{ $.a IS FALSE }", "{ $.a = %x.y% }", 7, None,
    ],
)  # fmt: skip
def test_a_filter_that_is_one(text: object) -> None:
    assert filter_error(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%a% %b% %c%", "3 regular expressions, allowed are 2"), ("%(%", 'Invalid regex "(": '),
        ('a "b', "Invalid character(s) in term: "),
        ("{ $.a = 1", "has a { or } without its partner"),
        ("a {", "has a { or } without"), ("[a", "has a [ or ] without"),
        ("(a", "has a ( or ) without"), ("{ $.a = (1 }", "has a ( or ) without"),
        ("[a] b", '"[a] b" does not end with ]'), ("{ $.a = 1 } b", "does not end with }"),
        ("ERROR: x", 'Invalid character(s) in term "ERROR:"'), ("a,b", 'in term "a,b"'),
        ("{ $.a.*.* = 1 }", "over one wildcard in a selector"),
        ("{ $.*.b[*] = 1 }", "over one wildcard in a selector"),
        ("{ $.a.*=1 && $.b.*=1 && $.c.*=1 && $.d.*=1 }", "or over three"),
        ("{ $.a = 'x' }", "a text stands in double quotes"),
        ("{ $.a = 'y' }", "a text stands in double quotes"),
        ("{ level = 40 }", '"level = 40" is no condition such as $.level = 40'),
        ("{ $.a }", "is no condition"), ("{ $.a IS EMPTY }", "is no condition"),
        ("{ $.a = 1 && }", "is no condition"), ("{ }", "is no condition"),
        ("{ $.a = 1 , $.b = 2 }", "is no condition"), ("{ $.a = 1 || b = 2 }", "is no condition"),
    ],
)  # fmt: skip
def test_a_filter_that_is_none(text: str, expected: str) -> None:
    reason = filter_error(text)
    assert reason is not None and expected in reason


def test_regular_expressions_of_a_filter() -> None:
    assert expressions_in('%a.b% "%quoted%" -%c%') == ["a.b", "c"]
    assert expressions_in("ERROR") == expressions_in(7) == []
