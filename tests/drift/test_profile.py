"""Profiles do not depend on order, shards, row groups, files, threads or the kind of source."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv

from tests.drift.tables import category, mixed, numeric, plain, require
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
    column = numeric(WHOLE, "holes")
    assert column.nans == np.isnan(holes).sum()
    assert column.infinities == ((holes == -np.inf).sum(), (holes == np.inf).sum())
    assert column.bins.counts.sum() == np.isfinite(holes).sum()
    assert WHOLE.columns["nulls"].nulls == TABLE["nulls"].null_count
    assert WHOLE.columns["flag"].missing == TABLE["flag"].null_count
    assert WHOLE.columns["unused"].nulls == WHOLE.columns["nothing"].nulls == 6000
    assert WHOLE.columns["list"].kind == "other" and WHOLE.columns["date"].kind == "datetime"
    assert numeric(WHOLE, "constant").span == (3.25, 3.25)
    words = TABLE["word"].to_pandas().value_counts()
    assert dict(category(WHOLE, "word").names) == words.to_dict()


def test_all_time_units_are_seconds():
    moments = pa.array([0, 1_700_000_000], pa.int64()).cast(pa.timestamp("s"))
    profiles = [
        numeric(profile_table(pa.table({"t": moments.cast(pa.timestamp(unit))})), "t")
        for unit in ("s", "ms", "us", "ns")
    ]
    assert all(column.span == (0.0, 1_700_000_000.0) for column in profiles)
    days = pa.table(
        {"d": pa.array([1], pa.date32()), "m": pa.array([1], pa.date32()).cast("date64")}
    )
    assert {numeric(profile_table(days), name).span for name in "dm"} == {(86400.0, 86400.0)}


def test_time_range(tmp_path):
    profile = profile_table(TABLE, time_column="time")
    times = TABLE["time"].to_pandas()
    assert require(profile.time_range).start == times.min().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert require(profile.time_range).end == times.max().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "time" not in profile.columns
    halves = [profile_table(TABLE.slice(s, 3000), time_column="time") for s in (3000, 0)]
    assert halves[0].merge(halves[1]) == profile
    assert Profile.from_json(profile.to_json()).time_range == profile.time_range


def test_identifiers_are_counted_in_buckets():
    names = [f"user {index}" for index in range(MAX_NAMES + 500)]
    whole = profile_table(pa.table({"id": names}))
    assert (
        require(category(whole, "id").buckets).sum() == len(names)
        and not category(whole, "id").names
    )
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
