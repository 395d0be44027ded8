"""`mlops versions N` says what answers for a version, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serving.platforms import make_platform, register
from training import cli


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    assert cli.main(["versions", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    return {line[:9].strip(): line[11:] for line in lines}


def test_it_names_the_predictor_that_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = make_platform(tmp_path)
    register(platform)
    register(platform, compiles=True)
    monkeypatch.chdir(tmp_path)
    assert shown(capsys, "1")["serves by"] == "its estimator: the test wants the estimator"
    told = shown(capsys, "2")
    assert told["serves by"].startswith("its compiled predictor, SHA-256 ")
    assert "onnxruntime" in told["serves by"] and "rows differ by at most" in told["serves by"]
    assert told["inputs"].startswith("size (numeric), age (numeric), new (boolean)")


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
