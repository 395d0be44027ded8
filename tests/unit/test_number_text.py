"""Texts that are numbers in a table though no library takes them for ones."""

from __future__ import annotations

import pytest

from training import number_text


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("1,234", True), ("12", True), ("0012", True), ("+123", True), ("-1,234", True),
        ("999,999", True), ("1,5", False), ("0,123", False), ("1234,567", False), ("-1234", False),
        ("1,2345", False), ("1,234,567", False), ("", False), ("a", False),
    ],
)  # fmt: skip
def test_a_comma_before_three_digits_is_unclear(text: str, is_it: bool) -> None:
    assert number_text.is_unclear(text) == is_it


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("inf", True), ("-Inf", True), ("+INF", True), ("infinity", True), ("Infinity", True),
        ("INFINITY", False), ("iNF", False), ("infx", False), ("xinf", False), ("", False),
    ],
)  # fmt: skip
def test_infinity_is_written_in_some_ways(text: str, is_it: bool) -> None:
    assert number_text.is_infinity(text) == is_it


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("0", True), ("0,5", True), ("-1,25", True), ("+10", True), ("1234,5", True),
        ("01,5", False), ("1,", False), (",5", False), ("1.5", False), ("1,5,6", False),
    ],
)  # fmt: skip
def test_a_number_may_have_a_decimal_comma(text: str, is_it: bool) -> None:
    assert number_text.is_comma_number(text) == is_it


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00", 0), ("00:01", 60), ("1:00", 3600), ("00:00:01", 1), ("23:59:59", 86399),
        ("23:59:59.5", 86399.5), ("10:20:30.000001", 37230.000001),
    ],
)  # fmt: skip
def test_a_time_of_day_is_in_seconds(text: str, seconds: float) -> None:
    assert number_text.is_time_of_day(text)
    assert number_text.seconds(text) == seconds


@pytest.mark.parametrize("text", ["30:00", "1:60", "1:0", "1:00:60", "100:00", "1:00:", "1", ""])
def test_other_texts_are_no_time_of_day(text: str) -> None:
    assert not number_text.is_time_of_day(text)
