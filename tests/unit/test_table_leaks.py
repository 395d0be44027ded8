"""Inputs that give the target away, or that number the rows, and those that do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from training import table_checks
from training.model_inputs import BOOLEAN, CATEGORICAL, NUMERIC, Column
from training.table import Data


def kind_of(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return BOOLEAN
    return NUMERIC if pd.api.types.is_numeric_dtype(values) else CATEGORICAL


def leaking(target: Any, /, **columns: Any) -> list[str]:
    """The columns of which a leak is told."""
    frame = pd.DataFrame({"y": target, **columns})
    kinds = {name: kind_of(frame[name]) for name in frame}
    inputs = [Column(name, kinds[name]) for name in columns]
    sentences = table_checks.leaks(Data(frame, kinds, {}, []), inputs, "y")
    for sentence in sentences:
        name = sentence.split("'")[1]
        assert sentence.startswith(
            (f"input column {name!r} numbers the rows; if",
             f"input column {name!r} nearly is the target 'y'; if")
        )  # fmt: skip
        assert sentence.endswith(f"ignore it (data.columns: {{{name}: ignore}})")
    return [sentence.split("'")[1] for sentence in sentences]


def test_numbers_of_rows_are_told_from_twenty_one_rows_on() -> None:
    random = np.random.default_rng(1)
    for rows, told in ((20, []), (21, ["row"])):
        numbers = {
            "row": np.arange(rows) + 7, "even": 2 * np.arange(rows), "down": -np.arange(rows),
            "gap": [*range(rows - 1), rows], "none": random.normal(size=rows),
        }  # fmt: skip
        assert leaking(random.integers(0, 2, rows), **numbers) == told
    assert leaking(np.arange(60), row=np.arange(60)) == ["row"]
    words = [f"w{n}" for n in range(30)]
    assert leaking(random.integers(0, 2, 30), words=words) == []


def test_a_copy_is_told_from_fifty_rows_on() -> None:
    words = ["a", "b"] * 25
    assert leaking(words, copy=words) == ["copy"]
    assert leaking(words[:49], copy=words[:49]) == []


def test_a_copy_of_numbers_is_told_by_its_order() -> None:
    random = np.random.default_rng(2)
    target = random.normal(size=400)
    noisy = {
        "grows": np.exp(target), "falls": -target, "near": target + random.normal(0, 0.3, 400),
        "words": [f"w{rank:03d}" for rank in target.argsort().argsort()],
        "noise": random.normal(size=400),
    }  # fmt: skip
    assert leaking(target, **noisy) == ["grows", "falls"]


def test_more_than_twenty_whole_numbers_are_amounts() -> None:
    values = np.arange(420)
    order = np.random.default_rng(3).permutation(420)
    for count, told in ((20, ["copy", "word"]), (21, ["copy"])):
        target = (values % count)[order]
        columns = {"copy": target * 3, "word": [f"w{value}" for value in target]}
        assert leaking(target, **columns) == told
    words = [f"w{value % 30}" for value in values]
    assert leaking(words, copy=words) == ["copy"]


def test_truth_values_of_a_target_are_classes() -> None:
    target = np.array([True, False, False, True] * 30)
    assert leaking(target, copy=target, other=[*[True] * 60, *[False] * 60]) == ["copy"]


def test_a_column_that_goes_with_one_class_in_all_but_a_few_rows_is_told() -> None:
    target = np.array(["a", "b"] * 500)
    for wrong, told in ((4, ["x"]), (5, [])):
        values = target.copy()
        values[:wrong] = np.where(target[:wrong] == "a", "b", "a")
        assert leaking(target.tolist(), x=values.tolist()) == told


def test_a_column_tells_more_than_the_most_frequent_class_does() -> None:
    for rare, told in ((10, []), (11, ["x"])):
        target = ["rare"] * rare + ["usual"] * (1000 - rare)
        assert leaking(target, x=target, y2=["same"] * 1000) == told


def test_a_column_with_more_values_than_a_tenth_of_the_rows_names_them() -> None:
    target = ["a", "b"] * 100
    x = [f"{label}{number // 2 % 10}" for number, label in enumerate(target)]
    assert len(set(x)) == 20
    assert leaking(target, x=x) == ["x"]
    assert leaking(target, x=[*x[:-1], "another"]) == []


def test_numbers_are_looked_at_in_fifty_bins_of_as_many_rows() -> None:
    random = np.random.default_rng(4)
    x = random.permutation(1000) / 7
    halves = np.where(x < np.median(x), "low", "high").tolist()
    stripes = np.where(np.argsort(np.argsort(x)) // 20 % 2 == 0, "even", "odd").tolist()
    narrow = np.where(np.argsort(np.argsort(x)) // 10 % 2 == 0, "even", "odd").tolist()
    assert leaking(halves, x=x) == ["x"]
    assert leaking(stripes, x=x) == ["x"]
    assert leaking(narrow, x=x) == []


def test_few_numbers_and_many_words_are_not_put_into_bins() -> None:
    for values, told in ((50, ["x"]), (51, [])):
        numbers = np.minimum(np.random.default_rng(5).permutation(600) // 11, values - 1)
        target = np.where(numbers % 2 == 0, "even", "odd").tolist()
        assert len(set(numbers)) == values
        assert leaking(target, x=numbers) == told
        assert leaking(target, x=[f"w{number:02d}" for number in numbers]) == ["x"]


def test_the_first_twenty_thousand_rows_are_looked_at() -> None:
    target = np.arange(20_400) % 2
    late = target.copy()
    late[20_000:] = 0
    assert leaking(target, x=late) == ["x"]
    early = target.copy()
    early[:200] = 0
    assert leaking(target, x=early) == []
    rows = np.arange(20_001)
    rows[20_000] = 7
    assert leaking(np.arange(20_001) % 2, x=rows) == ["x"]
