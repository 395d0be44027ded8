"""`mlops versions N` says what answers for a version, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.serving.platforms import make_platform, register
from training import cli, release


def show(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    assert cli.main(["versions", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    fields = (line.partition("  ") for line in lines)
    return {name: text.strip() for name, _, text in fields}


def test_it_names_the_predictor_that_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = make_platform(tmp_path)
    register(platform)
    register(platform, compiles=True)
    monkeypatch.chdir(tmp_path)
    assert (
        show(capsys, "1")["serves by"]
        == "its estimator, from a pickle: the test wants the estimator"
    )
    details = show(capsys, "2")
    assert details["serves by"].startswith("its compiled predictor, SHA-256 ")
    assert (
        "onnxruntime" in details["serves by"] and "rows differ by at most" in details["serves by"]
    )
    assert details["inputs"].startswith("size (numeric), age (numeric), new (boolean)")


def test_it_tells_gate_importance_release_and_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = make_platform(tmp_path)
    register(platform, importances={"size": 0.1}, parameters={"C": 1.0})
    metrics = {"metric": "roc_auc", "challenger": 0.7, "reason": "0.7 is above 0.6, version 1"}
    register(platform, importances={"size": 0.2}, parameters={"C": 2.0}, metrics=metrics)
    release.promote(platform.store, "toys", 1, why="the first", by="test")
    monkeypatch.chdir(tmp_path)
    assert show(capsys, "1")["released"].endswith("by test: the first")
    document = show(capsys, "2")
    assert document["gate"].endswith("0.7 is above 0.6, version 1")
    assert document["released"].startswith("never: mlops promote 2 --why")
    assert document["production"] == ("not measured: no labels of its answers have arrived")
    assert cli.main(["versions", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["before"], document["releases"]) == (2, 1, [])
    assert {"name": "parameter C", "before": "1.0", "after": "2.0"} in document["changes"]
    assert {"name": "importance of size", "before": "0.1", "after": "0.2"} in document["changes"]
    assert document["in_production"] is None


@pytest.mark.parametrize("version", ["0", "x", "9"])
def test_a_version_that_is_none_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: str,
) -> None:
    register(make_platform(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["versions", version]) == 1
    assert "version" in capsys.readouterr().err.lower()
