"""Profiles do not depend on order, shards, row groups, files, threads or the kind of source."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv

from tests.drift.tables import mixed, plain
from training.drift import Profile, profile_table
from training.drift.categorical import MAX_NAMES
from training.errors import UserError

TABLE = mixed(6000)
WHOLE = profile_table(TABLE)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_shards_in_any_order_merge_to_one_pass(seed, shards):
    random = np.random.default_rng(seed)
    shuffled = TABLE.take(random.permutation(TABLE.num_rows))
    cuts = sorted(random.integers(0, TABLE.num_rows + 1, shards - 1).tolist())
    pieces = [
        profile_table(shuffled.slice(start, end - start))
        for start, end in zip([0, *cuts], [*cuts, TABLE.num_rows], strict=True)
    ]
    random.shuffle(pieces)
    merged = pieces[0]
    for piece in pieces[1:]:
        merged = merged.merge(piece)
    assert merged.to_json() == WHOLE.to_json()


@pytest.mark.parametrize("row_group_size", [37, 1000, 6000])
@pytest.mark.parametrize("workers", [1, 3])
def test_row_groups_and_threads_change_nothing(tmp_path, row_group_size, workers):
    pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=row_group_size)
    assert profile_table(tmp_path / "t.parquet", workers=workers).to_json() == WHOLE.to_json()


def test_files_in_folders_change_nothing(tmp_path):
    for index in range(4):
        folder = tmp_path / f"day {index}"
        folder.mkdir()
        pq.write_table(TABLE.slice(index * 1500, 1500), folder / "part.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "_hidden.parquet").write_text("not a table")
    assert profile_table(tmp_path) == WHOLE
    assert profile_table(sorted(tmp_path.rglob("part.parquet"))[::-1]) == WHOLE


def test_windows_are_mergeable_too():
    window = mixed(4000, seed=1)
    whole = profile_table(window, reference=WHOLE)
    parts = [profile_table(window.slice(s, 1000), reference=WHOLE) for s in range(0, 4000, 1000)]
    merged = parts[3].merge(parts[1]).merge(parts[0].merge(parts[2]))
    assert merged.to_json() == whole.to_json()


def test_every_source_gives_the_same_profile(tmp_path):
    table = plain(3000)
    expected = profile_table(table)
    csv.write_csv(table, tmp_path / "t.csv")
    assert profile_table(table.to_pandas()) == expected
    assert profile_table(iter(table.to_batches(max_chunksize=700))) == expected
    assert profile_table(table.combine_chunks().to_batches()[0]) == expected
    assert profile_table(tmp_path / "t.csv") == expected
    assert profile_table(str(tmp_path)) == expected


def test_json_round_trip_is_exact_and_small(tmp_path):
    WHOLE.save(tmp_path / "p.json")
    loaded = Profile.load(tmp_path / "p.json")
    assert loaded.to_json() == WHOLE.to_json()
    half = profile_table(TABLE.slice(0, 3000)), profile_table(TABLE.slice(3000))
    reloaded = [Profile.from_json(side.to_json()) for side in half]
    assert reloaded[1].merge(reloaded[0]) == WHOLE
    document = json.loads(WHOLE.to_json())
    assert document["schema_version"] == 1 and document["rows"] == 6000
    for column in document["columns"].values():
        assert len(column.get("bins", {"edges": []})["edges"]) <= 1024
    assert len(WHOLE.to_json()) < 60_000 * len(WHOLE.columns)


def test_counts_of_missing_and_infinite_values():
    holes = TABLE["holes"].to_numpy()
    column = WHOLE.columns["holes"]
    assert column.nans == np.isnan(holes).sum()
    assert column.infinities == ((holes == -np.inf).sum(), (holes == np.inf).sum())
    assert column.bins.counts.sum() == np.isfinite(holes).sum()
    assert WHOLE.columns["nulls"].nulls == TABLE["nulls"].null_count
    assert WHOLE.columns["flag"].missing == TABLE["flag"].null_count
    assert WHOLE.columns["unused"].nulls == WHOLE.columns["nothing"].nulls == 6000
    assert WHOLE.columns["list"].kind == "other" and WHOLE.columns["date"].kind == "datetime"
    assert WHOLE.columns["constant"].span == (3.25, 3.25)
    words = TABLE["word"].to_pandas().value_counts()
    assert dict(WHOLE.columns["word"].names) == words.to_dict()


def test_all_time_units_are_seconds():
    moments = pa.array([0, 1_700_000_000], pa.int64()).cast(pa.timestamp("s"))
    profiles = [
        profile_table(pa.table({"t": moments.cast(pa.timestamp(unit))})).columns["t"]
        for unit in ("s", "ms", "us", "ns")
    ]
    assert all(column.span == (0.0, 1_700_000_000.0) for column in profiles)
    days = pa.table(
        {"d": pa.array([1], pa.date32()), "m": pa.array([1], pa.date32()).cast("date64")}
    )
    assert {column.span for column in profile_table(days).columns.values()} == {(86400.0, 86400.0)}


def test_time_range(tmp_path):
    profile = profile_table(TABLE, time_column="time")
    times = TABLE["time"].to_pandas()
    assert profile.time_range.start == times.min().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert profile.time_range.end == times.max().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "time" not in profile.columns
    halves = [profile_table(TABLE.slice(s, 3000), time_column="time") for s in (3000, 0)]
    assert halves[0].merge(halves[1]) == profile
    assert Profile.from_json(profile.to_json()).time_range == profile.time_range


def test_identifiers_are_counted_in_buckets():
    names = [f"user {index}" for index in range(MAX_NAMES + 500)]
    whole = profile_table(pa.table({"id": names}))
    assert whole.columns["id"].buckets.sum() == len(names) and not whole.columns["id"].names
    parts = [profile_table(pa.table({"id": names[start::3]})) for start in range(3)]
    assert parts[2].merge(parts[0]).merge(parts[1]) == whole
    assert Profile.from_json(whole.to_json()) == whole


def test_select_and_join():
    score = profile_table(pa.table({"score": [0.5] * 10}))
    joined = WHOLE.select(["normal", "word"]).join(score)
    assert list(joined.columns) == ["normal", "score", "word"]
    assert joined.rows == 6000 and joined.columns["score"].rows == 10
    with pytest.raises(UserError, match="no column 'nope'"):
        WHOLE.select(["nope"])
    with pytest.raises(UserError, match="both profiles have the columns score"):
        joined.join(score)


def test_schema_hash_is_of_names_and_kinds():
    assert profile_table(TABLE.slice(0, 10)).schema_hash == WHOLE.schema_hash
    assert profile_table(TABLE.drop(["word"])).schema_hash != WHOLE.schema_hash


def test_a_column_that_a_file_lacks_is_null_there(tmp_path):
    pq.write_table(plain(100), tmp_path / "1.parquet")
    pq.write_table(plain(50).drop(["c"]), tmp_path / "2.parquet")
    profile = profile_table(tmp_path)
    assert profile.rows == 150 and profile.columns["c"].nulls == 50
    assert profile.columns["a"].nulls == 0
    parts = [profile_table(tmp_path / name) for name in ("2.parquet", "1.parquet")]
    assert parts[0].merge(parts[1]) == profile


def test_types_of_one_kind_mix(tmp_path):
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [0.5, None]}), tmp_path / "2.parquet")
    assert profile_table(tmp_path).columns["a"].type == "double|int64"


def test_types_of_different_kinds_do_not_mix(tmp_path):
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": ["x", "y"]}), tmp_path / "2.parquet")
    with pytest.raises(UserError, match="column 'a' is"):
        profile_table(tmp_path)


def test_bins_of_different_references_do_not_mix():
    other = profile_table(plain(500, seed=5))
    window = plain(100, seed=6)
    counted = profile_table(window, reference=profile_table(plain(500, seed=4)))
    with pytest.raises(UserError, match="different bins"):
        counted.merge(profile_table(window, reference=other))


def test_csv_reads_codes_and_nulls_as_the_reference(tmp_path):
    reference = profile_table(pa.table({"code": ["A1", "17"], "x": [1.0, 2.5], "gap": [1.0, None]}))
    (tmp_path / "w.csv").write_text("code,x,gap\n17,3,\n18,,\n")
    window = profile_table(tmp_path / "w.csv", reference=reference)
    assert dict(window.columns["code"].names) == {"17": 1, "18": 1}
    assert window.columns["x"].nulls == 1 and window.columns["gap"].kind == "numeric"


def test_csv_keeps_fractions_after_whole_numbers(tmp_path):
    lines = ["n"] + ["1"] * 600_000 + ["2.5"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert profile_table(tmp_path / "t.csv").columns["n"].span == (1.0, 2.5)


def test_csv_value_of_another_type(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(["n"] + ["1"] * 600_000 + ["many"]))
    with pytest.raises(UserError, match=r"many.*first megabyte"):
        profile_table(tmp_path / "t.csv")


def test_empty_tables(tmp_path):
    empty = TABLE.slice(0, 0)
    pq.write_table(empty, tmp_path / "t.parquet")
    assert profile_table(tmp_path).rows == 0
    assert profile_table(empty).merge(WHOLE) == WHOLE
    assert Profile().merge(WHOLE) == WHOLE == WHOLE.merge(Profile())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere", "no such file or folder: 'nowhere'"),
        (7, "cannot read a table from int"),
        ([], "list of paths is empty"),
        (iter(()), "has no columns to count"),
        (iter([1]), "gave a int"),
        (pa.table([[1], [2]], names=["a", "a"]), "more than one column named a"),
    ],
)
def test_bad_sources(source, message):
    with pytest.raises(UserError, match=message):
        profile_table(source)


def test_bad_files(tmp_path):
    with pytest.raises(UserError, match="no table in the folder"):
        profile_table(tmp_path)
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(UserError, match="cannot read the table"):
        profile_table(tmp_path)
    (tmp_path / "t.txt").write_text("no")
    with pytest.raises(UserError, match=r"must end in \.parquet"):
        profile_table(tmp_path / "t.txt")
    (tmp_path / "e.csv").write_text("")
    with pytest.raises(UserError, match="cannot read the table"):
        profile_table(tmp_path / "e.csv")


def test_bad_columns():
    with pytest.raises(UserError, match=r"no column 'nope' .* it has a, b, c"):
        profile_table(plain(10), columns=["nope"])
    with pytest.raises(UserError, match="time column 'a' is numeric"):
        profile_table(plain(10), time_column="a")


def test_bad_profiles(tmp_path):
    for text, message in [
        ("nope", "not JSON"),
        ("[]", "no 'columns'"),
        ('{"columns":{},"schema_version":99}', "schema version 99"),
    ]:
        with pytest.raises(UserError, match=message):
            Profile.from_json(text)
    with pytest.raises(UserError, match="cannot read the profile"):
        Profile.load(tmp_path / "no.json")


def test_pandas_categories_and_nan():
    frame = pd.DataFrame({"c": pd.Categorical([3, 1, None]), "x": [1.0, np.nan, 2.0]})
    profile = profile_table(frame)
    assert dict(profile.columns["c"].names) == {"1": 1, "3": 1}
    assert profile.columns["x"].missing == 1


def test_progress_is_told():
    told = []
    profile_table(plain(10), progress=lambda done, parts: told.append((done, parts)))
    assert told == [(1, 3), (2, 3), (3, 3)]
