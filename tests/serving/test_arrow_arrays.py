"""Arrow arrays out of buffers: those that Arrow itself makes of the same values."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving.servers import variables
from training.serving import arrow_arrays


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=4)))
def test_texts(values: list[str | None]) -> None:
    array = arrow_arrays.texts(values)
    array.validate(full=True)
    assert array.equals(pa.array(values, pa.string()))


def test_texts_beyond_the_offsets_of_a_string_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_arrays, "_MOST_BYTES", 3)
    assert arrow_arrays.texts(["ab", "cd"]).to_pylist() == ["ab", "cd"]


@given(st.lists(st.floats(), max_size=5))
def test_numbers(values: list[float]) -> None:
    array = arrow_arrays.numbers(np.array(values, dtype=np.float64))
    assert array.type == pa.float64() and array.null_count == 0
    np.testing.assert_array_equal(array.to_numpy(), values)


@given(st.lists(st.datetimes(timezones=st.just(timezone.utc)), max_size=4))
def test_moments(values: list[datetime]) -> None:
    counts = list(range(len(values)))
    repeated = [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
    expected = pa.array(repeated, pa.timestamp("us", tz="UTC"))
    assert arrow_arrays.moments(values, counts).equals(expected)


LABELS = [
    np.array([1.5, np.nan]), np.array([1, -2]), np.array([True, False] * 9), np.array(["a", "bé"]),
    np.array(["a", "bb"], dtype=object), np.array([1, 2], dtype=object), np.array([0.5, 2], "f4"),
    np.array([3], np.uint8), np.array([[1.0, 2], [3, 4]])[:, 1], np.array([2**63 - 1]),
]  # fmt: skip


@pytest.mark.parametrize("values", LABELS, ids=lambda values: str(values.dtype))
def test_labels(values: np.ndarray) -> None:
    array, expected = arrow_arrays.labels(values), pa.array(values.tolist())
    array.validate(full=True)
    assert array.type == expected.type
    assert repr(array.to_pylist()) == repr(expected.to_pylist())


def test_captures_are_written_without_pandas() -> None:
    """Arrow's own way of making an array imports it, where it is installed."""
    program = """
import sys, numpy as np
from pathlib import Path
from tempfile import TemporaryDirectory
from training import clock
from training.serving.capture import Captured, Captures
with TemporaryDirectory() as folder:
    captures = Captures(Path(folder))
    text = np.array(["a"], dtype=object)
    inputs = {"n": np.array([1.0]), "t": text}
    captures.add(Captured("r", clock.now(), 1, inputs, text, np.array([0.5])))
    captures.flush()
    assert captures.written_rows == 1
print({"pandas", "pyarrow.compute"} & set(sys.modules) or "none")
"""
    process = subprocess.run(
        [sys.executable, "-c", program], env=variables(), capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "none"
