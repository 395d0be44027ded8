"""Tables of every sort: files that differ, CSV, empty ones, and what cannot be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.drift.tables import category, mixed, numeric, plain
from training.drift import Profile, compare, profile_table
from training.errors import UserError

TABLE = mixed(600)
WHOLE = profile_table(TABLE)


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


def test_numbers_and_words_in_different_files_are_words(tmp_path):
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": ["x", "2"]}), tmp_path / "2.parquet")
    assert dict(category(profile_table(tmp_path), "a").names) == {"2": 2, "1": 1, "x": 1}


def test_profiles_of_different_kinds_do_not_merge():
    numbers, words = (profile_table(pa.table({"a": values})) for values in ([1], ["x"]))
    with pytest.raises(UserError, match="column 'a' is"):
        numbers.merge(words)


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
    assert dict(category(window, "code").names) == {"17": 1, "18": 1}
    assert window.columns["x"].nulls == 1 and window.columns["gap"].kind == "numeric"


def test_csv_keeps_fractions_after_whole_numbers(tmp_path):
    lines = ["n"] + ["1"] * 600_000 + ["2.5"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert numeric(profile_table(tmp_path / "t.csv"), "n").span == (1.0, 2.5)


def test_one_word_in_the_last_row_makes_a_column_of_words(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(["n"] + ["1"] * 600_000 + ["many"]))
    assert dict(category(profile_table(tmp_path / "t.csv"), "n").names) == {"1": 600_000, "many": 1}
    reference = profile_table(pa.table({"n": [1.0, 2.0]}))
    (finding,) = compare(reference, profile_table(tmp_path / "t.csv", reference=reference)).findings
    assert finding.kind == "type_changed"


def test_empty_tables(tmp_path):
    empty = TABLE.slice(0, 0)
    pq.write_table(empty, tmp_path / "t.parquet")
    assert profile_table(tmp_path).rows == 0
    assert profile_table(empty).merge(WHOLE) == WHOLE
    assert Profile().merge(WHOLE) == WHOLE == WHOLE.merge(Profile())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere", "data 'nowhere' does not exist; give a file or folder"),
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
    with pytest.raises(UserError, match="folder without a table"):
        profile_table(tmp_path)
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(UserError, match="cannot be read"):
        profile_table(tmp_path)
    (tmp_path / "t.txt").write_text("no")
    with pytest.raises(UserError, match=r"cannot read '.txt'; allowed: .csv"):
        profile_table(tmp_path / "t.txt")
    (tmp_path / "e.csv").write_text("")
    with pytest.raises(UserError, match="is empty"):
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
    assert dict(category(profile, "c").names) == {"1": 1, "3": 1}
    assert profile.columns["x"].missing == 1


def test_progress_is_told():
    calls = []
    profile_table(plain(10), progress=lambda number, parts: calls.append((number, parts)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
