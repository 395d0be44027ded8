"""The split is stable: a row keeps its side, whatever happens to types, files and other columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import split, steps, versions
from training import table as table_reader
from training.errors import UserError
from training.store import open_store

MANIFEST: dict[str, Any] = {
    "model": "m",
    "run": "r",
    "created": "2026-01-01T00:00:00Z",
    "code": "0" * 64,
    "libraries": {},
    "metrics": {"metric": "roc_auc", "challenger": 0.9},
    "artifact": {"key": "a", "sha256": "0" * 64},
    "profile": {"key": "p", "sha256": "0" * 64},
}


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


def kinds(table: pd.DataFrame) -> dict[str, str]:
    return {name: "datetime" if name == "when" else "numeric" for name in table.columns}


def sides(table: pd.DataFrame, rule: split.Rule | None = None, **options: Any) -> np.ndarray:
    rule = rule or split.rule("hash", 0.2, kinds(table), **options)[0]
    return split.holdout_rows(table, rule)


def version(rule: split.Rule | dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A manifest, as far as the split reads it."""
    record = rule if isinstance(rule, dict) else rule.as_json()
    data = {"rows": 1000, "train_rows": 800, "window": None}
    return {"version": 7, "split": record, "data": data, **parts}


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
    rule, _ = split.rule("hash", 0.2, kinds(table))
    before, changed = sides(table), CHANGES[name](table)
    later, notice = split.rule("hash", 0.2, kinds(changed), earlier=version(rule))
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
    together = pd.Series(sides(more, split.rule("hash", 0.2, kinds(table))[0]), more["id"])
    assert np.array_equal(together[table["id"]].to_numpy(), sides(table))


def test_a_key_keeps_the_side_when_everything_else_changes() -> None:
    table = rows()
    changed = table.assign(whole=0, real=table["real"] + 1).drop(columns=["word", "flag"])
    changed["id"] = changed["id"].astype(str)
    assert np.array_equal(sides(table, column="id"), sides(changed, column="id"))


def test_equal_values_of_the_split_column_stay_together() -> None:
    table = rows()
    held_out = sides(table, column="whole")
    assert table[held_out]["whole"].isin(table[~held_out]["whole"]).sum() == 0


def test_a_column_that_is_gone_is_told() -> None:
    table = rows()
    rule, _ = split.rule("hash", 0.2, kinds(table))
    _, notice = split.rule("hash", 0.2, kinds(table[["id", "whole"]]), earlier=version(rule))
    assert "'flag', 'real', 'when', 'word' is gone" in notice and "data.key" in notice


RECORD = {"method": "hash", "columns": ["id"], "form": split.FORM, "share": 0.2}


@pytest.mark.parametrize(
    ("record", "column", "sentence"),
    [
        ({}, None, "version 7 was made before the rule of a split was kept"),
        ({**RECORD, "form": 1}, None, "in form 1, which this version of the program does not have"),
        ({**RECORD, "form": 9}, "id", "in form 9, which this version of the program does not have"),
        ({**RECORD, "method": "draw"}, "id", "the rule 'draw' in form 3, which"),
        (RECORD, "id", ""),
        ({**RECORD, "form": 2}, "id", ""),
        ({**RECORD, "share": 0.3}, "id", ""),
        ({**RECORD, "share": 0.1}, "id", "split.holdout was 0.1, and is 0.2"),
        (
            {**RECORD, "columns": ["whole"]},
            "id",
            "were held out by a hash of 'whole', and are by a hash of 'id'",
        ),
        (
            {**RECORD, "method": "time", "columns": []},
            "id",
            "were held out by time, and are by a hash of 'id'",
        ),
    ],
)
def test_another_rule_than_the_newest_version_s_is_told(
    record: dict[str, Any], column: str | None, sentence: str
) -> None:
    table = rows()[["id", "whole"]]
    rule, notice = split.rule("hash", 0.2, kinds(table), column=column, earlier=version(record))
    assert list(rule.columns) == ([column] if column else ["id", "whole"])
    assert sentence in notice and bool(notice) == bool(sentence)
    assert not notice or "it is compared on the others" in notice


def test_a_version_keeps_the_form_that_it_was_made_with() -> None:
    table = pd.DataFrame({"price": [f"{n},5" for n in range(600)]})
    record = {"method": "hash", "columns": ["price"], "form": 2}
    old, notice = split.rule("hash", 0.2, {"price": "categorical"}, earlier=version(record))
    assert (old.form, notice) == (2, "")
    new, _ = split.rule("hash", 0.2, {"price": "categorical"})
    assert new.form == split.FORM and not np.array_equal(sides(table, old), sides(table, new))
    assert np.array_equal(split.unseen_rows(table, version(record), None), sides(table, old))


