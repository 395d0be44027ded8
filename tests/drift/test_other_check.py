"""The drift check's seam: another library's verdict in place of ours."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from tests.drift.test_step import Loop, flights
from training import drift_check
from training.drift_check import CheckInput, CheckResult
from training.monitoring import ALARM, OK, local

ALPHA = 0.001


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path, flights(0, 30))


def two_samples(data: CheckInput) -> CheckResult:
    """A check by SciPy's exact two-sample tests on rows, with Bonferroni's correction."""
    reference, window = data.reference_rows().to_pandas(), data.window_rows().to_pandas()
    p_values = {}
    for name in data.inputs:
        if pd.api.types.is_numeric_dtype(reference[name]):
            p_values[name] = stats.ks_2samp(reference[name], window[name]).pvalue
        else:
            counts = pd.concat(
                [reference[name].value_counts(), window[name].value_counts()], axis=1
            )
            p_values[name] = stats.chi2_contingency(counts.fillna(0).T).pvalue
    drifted = [name for name, p in p_values.items() if p * len(p_values) < ALPHA]
    return CheckResult(
        verdict="drift" if drifted else "no_drift",
        reason=f"{len(drifted)} columns differ",
        rows=len(window),
        drifted=drifted,
        effects={name: float(1 - p) for name, p in p_values.items()},
        report={"p_values": {name: float(p) for name, p in p_values.items()}},
        page=f"<!doctype html><title>{len(drifted)} drifted</title>",
    )


def evidently(data: CheckInput) -> CheckResult:
    """Evidently's DataDriftPreset as the check."""
    library = importlib.import_module("evidently")
    presets = importlib.import_module("evidently.presets")
    window = data.window_rows().to_pandas()
    outcome = library.Report([presets.DataDriftPreset()]).run(
        window, data.reference_rows().to_pandas()
    )
    columns = {
        metric["config"]["column"]: metric
        for metric in outcome.dict()["metrics"]
        if "column" in metric.get("config", {})
    }
    # P-values for small tables, distances for large ones; the configuration says which.
    drifted = [
        name
        for name, metric in columns.items()
        if ("p_value" in metric["config"]["method"])
        == (metric["value"] < metric["config"]["threshold"])
    ]
    return CheckResult(
        verdict="drift" if drifted else "no_drift",
        reason=f"Evidently finds drift in {len(drifted)} of {len(columns)} columns",
        rows=len(window),
        drifted=drifted,
        report=outcome.dict(),
        page=outcome.get_html_str(as_iframe=False),
    )


CHECKS = [two_samples, pytest.param(evidently, marks=pytest.mark.evidently)]


@pytest.mark.parametrize("check", CHECKS)
def test_another_librarys_verdict_raises_the_alarm(
    loop: Loop, check: drift_check.Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    if check is evidently:
        pytest.importorskip("evidently")
    monkeypatch.setattr(drift_check, "check", check)
    loop.requests(flights(60, 20))
    assert loop.check("same")["verdict"] == "no_drift"
    assert _drift_alarm(loop) == OK
    loop.requests(flights(60, 20, shift=1.0))
    record = loop.check("moved", since="2000-01-01")
    assert (record["verdict"], record["drifted"], record["rows"]) == ("drift", ["x"], 1600)
    assert _drift_alarm(loop) == ALARM
    # Its own report is kept, and our check can follow on it.
    assert "<title>" in (loop.out("moved") / "report.html").read_text()
    monkeypatch.undo()
    own_record = loop.check("ours", since="2000-01-01")
    assert set(own_record["drifted"]) == {"prediction_score", "x"}


def test_a_check_gets_the_rows_that_the_version_learned_and_those_that_were_asked(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs: list[CheckInput] = []

    def check(data: CheckInput) -> CheckResult:
        inputs.append(data)
        return CheckResult("insufficient_data", "only looking", rows=data.window.rows)

    monkeypatch.setattr(drift_check, "check", check)
    loop.arrive(flights(40, 10))  # labels of rows that came after the training
    rows = flights(60, 5)
    loop.requests(rows)
    loop.check()
    (data,) = inputs
    assert data.inputs == ["x", "level", "word"]
    assert data.window.rows == 200 and data.reference.rows == pytest.approx(840, abs=60)
    assert _sorted(data.window_rows()) == pytest.approx(np.sort(rows["x"]))
    assert _sorted(data.reference_rows()) == pytest.approx(np.sort(flights(0, 30)["x"]))


def test_a_verdict_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'maybe'.*no_drift, drift, insufficient_data"):
        CheckResult("maybe", "", rows=1)


def _sorted(table: pa.Table) -> np.ndarray:
    return np.sort(table["x"].to_numpy())


def _drift_alarm(loop: Loop) -> str:
    return {alarm.name: alarm.state for alarm in local.alarms(loop.platform, "toys")}["drift"]
