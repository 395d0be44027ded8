"""Rows to look at: those in which the drift shows, the newest, by id alone."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest

from training.drift import Thresholds, compare, html_page, profile_table
from training.drift.examples import MOST, typical_rows
from training.drift.verdict import DriftReport
from training.table_reader import open_tables

ROWS, UNTYPICAL = 3000, 600


def table(seed: int, untypical: int = 0) -> pa.Table:
    """Rows of which the last `untypical` are of another kind in every column."""
    random = np.random.default_rng(seed)
    new = np.arange(ROWS) >= ROWS - untypical
    day = 86_400_000_000
    return pa.table(
        {
            "number": random.normal(size=ROWS) + 5 * new,
            "count": pa.array(random.integers(0, 9, ROWS) + 40 * new, pa.int32()),
            "word": pa.array(
                np.where(new, "new", random.choice(["red", "blue"], ROWS))
            ).dictionary_encode(),
            "flag": (random.random(ROWS) < 0.1) | new,
            "gap": pa.array(random.normal(size=ROWS), mask=new),
            "nan": np.where(new, np.nan, random.normal(size=ROWS)),
            "when": pa.array(
                random.integers(0, 30 * day, ROWS) + 900 * day * new, pa.timestamp("us", "UTC")
            ),
            "calm": random.normal(size=ROWS),
            "request_id": [f"id-{seed}-{row}" for row in range(ROWS)],
        }
    )


@pytest.fixture(scope="module")
def report() -> DriftReport:
    """The report of a window whose last fifth is of another kind, in every column but one."""
    inputs = [name for name in table(1).column_names if name != "request_id"]
    reference, window = (profile_table(t.select(inputs)) for t in (table(1), table(2, UNTYPICAL)))
    return compare(reference, window, Thresholds(min_rows=500))


@pytest.mark.parametrize("parts", [1, 4])
def test_the_rows_are_of_the_kind_that_grew(report: DriftReport, parts: int) -> None:
    assert set(report.drifted) == {"number", "count", "word", "flag", "gap", "nan", "when"}
    window = table(2, UNTYPICAL)
    size = ROWS // parts
    pieces = [window.slice(n * size, size) for n in range(parts)]
    features = {name: report.features[name] for name in report.drifted}
    tables = [part for piece in pieces for part in open_tables(piece)]
    examples = typical_rows(tables, features, "request_id")
    assert set(examples) == set(report.drifted)
    for name, rows in examples.items():
        numbers = [int(id_.rpartition("-")[2]) for id_ in rows.ids]
        assert len(numbers) == MOST and numbers == sorted(numbers, reverse=True), name
        # All of the other kind; of a flag any row may be true.
        assert name == "flag" or min(numbers) >= ROWS - UNTYPICAL, name
    assert examples["word"].says == "new: 0.0% → 20.0%" and examples["flag"].says.startswith(
        "true: "
    )
    assert examples["gap"].says == examples["nan"].says == "without a value: 0.00% → 20.00%"
    assert re.fullmatch(r"\d+ and more: about 0% → (19|20)%", examples["count"].says)
    assert examples["when"].says.startswith("197")
    assert examples["word"].ids == [f"id-2-{row}" for row in range(ROWS - 1, ROWS - 1 - MOST, -1)]


def test_a_request_is_named_once_and_what_cannot_be_shown_is_left_out(
    report: DriftReport,
) -> None:
    window = table(2, UNTYPICAL)
    same_request = window.set_column(8, "request_id", pa.array(["one"] * ROWS))
    features = {name: report.features[name] for name in ("number", "word")}
    examples = typical_rows(open_tables(same_request), features, "request_id")
    assert [rows.ids for rows in examples.values()] == [["one"], ["one"]]
    few_requests = window.set_column(
        8, "request_id", pa.array([f"r{row // 100}" for row in range(ROWS)])
    )
    examples = typical_rows(open_tables(few_requests), features, "request_id")
    assert examples["word"].ids == ["r29", "r28", "r27", "r26", "r25"]
    assert (
        typical_rows(open_tables(window.drop_columns("request_id")), features, "request_id") == {}
    )
    other = window.set_column(0, "number", window["word"])
    assert set(typical_rows(open_tables(other), features, "request_id")) == {"word"}


def test_the_report_shows_them_with_the_command(report: DriftReport) -> None:
    features = {"word": report.features["word"]}
    examples = typical_rows(open_tables(table(2, UNTYPICAL)), features, "request_id")
    full = DriftReport(**{**vars(report), "examples": examples})
    assert DriftReport.from_json(full.to_json()) == full
    page = html_page(full, rows_command="mlops -s <dev> -m toys captures")
    ids = " ".join(examples["word"].ids)
    assert f"<pre>mlops -s &lt;dev&gt; -m toys captures {ids}</pre>" in page
    assert f"<pre>{ids}</pre>" in html_page(full)
    assert "Rows to look at" not in html_page(report)