def test_a_column_that_becomes_times_is_told() -> None:
    rule = split.Rule("hash", ["when"], split.FORM, 0.2)
    before = version(rule, schema={"when": "categorical"})
    _, notice = split.rule("hash", 0.2, {"when": "datetime"}, earlier=before)
    assert "column 'when' was categorical, and is datetime" in notice
    with pytest.raises(UserError, match="learned from cannot be told: column 'when'"):
        split.unseen_rows(rows(), before, None)


NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6).map(str), st.floats(-1e6, 1e6, width=32).map(repr), st.just("inf")
)
COLUMNS: dict[str, st.SearchStrategy[str]] = {
    "number": NUMBERS,
    "number with a decimal comma": st.integers(-(10**6), 10**6).map(
        lambda n: f"{n // 10},{n % 10}"
    ),
    "truth value": st.sampled_from(["true", "True", "FALSE", "false"]),
    "time": st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01")).map(str),
    "time of day": st.times().map(lambda t: t.isoformat("seconds")),
    "word": st.text("abcz 019-,.:", min_size=1).filter(str.strip),
}


@pytest.mark.parametrize("content", COLUMNS)
def test_a_word_that_makes_text_of_a_column_moves_no_other_row(
    content: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tables")

    @settings(max_examples=30, deadline=None)
    @given(st.lists(COLUMNS[content], min_size=1, max_size=8))
    def check(values: list[str]) -> None:
        hashes = []
        for extra in ([], ["a word"]):
            pd.DataFrame({"c": [*values, *extra]}).to_csv(folder / "t.csv", index=False)
            frame = table_reader.read(folder / "t.csv").frame
            hashes.append(split.row_hashes(frame, ["c"], split.FORM)[: len(values)])
        assert np.array_equal(*hashes), values

    check()


RULES = st.builds(
    split.Rule,
    st.just("hash"),
    st.sets(st.sampled_from(["id", "whole", "real", "when"]), min_size=1).map(sorted),
    st.sampled_from(list(split.FORMS)),
    st.sampled_from([0.1, 0.2, 0.5]),
)


@settings(max_examples=30, deadline=None)
@given(
    st.one_of(RULES, st.builds(split.Rule, st.just("time"), st.just(["when"]), st.just(3),
                               st.sampled_from([0.1, 0.5]))),
    st.sampled_from(sorted(set(CHANGES) - {"times as text", "times with a zone"})),
    st.integers(100, 600),
)  # fmt: skip
def test_rows_that_a_version_learned_from_are_never_among_its_unseen_ones(
    rule: split.Rule, change: str, count: int
) -> None:
    """Whatever it was split by, and whatever became of the table since."""
    table = rows()
    past_rows = table.sample(count, random_state=count)
    held_out = split.holdout_rows(past_rows, rule)
    rule = split.with_end(rule, past_rows[~held_out])
    later = CHANGES[change](table)
    unseen = split.unseen_rows(later, version(rule, schema=kinds(table)), "when")
    assert not set(later["id"][unseen]) & set(past_rows["id"][~held_out])
    if count == len(table) and rule.method == "hash":
        assert np.array_equal(unseen, split.holdout_rows(later, rule))


def test_a_split_by_time_takes_the_newest_and_refuses_text() -> None:
    table = rows()
    rule = split.Rule("time", ["when"], split.FORM, 0.1)
    held_out = split.holdout_rows(table.sample(frac=1, random_state=0), rule)
    newest = table.sample(frac=1, random_state=0)[held_out]["when"]
    assert len(newest) == 60 and newest.min() == table["when"].iloc[-60]
    text = table.assign(when=table["when"].dt.strftime("%m/%d/%Y"))
    with pytest.raises(UserError, match=r"'when' holds '01/01/2026', no time"):
        split.holdout_rows(text, rule)
    epoch = table.assign(when=np.arange(600))
    with pytest.raises(UserError, match="no time"):
        split.holdout_rows(epoch, rule)


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


@pytest.mark.parametrize(("form", "price"), [(2, "3,5"), (3, "3.5")])
def test_each_form_is_fixed(form: int, price: str) -> None:
    """Worked out from the definition in plain integers: what moves here moves every holdout."""

    def value(text: str) -> int:
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def mixed(key: int) -> int:
        key = (key + 0x9E3779B97F4A7C15) % 2**64
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            key = (key ^ key >> shift) * factor % 2**64
        return key ^ key >> 31

    table = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [None, "3,5"]})
    first, second = value("a\0" + "1") + value("b\0x"), value("a\0" + "2") + value(f"c\0{price}")
    expected = [mixed(first % 2**64), mixed(second % 2**64)]
    assert split.row_hashes(table, ["a", "b", "c"], form).tolist() == expected


