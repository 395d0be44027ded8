"""The champion's metric on captured requests whose labels have arrived since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from training import clock, drift
from training.arrow_table import kind_of
from training.captures.columns import PREDICTION, SCORE
from training.drift.labels import Rows, matched, read_rows
from training.drift.metrics import METRICS
from training.errors import UserError
from training.table_reader import as_text, open_tables
from training.versions import Manifest

MAX_REQUESTS = 1_000_000
OF_PREDICTIONS = ("accuracy", "balanced_accuracy")  # the other metrics are of scores


def measured(
    manifest: Manifest,
    captured: Sequence[Path],
    data: Path,
    time_column: str | None,
    *,
    tolerance: float,
    min_rows: int,
    block: str | None,
) -> drift.PerformanceDrift:
    """The metric on the newest requests, as far as labels have arrived, against the holdout's.

    A label belongs to a request of equal inputs. It counts only if it is newer than the version's
    training data: else a row that the model has learned could pass for a new one.

    Args:
        manifest: The version's.
        captured: Its capture files, oldest first.
        data: The labeled table, which labels are added to.
        time_column: When a row of `data` happened.
        tolerance: Smallest loss that matters, in the metric's unit.
        min_rows: Labeled requests that are needed.
        block: Column of the captures by which rows depend on each other.
    """
    metrics, target = manifest["metrics"], manifest["target"]
    metric, window = metrics["metric"], manifest["data"]["window"]

    def unknown(rows: int, note: str) -> drift.PerformanceDrift:
        empty = drift.performance_drift(None, np.empty(rows), "r2", metrics["challenger"])
        return replace(empty, metric=metric, note=note)

    if metric not in METRICS:
        return unknown(0, f"the check has no metric {metric}; it has {', '.join(METRICS)}")
    if time_column is None or window is None:
        return unknown(0, "without data.timeColumn it cannot be told which labels are new")
    inputs = {column["name"]: column["kind"] == "categorical" for column in manifest["inputs"]}
    try:
        tables = [
            as_text(table, [name for name, is_text in inputs.items() if is_text])
            for table in open_tables(data, manifest.get("schema"))
        ]
        if any(kind_of(table.types.get(time_column, pa.null())) != "datetime" for table in tables):
            return unknown(
                0, f"column {time_column!r} holds no times, so no label can be told as new"
            )
        learned_until = clock.parse(window[1]).timestamp()
        labels = read_rows(tables, inputs, [target], after=(time_column, learned_until))
    except UserError as error:
        # The labeled table has changed since the version was trained; its requests are checked.
        return unknown(0, f"the labels cannot be read: {error}")
    labels = _present(labels, target)
    further = [PREDICTION, SCORE, *([block] if block else [])]
    # One after the other, as the newest of them may do.
    newest_first = (table for path in captured[::-1] for table in open_tables(path))
    # A service has its own way to put requests into files; what is resampled is the same.
    requests = read_rows(newest_first, inputs, further, MAX_REQUESTS).ordered()
    if metric in OF_PREDICTIONS:
        truth, answers = labels.values[target], requests.values[PREDICTION]
    elif manifest["task"] == "regression":
        truth, answers = labels.values[target], requests.values[SCORE]
    else:
        classes = _classes(labels.values[target], requests.values[PREDICTION])
        if classes.size != 2:
            note = f"{metric} needs scores of two classes; requests and labels have {classes.size}"
            return unknown(requests.keys.size, note)
        truth = (labels.values[target] == classes[-1:]).astype(float)
        answers = requests.values[SCORE]
    return drift.performance_drift(
        _of_requests(truth, requests, labels),
        answers,
        metric,
        metrics["challenger"],
        holdout_rows=metrics["holdout_rows"],
        tolerance=tolerance,
        min_rows=min_rows,
        blocks=requests.values[block] if block else None,
    )


def _present(labels: Rows, target: str) -> Rows:
    """The rows whose label is there: one that is blank is to come."""
    values = labels.values[target]
    if values.dtype == object:
        is_present = np.array([value is not None for value in values], bool)
    else:
        is_present = ~np.isnan(values)
    return Rows(
        labels.keys[is_present], {name: array[is_present] for name, array in labels.values.items()}
    )


def _classes(*values: np.ndarray) -> np.ndarray:
    """The distinct values, sorted: of two, the score is the second one's probability."""
    return np.unique(np.concatenate(values))


def _of_requests(truth: np.ndarray, requests: Rows, labels: Rows) -> np.ndarray:
    """The true value of each request; missing where none has arrived."""
    request_positions, label_positions = matched(requests, labels)
    missing = None if truth.dtype == object else np.nan
    of_requests = np.full(requests.keys.size, missing, truth.dtype)
    of_requests[request_positions] = truth[label_positions]
    return of_requests
