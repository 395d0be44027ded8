"""The champion/challenger gate: margin, rows, digest, and a champion that cannot be scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from training import gate, release, split, versions
from training.errors import UserError
from training.model_inputs import NUMERIC, Column
from training.predictor import Predictor
from training.steps import evaluate
from training.store import open_store

X = [Column("x", NUMERIC)]


class Shifted(RegressorMixin, BaseEstimator):
    """A regression that predicts x plus an error."""

    def __init__(self, error: float = 0.0) -> None:
        self.error = error
        self.is_fitted_ = True

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["x"].to_numpy() + self.error


def predictor(error: float, version: int | None = None) -> Predictor:
    return Predictor(Shifted(error), X, "regression", version)


def champion(error: float, until: str | None = None) -> gate.Champion:
    """A champion that has learned from no row, or from rows of before `until`."""
    window = ["2026-01-01T00:00:00", until] if until else None
    return gate.Champion(predictor(error), manifest({"seen_until": "2025-01-01"}, window))


def manifest(rule: dict[str, Any], window: list[str] | None = None) -> versions.Manifest:
    """What the gate reads of a version."""
    rule = {"method": "time", "columns": ["when"], "form": split.FORM, "share": 0.2, **rule}
    data = {"window": window, "rows": 1000, "train_rows": 800}
    return {"version": 7, "split": rule, "data": data}


def table(days: int) -> pd.DataFrame:
    """A row an hour; the target is x, which falls from day to day."""
    when = pd.date_range("2026-01-01", periods=24 * days, freq="h")
    x = np.linspace(1.0, -1.0, len(when))
    return pd.DataFrame({"when": when, "x": x, "y": x})


def decide(challenger: float, rival: gate.Champion, margin: float = 0.0, days: int = 20) -> Any:
    rows = table(days)
    holdout = gate.Holdout(rows, "y", "when")
    return gate.decide(
        "neg_mean_absolute_error", predictor(challenger), rival, holdout, rows, margin
    )


def test_the_better_model_passes_and_an_equal_one_does_not() -> None:
    assert decide(0.1, champion(0.2)).passed
    assert not decide(0.2, champion(0.2)).passed
    assert not decide(0.3, champion(0.2)).passed


def test_the_margin_is_what_the_challenger_has_to_be_better_by() -> None:
    # A challenger better by 0.1: a margin of 0.05 lets it pass, one of 0.15 does not.
    assert decide(0.1, champion(0.2), margin=0.05).passed
    refused = decide(0.1, champion(0.2), margin=0.15)
    assert not refused.passed
    assert refused.reason == (
        "neg_mean_absolute_error -0.1000 on 480 holdout rows is not above -0.0500, "
        "version 7 plus the margin 0.15"
    )
    # And one that is worse by less than the margin does not pass either.
    assert not decide(0.21, champion(0.2), margin=0.05).passed


def test_without_a_champion_the_baseline_counts_and_no_margin() -> None:
    decision = decide(0.1, gate.Champion(None, None), margin=0.6)
    # The mean of x is 0, and the mean distance from it half of the largest.
    assert decision.baseline == pytest.approx(-0.5, abs=0.01)
    assert decision.passed and decision.champion is None
    assert not decide(0.6, gate.Champion(None, None)).passed


def test_rows_that_the_champion_has_seen_the_time_of_do_not_count() -> None:
    decision = decide(0.1, champion(0.2, until="2026-01-11T00:00:00"))
    assert decision.holdout_rows == 24 * 10 - 1, "the row at the end itself was seen"
    small_decision = decide(0.1, champion(0.2, until="2026-01-18T00:00:00"))
    assert small_decision.holdout_rows == 480, "71 newer rows say too little"


HASH = {"method": "hash", "columns": ["x"], "form": split.FORM}


def test_rows_that_the_champion_has_learned_from_do_not_count() -> None:
    rows = table(80)
    rule = split.Rule("hash", ["x"], split.FORM, 0.2)
    rows = rows[split.holdout_rows(rows, rule)]
    # Half of these rows it has learned from.
    unseen = gate._comparable_rows(
        gate.Holdout(rows, "y", "when"), manifest({**HASH, "share": 0.1})
    )
    assert 100 < len(unseen) < 0.6 * len(rows)
    assert split.unseen_rows(unseen, manifest({**HASH, "share": 0.1}), None).all()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({**HASH, "share": 0.02}, "of the 480 held-out rows version 7 has learned, and the others"),
        ({**HASH, "share": 0.2, "form": 9}, "version 7 was split by the rule 'hash' in form 9"),
        ({**HASH, "share": 0.2, "columns": ["id"]}, "column 'id' is not in the data, which says"),
    ],
)
def test_a_champion_whose_rows_are_not_known_is_not_compared(
    rule: dict[str, Any], sentence: str
) -> None:
    # It would have scored 0.0, the best, on rows that it knows by heart.
    memorized = gate.Champion(predictor(0.0), manifest(rule))
    decision = decide(0.1, memorized, margin=0.05)
    assert decision.passed and decision.champion is None and decision.holdout_rows == 480
    assert "the baseline (the champion is not compared: " in decision.reason
    assert sentence in decision.reason
    assert not decide(0.48, memorized, margin=0.05).passed, "above the baseline, not by the margin"


def test_a_champion_of_before_rules_were_kept_is_not_compared() -> None:
    old = {"version": 7, "data": {"window": None, "rows": 1000}}
    reason = decide(0.1, gate.Champion(predictor(0.0), old)).reason
    assert "version 7 was made before the rule of a split was kept" in reason


def test_a_challenger_that_is_not_the_one_that_was_trained_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump({"never": "loaded"}, path)
    trained = {"sha256": versions.sha256(path), "inputs": [], "task": "regression"}
    assert evaluate._challenger(path, trained).estimator == {"never": "loaded"}
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(UserError, match="not the one that was trained"):
        evaluate._challenger(path, trained)


def test_what_was_not_computed_is_not_in_the_decision_s_record() -> None:
    first = decide(0.1, gate.Champion(None, None)).as_json()
    assert set(first) == {"passed", "reason", "metric", "holdout_rows", "margin", "challenger",
                          "baseline"}  # fmt: skip
    assert "baseline" not in decide(0.1, champion(0.2)).as_json()


@pytest.mark.parametrize(
    ("rival", "margin", "has_margin"),
    [
        (champion(0.2), 0.0, False),
        (champion(0.2), 0.05, True),
        # Without a champion no margin is wanted; with one that cannot be compared it is.
        (gate.Champion(None, None), 0.05, False),
        (gate.Champion(None, None), 0.0, False),
        (gate.Champion(None, None, "damaged"), 0.05, True),
        (gate.Champion(None, None, "damaged"), 0.0, False),
    ],
)
def test_the_reason_has_the_margin_where_one_is_wanted(
    rival: gate.Champion, margin: float, has_margin: bool
) -> None:
    reason = decide(0.1, rival, margin).reason
    assert reason.endswith(f" plus the margin {margin:g}") is has_margin
    assert has_margin or reason.endswith(("version 7", "the baseline", "damaged)"))


def test_a_champion_that_is_not_loaded_takes_no_rows_from_the_comparison() -> None:
    record = champion(0.2, until="2026-01-11T00:00:00").manifest
    decision = decide(0.1, gate.Champion(None, record, "its libraries are gone"))
    assert decision.holdout_rows == 480 and decision.champion is None


def test_a_champion_whose_columns_are_gone_is_told_in_words() -> None:
    other = Predictor(Shifted(0.0), [Column("z", NUMERIC)], "regression", 7)
    reason = decide(0.1, gate.Champion(other, champion(0.2).manifest)).reason
    assert "(the champion is not compared: input column 'z' is missing" in reason

    class Broken(Shifted):
        def predict(self, frame: pd.DataFrame) -> np.ndarray:
            raise RuntimeError("out of order")

    broken = Predictor(Broken(), X, "regression", 7)
    reason = decide(0.1, gate.Champion(broken, champion(0.2).manifest)).reason
    assert "(the champion is not compared: RuntimeError('out of order'))" in reason


def test_a_window_without_a_time_column_says_nothing_of_the_rows() -> None:
    rows = table(20)
    record = manifest({**HASH, "share": 0.99}, ["2026-01-01T00:00:00", "2026-01-11T00:00:00"])
    rows = rows[split.unseen_rows(rows, record, None)]
    assert len(gate._comparable_rows(gate.Holdout(rows, "y"), record)) == len(rows)


def compared_rows(
    newer: int, older: int, has_seen: bool = True, classes: tuple[int, int] = (1, 1)
) -> int:
    """How many rows are compared: `newer` ones than the champion's, of so many classes, of all.

    Of the older ones it has learned from all, or from none.
    """
    times = ["2026-02-01"] * newer + ["2025-06-01"] * older
    values = [n % classes[0] for n in range(newer)] + [n % classes[1] for n in range(older)]
    rows = pd.DataFrame({"when": pd.to_datetime(times), "x": 1.0, "y": values})
    rule = {"seen_until": "2026-01-01" if has_seen else "2025-01-01"}
    record = manifest(rule, ["2024-01-01T00:00:00", "2026-01-01T00:00:00"])
    return len(gate._comparable_rows(gate.Holdout(rows, "y", "when"), record))


@pytest.mark.parametrize(
    ("newer", "older", "rows"),
    [
        # A hundred newer rows are enough, and then only these count.
        (100, 300, 100),
        (99, 300, 399),
        # So few rows in all that half of them are enough, but then the older ones count too.
        (60, 40, 100),
    ],
)
def test_a_hundred_newer_rows_are_compared_alone(newer: int, older: int, rows: int) -> None:
    assert compared_rows(newer, older, has_seen=False) == rows


def test_rows_of_one_class_compare_nothing_where_there_are_two() -> None:
    assert compared_rows(100, 300, has_seen=False, classes=(2, 2)) == 100
    assert compared_rows(100, 300, has_seen=False, classes=(1, 2)) == 400
    with pytest.raises(UserError, match="has learned, and the others are too few"):
        compared_rows(100, 300, has_seen=True, classes=(1, 2))
    # Where there is one class only, as in a regression of a constant, one is all there is.
    assert compared_rows(100, 300, has_seen=True, classes=(1, 1)) == 100


@pytest.mark.parametrize(
    ("newer", "older", "enough"),
    [(100, 900, True), (99, 901, False), (30, 30, True), (29, 31, False), (98, 98, True)],
)
def test_a_hundred_rows_or_half_of_them_are_enough(newer: int, older: int, enough: bool) -> None:
    if enough:
        assert compared_rows(newer, older, has_seen=True) == newer
    else:
        with pytest.raises(UserError, match=f"from {older} of the {newer + older} held-out rows"):
            compared_rows(newer, older, has_seen=True)


class Released:
    """A store with a released version of some bytes, which loads as these bytes say."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(str(folder))
        model = folder / "trained"
        joblib.dump(Shifted(0.25), model)
        self.store.write("k", model.read_bytes())
        entry = {"key": "k", "sha256": versions.sha256(model)}
        versions.journal(self.store, "m").append(
            {
                "model": "m",
                "run": "r",
                "created": "2026-01-01T00:00:00Z",
                "code": "0" * 64,
                "task": "regression",
                "target": "y",
                "inputs": [{"name": "x", "kind": NUMERIC}],
                "libraries": versions.installed_libraries(),
                "data": {"rows": 95, "window": None},
                "metrics": {"metric": "r2", "challenger": 0.5},
                "artifact": entry,
                "profile": entry,
            }
        )


def test_the_champion_is_the_released_version_with_its_manifest(tmp_path: Path) -> None:
    released = Released(tmp_path)
    assert gate.champion_of(released.store, "m") == gate.Champion(None, None)
    release.promote(released.store, "m", 1, why="test", by="test")
    champion = gate.champion_of(released.store, "m")
    assert champion.predictor and champion.manifest and not champion.problem
    assert champion.predictor.estimator.error == 0.25 and champion.manifest["version"] == 1


def test_a_champion_that_cannot_be_loaded_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = Released(tmp_path)
    release.promote(released.store, "m", 1, why="test", by="test")

    def broken(*_: object) -> None:
        raise ZeroDivisionError("by its pickle")

    with monkeypatch.context() as patch:
        patch.setattr(gate, "load", broken)
        assert gate.champion_of(released.store, "m").problem == "ZeroDivisionError: by its pickle"
    released.store.write("k", b"other bytes")
    damaged = gate.champion_of(released.store, "m")
    assert damaged.predictor is None and damaged.manifest
    assert damaged.manifest["version"] == 1
    assert damaged.problem and "UserError" not in damaged.problem
