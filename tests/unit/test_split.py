"""The split is stable: a row keeps its side, whatever happens to types, files and other columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import split
from training.errors import UserError


def rows(number: int = 600) -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": np.arange(number) + 1000,
            "whole": random.integers(0, 40, number),
            "real": random.normal(size=number),
            "flag": random.random(number) < 0.5,
            "word": random.choice(["7", "red", "true"], number),
            "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(number), "h"),
        }
    )


def sides(table: pd.DataFrame, rule: split.Rule | None = None, **options: Any) -> np.ndarray:
    rule = rule or split.rule("hash", list(table.columns), **options)[0]
    return split.holdout_rows(table, rule, 0.2, None)


CHANGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "integers as floats": lambda t: t.assign(whole=t["whole"].astype(float)),
    "numbers as text": lambda t: t.assign(whole=t["whole"].astype(str), real=t["real"].map(repr)),
    "truth as text": lambda t: t.assign(flag=t["flag"].map({True: "True", False: "FALSE"})),
    "truth as numbers": lambda t: t.assign(flag=t["flag"].astype(float)),
    "times as text": lambda t: t.assign(when=t["when"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "times with a zone": lambda t: t.assign(
        when=t["when"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    ),
    "nanoseconds": lambda t: t.assign(when=t["when"].astype("datetime64[ns]")),
    "categories": lambda t: t.assign(word=t["word"].astype("category")),
    "other order of columns": lambda t: t[list(t.columns)[::-1]],
    "a constant column": lambda t: t.assign(constant=1),
    "a new column": lambda t: t.assign(new=np.arange(len(t))),
    "an empty column": lambda t: t.assign(empty=None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_form_moves_no_row(name: str) -> None:
    table = rows()
    rule, _ = split.rule("hash", list(table.columns))
    before, changed = sides(table), CHANGES[name](table)
    later, notice = split.rule("hash", list(changed.columns), earlier=rule.as_json())
    assert 0.12 < before.mean() < 0.28
    assert not notice and np.array_equal(sides(changed, later), before)


@pytest.mark.parametrize("column", ["whole", "flag", "word", "when", "real"])
def test_the_first_missing_value_moves_one_row(column: str) -> None:
    table = rows()
    changed = table.copy()
    changed[column] = changed[column].astype(object)
    changed.loc[5, column] = None
    assert (sides(table) != sides(changed)).sum() <= 1


def test_rows_that_are_added_or_sorted_move_no_other() -> None:
    table = rows()
    more = pd.concat([rows(700).iloc[600:], table.sample(frac=1, random_state=0)])
    together = pd.Series(sides(more, split.rule("hash", list(table.columns))[0]), more["id"])
    assert np.array_equal(together[table["id"]].to_numpy(), sides(table))


def test_a_key_keeps_the_side_when_everything_else_changes() -> None:
    table = rows()
    changed = table.assign(whole=0, real=table["real"] + 1).drop(columns=["word", "flag"])
    changed["id"] = changed["id"].astype(str)
    assert np.array_equal(sides(table, key="id"), sides(changed, key="id"))


def test_equal_values_of_the_split_column_stay_together() -> None:
    table = rows()
    held_out = sides(table, by="whole", key="id")
    assert table[held_out]["whole"].isin(table[~held_out]["whole"]).sum() == 0


def test_a_column_that_is_gone_is_told() -> None:
    table = rows()
    rule, _ = split.rule("hash", list(table.columns))
    _, notice = split.rule("hash", ["id", "whole"], earlier=rule.as_json())
    assert "'flag', 'real', 'when', 'word' is gone" in notice and "data.key" in notice


@pytest.mark.parametrize(
    ("earlier", "options", "is_told"),
    [
        (None, {}, False),  # a first version
        ({}, {}, True),  # one that was made before rules were kept
        ({"method": "hash", "columns": ["id", "whole"], "form": 1}, {}, True),
        ({"method": "hash", "columns": ["id"], "form": split.FORM}, {"key": "id"}, False),
        ({"method": "hash", "columns": ["whole"], "form": split.FORM}, {"key": "id"}, True),
        ({"method": "time", "columns": [], "form": split.FORM}, {"key": "id"}, True),
    ],
)
def test_another_rule_than_the_newest_version_s_is_told(
    earlier: Any, options: dict[str, str], is_told: bool
) -> None:
    rule, notice = split.rule("hash", ["id", "whole"], earlier=earlier, **options)
    assert list(rule.columns) == (["id"] if options else ["id", "whole"])
    assert ("its score is too good this once" in notice) == is_told


def test_a_split_by_time_takes_the_newest_and_refuses_text() -> None:
    table = rows()
    rule = split.Rule("time", [])
    held_out = split.holdout_rows(table.sample(frac=1, random_state=0), rule, 0.1, "when")
    newest = table.sample(frac=1, random_state=0)[held_out]["when"]
    assert len(newest) == 60 and newest.min() == table["when"].iloc[-60]
    text = table.assign(when=table["when"].dt.strftime("%m/%d/%Y"))
    with pytest.raises(UserError, match=r"'when' holds '01/01/2026', no time"):
        split.holdout_rows(text, rule, 0.1, "when")
    epoch = table.assign(when=np.arange(600))
    with pytest.raises(UserError, match="no time"):
        split.holdout_rows(epoch, rule, 0.1, "when")


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.integers(-(10**11), 10**11), st.floats(allow_nan=False, width=32)))
def test_a_number_is_the_same_as_its_text(number: float) -> None:
    forms = {split.canonical(form) for form in (number, float(number), repr(number), str(number))}
    if np.isfinite(number):
        assert len(forms) == 1


@settings(max_examples=200, deadline=None)
@given(st.datetimes(min_value=pd.Timestamp("1970-01-01"), max_value=pd.Timestamp("2200-01-01")))
def test_a_time_is_the_same_as_its_text(moment: Any) -> None:
    stamp = pd.Timestamp(moment)
    assert split.canonical(stamp) == split.canonical(stamp.isoformat())
    assert split.canonical(stamp) == split.canonical(stamp.tz_localize("UTC"))


def test_the_rule_itself_is_fixed() -> None:
    """Worked out from the definition in plain integers: what moves here moves every holdout."""

    def value(text: str) -> int:
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def mixed(key: int) -> int:
        key = (key + 0x9E3779B97F4A7C15) % 2**64
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            key = (key ^ key >> shift) * factor % 2**64
        return key ^ key >> 31

    table = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    expected = [mixed((value("a\0" + "1") + value("b\0x")) % 2**64), mixed(value("a\0" + "2"))]
    assert split.row_hashes(table, ["a", "b"]).tolist() == expected
