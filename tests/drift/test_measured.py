"""The champion's metric on captures, by labels that came later: files written by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score

from training import performance
from training.drift import PerformanceDrift
from training.performance import measured

DAY = 86_400
LEARNED_UNTIL = 10 * DAY


class Case:
    """Captures and labels of a model of two inputs; the labels come in another order."""

    def __init__(self, folder: Path, rows: int = 400, task: str = "classification") -> None:
        random = np.random.default_rng(0)
        self.folder, self.rows = folder, rows
        self.x, self.word = random.normal(size=rows), random.choice(["red", "green"], rows)
        self.score = 1 / (1 + np.exp(-self.x))
        self.truth: Any = (random.random(rows) < self.score).astype(int)
        self.when = np.full(rows, LEARNED_UNTIL + DAY)
        self.manifest: dict[str, Any] = {
            "version": 3, "target": "late", "task": task,
            "metrics": {"metric": "roc_auc", "challenger": 0.8, "holdout_rows": 500},
            "data": {"window": ["1970-01-01T00:00:00Z", "1970-01-11T00:00:00Z"]},
            "inputs": [{"name": "x", "kind": "numeric"}, {"name": "word", "kind": "categorical"}],
        }  # fmt: skip

    def captured(self, **changes: Any) -> list[Path]:
        """Files of captured requests, a half each."""
        columns = {"x": self.x, "word": self.word, "prediction": (self.score > 0.5).astype(int),
                   "prediction_score": self.score, "day": np.arange(self.rows) // 20,
                   **changes}  # fmt: skip
        paths = []
        for number, half in enumerate(np.array_split(np.arange(self.rows), 2)):
            paths.append(self.folder / f"capture-{number}.parquet")
            part = {name: pa.array(np.asarray(values)[half]) for name, values in columns.items()}
            pq.write_table(pa.table(part), paths[-1])
        return paths

    def labeled(self, keep: Sequence[int] | np.ndarray | None = None, **changes: Any) -> Path:
        """A folder with the labeled table, newest row first."""
        folder = self.folder / "data"
        folder.mkdir()
        order = (np.arange(self.rows) if keep is None else np.asarray(keep))[::-1]
        columns = {"x": self.x, "word": self.word, "late": self.truth, **changes}
        table = {name: pa.array(np.asarray(values)[order]) for name, values in columns.items()}
        moments = pa.array(self.when[order]).cast(pa.timestamp("s"))
        pq.write_table(pa.table({"when": moments, **table}), folder / "rows.parquet")
        return folder

    def measure(self, captured: list[Path], data: Path, **options: Any) -> PerformanceDrift:
        arguments: dict[str, Any] = {"tolerance": 0.01, "min_rows": 100, "block": None, **options}
        time_column = arguments.pop("time_column", "when")
        return measured(self.manifest, captured, data, time_column, **arguments)  # type: ignore[arg-type]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_the_metric_is_that_of_the_requests_whose_labels_have_come(case: Case) -> None:
    keep = np.arange(case.rows)[::2]
    result = case.measure(case.captured(), case.labeled(keep))
    assert (result.metric, result.holdout) == ("roc_auc", 0.8)
    assert (result.rows, result.labeled, result.note) == (case.rows, len(keep), "")
    assert result.value == pytest.approx(roc_auc_score(case.truth[keep], case.score[keep]))


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_a_metric_of_labels_takes_the_answers(case: Case, metric: str) -> None:
    case.manifest["metrics"]["metric"] = metric
    answers = np.where(case.score > 0.6, "late", "on time")
    case.truth = np.where(case.truth > 0, "late", "on time")
    result = case.measure(case.captured(prediction=answers), case.labeled())
    expected = {"accuracy": accuracy_score, "balanced_accuracy": balanced_accuracy_score}
    assert result.value == pytest.approx(expected[metric](case.truth, answers))
    assert result.metric == metric and result.labeled == case.rows


def test_the_score_is_the_probability_of_the_second_class(case: Case) -> None:
    """In the order of the classes, as scikit-learn has them."""
    answers = np.where(case.score > 0.5, "yes", "no")
    case.truth = np.where(case.truth > 0, "yes", "no")
    result = case.measure(case.captured(prediction=answers), case.labeled())
    assert result.value == pytest.approx(roc_auc_score(case.truth == "yes", case.score))


def test_a_regression_is_measured_by_its_score(tmp_path: Path) -> None:
    case = Case(tmp_path, task="regression")
    case.manifest["metrics"] = {
        "metric": "neg_mean_absolute_error", "challenger": -0.1, "holdout_rows": 500,
    }  # fmt: skip
    case.truth = case.score + np.linspace(-1, 1, case.rows)
    result = case.measure(case.captured(), case.labeled())
    assert result.value == pytest.approx(-np.abs(np.linspace(-1, 1, case.rows)).mean())
    assert result.status == "drift"


def test_labels_that_the_model_may_have_learned_do_not_count(case: Case) -> None:
    case.when[:100] = LEARNED_UNTIL
    case.when[100:150] = LEARNED_UNTIL - DAY
    result = case.measure(case.captured(), case.labeled())
    assert result.labeled == case.rows - 150


@pytest.mark.parametrize("kind", ["numbers", "words"])
def test_a_label_that_is_blank_is_to_come(case: Case, kind: str) -> None:
    names = np.array(["no", "yes"], object)[case.truth]
    blank = case.truth.astype(float) if kind == "numbers" else names.copy()
    blank[:30] = np.nan if kind == "numbers" else None
    answers = (case.score > 0.5).astype(int) if kind == "numbers" else names
    result = case.measure(case.captured(prediction=answers), case.labeled(late=blank))
    assert (result.labeled, result.note) == (case.rows - 30, "")
    assert result.value == pytest.approx(roc_auc_score(case.truth[30:], case.score[30:]))


def test_a_label_that_is_blank_hides_none_of_an_equal_row(case: Case) -> None:
    case.x[:] = 1.0
    case.word[:] = "red"
    blank = case.truth.astype(float)
    blank[-50:] = np.nan  # the first in the file
    assert case.measure(case.captured(), case.labeled(late=blank)).labeled == case.rows - 50


def test_the_settings_reach_the_comparison(case: Case) -> None:
    data, captured = case.labeled(), case.captured()
    value = roc_auc_score(case.truth, case.score)
    assert case.measure(captured, data, min_rows=case.rows).status != "insufficient_data"
    assert case.measure(captured, data, min_rows=case.rows + 1).status == "insufficient_data"
    case.manifest["metrics"]["challenger"] = value + 0.1
    assert case.measure(captured, data).status == "drift"
    assert case.measure(captured, data, tolerance=0.2).status == "no_drift"
    # An error of the holdout's own, as large as ten rows have it.
    case.manifest["metrics"]["holdout_rows"] = 10
    assert case.measure(captured, data).status == "no_drift"
    # Eight days are too few to resample.
    few = np.arange(case.rows) // 50
    assert case.measure(case.captured(day=few), data, block="day").status == "insufficient_data"
    by_day = case.measure(case.captured(), data, block="day")
    by_row = case.measure(captured, data)
    assert by_day.value == by_row.value and by_day.low != by_row.low


def test_equal_requests_in_other_files_give_the_same_report(case: Case) -> None:
    data, captured = case.labeled(), case.captured()
    assert case.measure(captured, data) == case.measure(captured[::-1], data)


def test_of_very_many_requests_the_newest_are_measured(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performance, "MAX_REQUESTS", case.rows // 2)
    result = case.measure(case.captured(), case.labeled())
    newest = slice(case.rows // 2, None)
    assert result.rows == case.rows // 2
    assert result.value == pytest.approx(roc_auc_score(case.truth[newest], case.score[newest]))
    assert case.measure(case.captured(), case.folder / "data").labeled == case.rows // 2


def test_numbers_where_a_word_was_learned_are_read_as_words(case: Case) -> None:
    codes = np.where(case.word == "red", 1, 2)
    captured = case.captured(word=codes.astype(str))
    assert case.measure(captured, case.labeled(word=codes)).labeled == case.rows


def test_a_file_of_text_is_read_as_it_was_for_the_training(case: Case) -> None:
    """By its text alone a column of 1.50 and 2.50 would be one of numbers."""
    case.word = np.where(case.word == "red", "1.50", "2.50")
    case.manifest["schema"] = {"word": "categorical"}
    folder = case.folder / "data"
    folder.mkdir()
    rows = ["when,x,word,late"]
    for x, word, late in zip(case.x, case.word, case.truth, strict=True):
        rows.append(f"1970-02-01T00:00:00,{float(x)!r},{word},{late}")
    (folder / "rows.csv").write_text("\n".join(rows))
    assert case.measure(case.captured(), folder).labeled == case.rows


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"metric": "lift"}, "the check has no metric lift; it has roc_auc, accuracy"),
        ({"window": None}, "without data.timeColumn it cannot be told which labels are new"),
        ({"time_column": None}, "without data.timeColumn it cannot be told which labels are new"),
        ({"time_column": "x"}, "column 'x' holds no times, so no label can be told as new"),
        ({"time_column": "then"}, "column 'then' holds no times"),
        ({"target": "early"}, "the labels cannot be read: .* has no column 'early'"),
        ({"classes": 3}, "roc_auc needs scores of two classes; requests and labels have 3"),
    ],
)
def test_what_cannot_be_measured_says_why(case: Case, change: dict[str, Any], note: str) -> None:
    if "metric" in change:
        case.manifest["metrics"]["metric"] = change["metric"]
    if "window" in change:
        case.manifest["data"]["window"] = None
    case.manifest["target"] = change.get("target", "late")
    if "classes" in change:
        case.truth[:5] = 2
    data = case.labeled()
    options = {"time_column": change["time_column"]} if "time_column" in change else {}
    result = case.measure(case.captured(), data, **options)
    assert (result.status, result.value, result.labeled) == ("no_labels", None, 0)
    assert result.metric == change.get("metric", "roc_auc") and result.holdout == 0.8
    # Where the requests were read, their number is told.
    assert result.rows == (case.rows if "classes" in change else 0)
    assert re.match(note, result.note), result.note
