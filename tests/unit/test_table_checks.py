"""What a table gives to learn: tasks, inputs and targets, at the limits and beyond them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from training import table_checks
from training.errors import UserError
from training.model_inputs import (
    BOOLEAN,
    CATEGORICAL,
    CLASSIFICATION,
    DATETIME,
    NUMERIC,
    REGRESSION,
    Column,
)
from training.table import Data

TIMES = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"])


def kind_of(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return BOOLEAN
    if pd.api.types.is_numeric_dtype(values):
        return NUMERIC
    return DATETIME if pd.api.types.is_datetime64_any_dtype(values) else CATEGORICAL


def data(
    overridden: tuple[str, ...] = (),
    other_types: dict[str, str] | None = None,
    kinds: dict[str, str] | None = None,
    **columns: Any,
) -> Data:
    """A table of these columns, texts as objects, of the kinds that their values say."""
    frame = pd.DataFrame(
        {
            name: pd.Series(values, dtype=object if _is_text(values) else None)
            for name, values in columns.items()
        }
    )
    found = {name: kind_of(frame[name]) for name in frame}
    return Data(frame, found | (kinds or {}), other_types or {}, ["before"], frozenset(overridden))


def _is_text(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(UserError) as error:
        call(*arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("values", "task", "why"),
    [
        (list(range(20)), CLASSIFICATION, "the target holds 20 different whole numbers"),
        (list(range(21)), REGRESSION,
         "the target holds 21 different whole numbers, more than 20"),
        ([0.0, 1.0, np.nan], CLASSIFICATION, "the target holds 2 different whole numbers"),
        ([0.0, 1.0, 0.5], REGRESSION, "the target holds numbers with a fraction"),
        ([-1.5, -1.5], REGRESSION, "the target holds numbers with a fraction"),
        ([True, False], CLASSIFICATION, "the target holds 2 different truth values"),
        ([f"w{n}" for n in range(30)], CLASSIFICATION, "the target holds 30 different words"),
        (list(TIMES), CLASSIFICATION, "the target holds 4 different times"),
    ],
)  # fmt: skip
def test_the_target_says_the_task_and_why(values: list[Any], task: str, why: str) -> None:
    series = data(y=values).frame["y"]
    assert table_checks.infer_task(series, kind_of(series)) == (task, why)


def test_a_target_without_values_holds_values_of_no_kind() -> None:
    told = table_checks.infer_task(pd.Series([None], dtype=object), "empty")
    assert told == (CLASSIFICATION, "the target holds 0 different values")


def test_all_columns_but_the_reserved_and_the_times_are_inputs() -> None:
    table = data(y=[0, 1], n=[1, 2], word=["a", "b"], flag=[True, False], at=list(TIMES[:2]))
    assert table_checks.input_columns(table, None, {"y"}) == [
        Column("n", NUMERIC), Column("word", CATEGORICAL), Column("flag", BOOLEAN),
    ]  # fmt: skip
    named = table_checks.input_columns(table, ["flag", "n"], {"y"})
    assert named == [Column("flag", BOOLEAN), Column("n", NUMERIC)]


def test_all_that_is_wrong_with_inputs_is_said_at_once() -> None:
    table = data(
        y=[0, 1], none=[np.nan, np.nan], at=list(TIMES[:2]), empty=[None, None], n=[1, 2],
        other_types={"tags": "list<item: int64>", "key": "binary"}, kinds={"empty": "empty"},
    )  # fmt: skip
    nothing = "has no value in any of 2 rows; ignore it (data.columns: {{{0}: ignore}})"
    assert refusal(table_checks.input_columns, table, None, {"y", "key"}).split("\n") == [
        "column 'tags' holds list<item: int64>; no model here takes it: "
        "ignore it (data.columns: {tags: ignore}) or make columns of its parts",
        f"input column 'none' {nothing.format('none')}",
        f"input column 'empty' {nothing.format('empty')}",
    ]
    names = ["y", "tags", "gone", "at", "none", "n"]
    assert refusal(table_checks.input_columns, table, names, {"y", "key"}).split("\n") == [
        "input column 'y' is the target, time or split column, or the key",
        "input column 'tags' holds list<item: int64>; no model here takes it",
        "input column 'gone' is not in the data; there are: y, none, at, empty, n",
        "input column 'at' holds times; derive numbers from it first",
        f"input column 'none' {nothing.format('none')}",
    ]


def test_an_input_is_left_of_a_table() -> None:
    table = data(y=[0, 1], at=list(TIMES[:2]))
    told = refusal(table_checks.input_columns, table, None, {"y"})
    assert told == "no input column is left; there are: y, at"


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["1", "2", "a", "b"], "text in 2 of 4 rows: 'a' in row 3"),
        (["1", "a", "b"], None),
        (["a", "1", "a", "2", "3", None], "text in 2 of 6 rows: 'a' in row 1"),
        ([None, "1", "a"], "text in 1 of 3 rows: 'a' in row 3"),
        (["007", "008"], None),  # a code, of which no value is a word
        (["a", "b"], None),
        ([None, None], None),
    ],
)
def test_text_of_which_half_is_numbers_was_meant_to_be_numbers(
    texts: list[str | None], told: str | None
) -> None:
    problem = table_checks.text_problem(pd.Series(texts, dtype=object, name="x"))
    assert problem == (
        told
        and f"input column 'x' is numeric but has {told}; "
        "if it holds codes, say so (data.columns: {x: text})"
    )


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["12", " 1,234 ", "2,500"], "'1,234', which may be 1.234 or 1234"),
        (["12", None, "-9,999"], "'-9,999', which may be -9.999 or -9999"),
        (["1,234", "word"], None),
        (["1,234", "a,b"], None),
        (["12", "13"], None),
        (["1,5", "2,5"], None),
    ],
)
def test_commas_that_may_part_thousands_are_told(texts: list[str | None], told: str | None) -> None:
    table = data(x=texts, y=[0] * len(texts))
    inputs, target = (["x"], set()), ("x", CLASSIFICATION)
    if told is None:
        assert len(table_checks.input_columns(table, *inputs)) == 1
        return
    assert refusal(table_checks.input_columns, table, *inputs) == (
        f"input column 'x' holds {told}; write it as one of both; "
        "if it holds codes, say so (data.columns: {x: text})"
    )
    present = data(x=[text for text in texts if text])
    told_of_target = refusal(table_checks.check_target, present, *target)
    assert told_of_target == f"target column 'x' holds {told}; write it as one of both"
    codes = data(("x",), x=[text for text in texts if text])
    table_checks.check_target(codes, *target)
    assert table_checks.input_columns(codes, *inputs) == [Column("x", CATEGORICAL)]


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1], CLASSIFICATION), ([0, 1], REGRESSION), ([0.5, 1.5], REGRESSION),
        ([True, False], CLASSIFICATION), (["a", "b", "a"], CLASSIFICATION),
        (list(range(500)), CLASSIFICATION), (list(range(501)), REGRESSION),
        (["12", "13"], CLASSIFICATION), (["1,5", "a"], CLASSIFICATION),
    ],
)  # fmt: skip
def test_a_target_that_can_be_learned_is_taken(values: list[Any], task: str) -> None:
    table_checks.check_target(data(y=values), "y", task)


@pytest.mark.parametrize(
    ("values", "task", "told"),
    [
        ([1.0, np.nan, 2.0], REGRESSION, "is missing in 1 of 3 rows"),
        (list(TIMES), CLASSIFICATION, "holds times; derive a number or a class from it"),
        (["a", "b"], REGRESSION, "holds words; a regression needs numbers"),
        ([True, False], REGRESSION, "holds truth values; a regression needs numbers"),
        ([7, 7], CLASSIFICATION, "has one value only, 7: nothing to learn"),
        ([7, 7], REGRESSION, "has one value only, 7: nothing to learn"),
        (list(range(501)), CLASSIFICATION, "has 501 classes in 501 rows; at most 500 can be "
         "learned: set data.task to regression"),
        ([f"w{n}" for n in range(501)], CLASSIFICATION, "has 501 classes in 501 rows; at most "
         "500 can be learned: is it an identifier?"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_learned_is_told(values: list[Any], task: str, told: str) -> None:
    refused = refusal(table_checks.check_target, data(y=values), "y", task)
    assert refused == f"target column 'y' {told}"


def test_a_target_is_a_column_of_the_table() -> None:
    told = refusal(table_checks.check_target, data(a=[1, 2], b=[1, 2]), "y", REGRESSION)
    assert told == "target column 'y' is not in the data; there are: a, b"


def test_rows_without_a_label_are_left_out_if_half_have_one() -> None:
    table = data(y=[np.nan, 1.0, np.nan, 2.0], x=[1, 2, 3, 4])
    labeled = table_checks.labeled_rows(table, "y")
    assert labeled.frame.to_dict("list") == {"y": [1, 2], "x": [2, 4]}
    assert list(labeled.frame.index) == [0, 1]
    assert labeled.notices == ["before", "2 of 4 rows are left out: they have no 'y' (yet)"]
    assert labeled.kinds == table.kinds and table.notices == ["before"]


def test_fewer_labels_than_half_are_refused() -> None:
    table = data(y=[np.nan, 1.0, np.nan, 2.0, np.nan])
    told = refusal(table_checks.labeled_rows, table, "y")
    assert told == "target column 'y' is missing in 3 of 5 rows"


def test_a_table_with_all_labels_or_no_such_column_stays_as_it_is() -> None:
    table = data(y=[1.0, 2.0], x=[np.nan, np.nan])
    assert table_checks.labeled_rows(table, "y") is table
    assert table_checks.labeled_rows(table, "z") is table


def test_truth_values_with_all_labels_are_truth_values_again() -> None:
    table = data(y=[1.0, np.nan, 0.0], kinds={"y": BOOLEAN})
    labels = table_checks.labeled_rows(table, "y").frame["y"]
    assert labels.dtype == bool and labels.tolist() == [True, False]
    numbers = table_checks.labeled_rows(data(y=[1.0, np.nan, 0.0]), "y").frame["y"]
    assert numbers.dtype == "float64"


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1.0, 2.0, -3.0], "int64"),
        ([1.0, 2.5], "float64"),
        ([1.0, np.nan], "float64"),
        ([np.nan, 1.5], "float64"),
        ([1, 2], "int64"),
        ([True, False], "bool"),
    ],
)
def test_classes_that_are_whole_have_no_fraction(values: list[Any], type_: str) -> None:
    series = pd.Series(values)
    labels = table_checks.as_labels(series)
    assert labels.dtype == type_
    pd.testing.assert_series_equal(labels, series, check_dtype=False)
    words = pd.Series(["a", "b"], dtype=object)
    assert table_checks.as_labels(words) is words


AMOUNTS = ["$5", "$6.50", "$7"]


@pytest.mark.parametrize(
    ("texts", "is_told"),
    [
        (AMOUNTS, True),
        (["€ 5", "-£3.20", "¥1,000", None, None], True),
        (["5%", "+7 %", "1.5 %"], True),
        (["1 234", "5 678", "9 012"], True),
        (["1'234.50", "2'000", "9"], True),
        (["5 €", " 6€ ", "7$"], True),
        (["$5", "$6", "$5"], False),  # two values are two classes
        (["$5", "$6", "x", "y"], False),  # half
        (["$5", "$6", "$7", "x", "y"], True),
        (["31.01.2026", "1.2.2026", "2026 1 1"], False),
        (["A1", "B2", "C3"], False),
        (["5 kg", "6 kg", "7 kg"], False),
        ([None, None], False),
    ],
)
def test_texts_that_are_amounts_are_told(texts: list[str | None], is_told: bool) -> None:
    table = data(x=texts, kinds={"x": CATEGORICAL})
    sentences = table_checks.disguised(table, [Column("x", CATEGORICAL)])
    first = str(next((text for text in texts if text), "")).strip()
    told = (
        f"input column 'x' is text, such as {first!r}: "
        "if these are amounts, write them as numbers such as 1234.5"
    )
    assert sentences == ([told] if is_told else [])


def test_texts_that_a_setting_decided_and_other_kinds_are_no_disguise() -> None:
    table = data(("code",), code=AMOUNTS, n=[5, 6, 7], price=AMOUNTS)
    columns = [Column("code", CATEGORICAL), Column("n", NUMERIC), Column("price", CATEGORICAL)]
    (sentence,) = table_checks.disguised(table, columns)
    assert sentence.startswith("input column 'price'")
