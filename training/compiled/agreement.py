"""Does a compiled predictor answer as its estimator? Asked on the holdout and on hard rows.

Hard rows are rows of the holdout with values that tell implementations apart: missing, unseen
categories, infinities, numbers too large for single precision, signed zeros, and the trees' own
thresholds with their neighbours on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from training.compiled import Compiled
from training.model_inputs import CATEGORICAL, Column, model_frame
from training.predictor import estimator_frame

# Of what an answer may differ: absolute for shares, relative for values beyond 1.
TOLERANCE = 1e-6
HARD_ROWS = 2_000
MAX_THRESHOLDS = 20
SEED = 20130101

_FLOAT32 = float(np.finfo(np.float32).max)
_NUMBERS = (
    np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 2.0**53 + 1, -1.0,
    _FLOAT32, np.nextafter(_FLOAT32, np.inf), 3.5e38, -3.5e38, 1e-45, 0.1,
)  # fmt: skip
_TEXTS = (
    None,
    "",
    " ",
    "nan",
    "None",
    "0",
    "1",
    "never seen in training",
    "\u00e9\u4e2d\U0001f6e9",
)


@dataclass(frozen=True)
class Agreement:
    """Outcome of a comparison; `reason` says what differs, and is empty if nothing does.

    Args:
        rows: How many rows were compared.
        difference: The largest difference of an answer.
        reason: The first row whose answers differ, in words.
    """

    rows: int
    difference: float
    reason: str


def compare(
    estimator: Any,
    compiled: Compiled,
    columns: Sequence[Column],
    holdout: pd.DataFrame,
    thresholds: dict[str, np.ndarray] | None = None,
) -> Agreement:
    """Hold the compiled predictor against the estimator.

    `holdout` has the input columns; `thresholds` are numbers of the model, by numeric column.
    """
    frame = model_frame(holdout, list(columns))
    texts = [column.name for column in columns if column.kind == CATEGORICAL]
    frame = estimator_frame(frame, texts)
    draw = np.random.default_rng(SEED)
    values = {column.name: _values(frame, column, thresholds or {}, draw) for column in columns}
    rows, difference, reason = 0, 0.0, ""
    single = _single(frame, values, draw)
    refused = refused_rows(estimator, single)
    # Rows with several hard values, of those that are answered alone.
    accepted = _accepted(values, refused)
    several = _several(frame, accepted, draw)
    for part, part_refused in ((frame, None), (single, refused), (several, None)):
        result = compare_rows(estimator, compiled, part, part_refused)
        rows, difference = rows + result.rows, max(difference, result.difference)
        reason = reason or result.reason
    return Agreement(rows, difference, reason)


def compare_rows(
    estimator: Any, compiled: Compiled, frame: pd.DataFrame, refused: np.ndarray | None = None
) -> Agreement:
    """Hold both against each other on rows as `model_frame` types them.

    What one of them refuses the other has to refuse, row by row; `refused` are the rows that the
    estimator refuses, where they are known.
    """
    refused, reference = _answered(estimator, frame, refused)
    also, answers = _answered(compiled, frame)
    if (refused != also).any():
        position = int((refused != also).argmax())
        refusing = "the estimator" if refused[position] else "the compiled predictor"
        return Agreement(
            len(frame), 0.0, f"only {refusing} refuses the row {_row(frame, position)}"
        )
    if refused.all():
        return Agreement(len(frame), 0.0, "")
    accepted = frame[~refused]
    gap = np.abs(reference - answers)
    gap[(reference == answers) | (np.isnan(reference) & np.isnan(answers))] = 0
    difference = float(gap.max(initial=0.0))
    labels = (_labels(estimator, reference) != _labels(estimator, answers))[:, np.newaxis]
    mismatches = labels | ~((gap == 0) | (gap <= TOLERANCE * np.maximum(1, np.abs(reference))))
    if not mismatches.any():
        return Agreement(len(frame), difference, "")
    position = int(mismatches.any(axis=1).argmax())
    row = f"for the row {_row(accepted, position)}"
    if labels[position]:
        return Agreement(len(frame), difference, f"another label {row}")
    return Agreement(len(frame), difference, f"its answer is {gap[position].max():.3g} off {row}")


def _answered(
    model: Any, frame: pd.DataFrame, refused: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mask of the rows that the model refuses, unless it is known, and its answers to the others.

    Mostly none is refused, and one question tells both.
    """
    if refused is None:
        try:
            return np.zeros(len(frame), dtype=bool), _answers(model, frame)
        except ValueError:
            refused = refused_rows(model, frame)
    return refused, np.empty((0, 1)) if refused.all() else _answers(model, frame[~refused])