def test_the_steps_keep_the_rule_and_tell_what_a_version_has_learned_from(tmp_path: Path) -> None:
    """Through the files between the steps, with columns of all kinds, some of them inputs."""
    table = rows(2000)
    table["real"] = table["real"].where(table["real"] < 1)
    table["flag"] = table["flag"].astype(object).where(table.index % 9 > 0)
    table["clock"] = [f"{n % 24}:{n % 60:02d}" for n in table.index]
    table["label"] = table["whole"] > 20
    store = open_store(str(tmp_path / "store"))

    def prepare(name: str, *arguments: str) -> dict[str, Any]:
        table.to_csv(tmp_path / "t.csv", index=False)
        return steps.run("prepare", [
            "--data", str(tmp_path / "t.csv"), "--model-file", "default", "--target", "label",
            "--model", "m", "--store", store.uri, "--split", "hash", "--out",
            str(tmp_path / name), *arguments,
        ])  # fmt: skip

    def ids(name: str, part: str) -> set[int]:
        return set(pd.read_parquet(tmp_path / name / f"{part}.parquet")["id"])

    first = prepare("first", "--holdout", "0.2")
    data = {"rows": first["rows"], "window": None}
    versions.journal(store, "m").append({**MANIFEST, **first, "data": data})
    record = versions.manifest(store, "m", 1)
    table["new"] = 1
    for name, arguments, is_same in (
        ("again", ["--holdout", "0.2"], True),
        ("key", ["--holdout", "0.3", "--key", "id"], False),
    ):
        later = prepare(name, *arguments)
        holdout = pd.read_parquet(tmp_path / name / "holdout.parquet")
        unseen = split.unseen_rows(holdout, record, None)
        assert not set(holdout["id"][unseen]) & ids("first", "train")
        assert unseen.all() == is_same and unseen.mean() > 0.1
        notices = [notice for notice in later["notices"] if "changes sides" in notice]
        assert bool(notices) != is_same
    assert ids("again", "holdout") == ids("first", "holdout")


HASHED = {"method": "hash", "columns": ["word"], "form": 2, "share": 0.2}


def test_the_columns_of_a_version_are_kept_for_the_same_method_alone() -> None:
    types = {"when": "datetime", "word": "categorical"}
    by_time = version({"method": "time", "columns": ["when"], "form": 3, "share": 0.2})
    rule, notice = split.rule("hash", 0.2, types, earlier=by_time)
    assert rule == split.Rule("hash", ["when", "word"], 3, 0.2)
    assert "they were held out by time 'when', and are by a hash of 'when', 'word'" in notice
    second_rule, notice = split.rule("hash", 0.2, types, earlier=version(HASHED))
    assert (second_rule.columns, second_rule.form, notice) == (["word"], 2, "")


def test_another_column_begins_with_the_newest_form() -> None:
    types = {"when": "datetime", "word": "categorical"}
    rule, notice = split.rule("hash", 0.2, types, column="when", earlier=version(HASHED))
    assert (rule.columns, rule.form) == (["when"], 3)
    assert "they were held out by a hash of 'word', and are by a hash of 'when'" in notice
    same_column, notice = split.rule("hash", 0.2, types, column="word", earlier=version(HASHED))
    assert (same_column.columns, same_column.form, notice) == (["word"], 2, "")


def test_a_split_by_time_needs_a_column_of_times() -> None:
    with pytest.raises(UserError, match=r"split by time needs the setting data\.timeColumn"):
        split.holdout_rows(rows(), split.Rule("time", [], 3, 0.2))
    with pytest.raises(UserError, match="column 'then' is not in the data"):
        split.holdout_rows(rows(), split.Rule("time", ["then"], 3, 0.2))


@pytest.mark.parametrize("text", ["2026/01-02", "2026-1-02", "1234567-9", "2026-0x-02"])
def test_form_two_takes_as_times_what_has_both_dashes_of_one(text: str) -> None:
    """Form 2 stays as it was: versions that were split by it are asked by it."""
    assert split.canonical_2(text) == text
    assert split.canonical_2("2026-01-02") == split.canonical_2(pd.Timestamp("2026-01-02"))
