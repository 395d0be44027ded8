"""Whatever the columns hold, a check has an answer, and it does not depend on how rows come."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drift.tables import require
from training.drift import Profile, Thresholds, compare, profile_table

ROWS = st.integers(0, 60)
SMALL = Thresholds(min_rows=10)


def column(type_: pa.DataType, values: st.SearchStrategy) -> st.SearchStrategy:
    """Pairs of a reference's and a window's values, some of them null."""
    lists = st.lists(st.none() | values, max_size=60)
    return st.tuples(lists, lists).map(lambda pair: tuple(pa.array(side, type_) for side in pair))


COLUMNS = st.one_of(
    column(pa.float64(), st.floats(width=64)),  # nan and both infinities among them
    column(pa.float64(), st.sampled_from([0.0, -0.0, 1.5, 5e-324, 1.7e308, -1.7e308])),
    column(pa.float32(), st.just(2.5)),
    column(pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    column(pa.uint64(), st.integers(2**64 - 5, 2**64 - 1)),
    column(pa.int8(), st.integers(0, 1)),
    column(pa.bool_(), st.booleans()),
    column(pa.string(), st.sampled_from("abc") | st.text(max_size=3)),
    column(pa.dictionary(pa.int8(), pa.string()), st.sampled_from("xyz")),
    column(pa.date32(), st.dates()),
    column(pa.timestamp("us"), st.datetimes()),
    column(pa.float64(), st.nothing()),
    column(pa.null(), st.nothing()),
    column(pa.list_(pa.int8()), st.lists(st.integers(0, 3), max_size=2)),
)


def padded(pair: tuple[pa.Array, pa.Array], rows: tuple[int, int]) -> list[pa.Array]:
    """Both sides with so many rows: repeated values, then nulls."""
    sides = []
    for side, count in zip(pair, rows, strict=True):
        repeats = -(-count // max(1, len(side)))
        chunks = [side] * repeats if len(side) else [pa.nulls(count, side.type)]
        sides.append(pa.chunked_array(chunks, side.type).combine_chunks().slice(0, count))
    return sides


@settings(max_examples=60)
@given(st.lists(COLUMNS, min_size=1, max_size=4), ROWS, ROWS, st.integers(0, 2**32))
def test_any_columns_have_an_answer_whatever_the_order_shards_and_row_groups(
    columns, rows, window_rows, seed
):
    random = np.random.default_rng(seed)
    sides = [padded(pair, (rows, window_rows)) for pair in columns]
    names = [f"c{index}" for index in range(len(columns))]
    before, now = (pa.table([side[place] for side in sides], names) for place in (0, 1))
    reference = profile_table(before)
    report = compare(reference, profile_table(now, reference=reference), SMALL)
    assert json.loads(report.to_json())["verdict"] == report.verdict
    if min(rows, window_rows) < SMALL.min_rows:
        assert report.verdict == "insufficient_data"
    for feature in report.features.values():
        for share in (feature.effect, feature.p_adjusted, feature.jensen_shannon, feature.linf):
            assert share is None or 0 <= share <= 1 + 1e-12
    with TemporaryDirectory() as folder:
        path = Path(folder) / "before.parquet"
        shuffled = before.take(random.permutation(rows))
        pq.write_table(shuffled, path, row_group_size=int(random.integers(1, 61)))
        reference_by_workers = profile_table(path, workers=2)
    cut = int(random.integers(0, window_rows + 1))
    shards = [
        profile_table(part, reference=reference_by_workers)
        for part in (now.slice(cut), now.slice(0, cut))
        if part.num_rows or not window_rows
    ]
    window = shards[0]
    for shard in shards[1:]:
        window = window.merge(shard)
    assert compare(Profile.from_json(reference_by_workers.to_json()), window, SMALL) == report


@given(st.lists(st.floats(allow_nan=False), min_size=10, max_size=200))
def test_a_table_has_no_distance_from_itself(values):
    profile = profile_table(pa.table({"x": values}))
    feature = compare(profile, profile, SMALL).features["x"]
    assert not feature.drifted and feature.effect == 0 and require(feature.p_adjusted) == 1