def refused_rows(model: Any, frame: pd.DataFrame) -> np.ndarray:
    """Mask of the rows that the model raises ValueError for, of shape (rows,)."""
    try:
        _answers(model, frame)
    except ValueError:
        if len(frame) == 1:
            return np.ones(1, dtype=bool)
        middle = len(frame) // 2
        halves = (frame.iloc[:middle], frame.iloc[middle:])
        return np.concatenate([refused_rows(model, half) for half in halves])
    return np.zeros(len(frame), dtype=bool)


def _answers(model: Any, frame: pd.DataFrame) -> np.ndarray:
    """Shares of shape (rows, classes) or values of shape (rows, 1)."""
    with np.errstate(all="ignore"):
        if _classifies(model):
            return np.asarray(model.predict_proba(frame), dtype=np.float64)
        return np.asarray(model.predict(frame), dtype=np.float64).reshape(-1, 1)


def _classifies(model: Any) -> bool:
    return getattr(model, "classes_", None) is not None


def _labels(estimator: Any, answers: np.ndarray) -> np.ndarray:
    return answers.argmax(axis=1) if _classifies(estimator) else np.zeros(len(answers))


def _single(frame: pd.DataFrame, values: dict[str, list[Any]], draw: Any) -> pd.DataFrame:
    """Rows with one hard value each, in the order of `values`."""
    count = sum(map(len, values.values()))
    rows = frame.iloc[draw.integers(len(frame), size=count)].reset_index(drop=True)
    at = 0
    for name, hard in values.items():
        cells = rows[name].tolist()
        cells[at : at + len(hard)] = hard
        rows[name] = _cells(cells, frame[name])
        at += len(hard)
    return rows


def _several(frame: pd.DataFrame, values: dict[str, list[Any]], draw: Any) -> pd.DataFrame:
    """Rows in which half of the values are hard ones."""
    rows = frame.iloc[draw.integers(len(frame), size=HARD_ROWS)].reset_index(drop=True)
    for name, hard in values.items():
        cells = rows[name].tolist()
        for position in np.flatnonzero(draw.random(HARD_ROWS) < 0.5) if hard else ():
            cells[position] = hard[draw.integers(len(hard))]
        rows[name] = _cells(cells, frame[name])
    return rows


def _cells(cells: list[Any], like: pd.Series) -> pd.Series:
    return pd.Series(cells, dtype=like.dtype)


def _accepted(values: dict[str, list[Any]], refused: np.ndarray) -> dict[str, list[Any]]:
    accepted, at = {}, 0
    for name, hard in values.items():
        flags = refused[at : at + len(hard)]
        # Several infinite ones in a row have no sum.
        accepted[name] = [
            value
            for value, is_refused in zip(hard, flags, strict=True)
            if not is_refused and not (isinstance(value, float) and np.isinf(value))
        ]
        at += len(hard)
    return accepted


def _values(
    frame: pd.DataFrame, column: Column, thresholds: dict[str, np.ndarray], draw: Any
) -> list[Any]:
    if column.kind == CATEGORICAL:
        categories = frame[column.name].dropna().unique().tolist()
        return [*_TEXTS, *categories[:MAX_THRESHOLDS]]
    edges = np.unique(thresholds.get(column.name, np.empty(0)))
    if len(edges) > MAX_THRESHOLDS:
        edges = draw.choice(edges, MAX_THRESHOLDS, replace=False)
    near = [np.nextafter(edge, end) for edge in edges for end in (-np.inf, np.inf)]
    return [*_NUMBERS, *edges.tolist(), *map(float, near)]


def _row(frame: pd.DataFrame, position: int) -> str:
    row = {name: frame[name].iloc[position] for name in frame.columns}
    text = ", ".join(f"{name}={value!r}" for name, value in row.items())
    return text if len(text) <= 300 else f"{text[:297]}..."
