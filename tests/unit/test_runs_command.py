"""`mlops runs`: a short list, and of one run when each step began and how long it took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform
from training import cli, runs

RUN = "20260101t000000000000-training-0000"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The record of a run whose second step failed and whose third never began."""
    platform = make_platform(tmp_path)
    monkeypatch.chdir(tmp_path)
    record = {
        "run": RUN,
        "model": "toys",
        "pipeline": "training",
        "status": "failed",
        "started": "2026-01-01T10:00:00Z",
        "ended": "2026-01-01T11:02:05Z",
        "error": "step 'train' failed: out of luck",
        "parameters": {"run": RUN},
        "definition": {"package": "code", "parameters": {}, "steps": [{"name": "admit"}]},
        "steps": {
            "admit": {"status": "succeeded", "started": "2026-01-01T10:00:01Z", "seconds": 0.412},
            "train": {"status": "failed", "started": "2026-01-01T10:00:02Z", "seconds": 3723.04},
            "evaluate": {"status": "skipped"},
        },
    }
    folder = runs.folder("toys", RUN)
    platform.store.write(f"{folder}/{runs.RECORD}", json.dumps(record).encode())
    platform.store.write(f"{folder}/logs/train.log", b"one\n\x1b[31mtwo\n")
    return record


def test_the_list_leaves_the_definition_to_the_run_itself(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["runs", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed.pop("outcome")["word"] == "failed"
    assert listed == {name: value for name, value in record.items() if name != "definition"}
    assert cli.main(["runs", RUN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == record


def test_a_run_has_the_times_of_its_steps(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["runs", RUN]) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    words = [[part.strip() for part in line if part.strip()] for line in lines]
    assert words == [
        ["run", RUN],
        ["outcome", "failed: step 'train' failed: out of luck"],
        ["started", "2026-01-01 10:00 UTC"],
        ["ended", "2026-01-01 11:02 UTC"],
        [],
        ["step", "status", "started (UTC)", "took"],
        ["-" * 8, "-" * 9, "-" * 19, "-" * 9],
        ["admit", "succeeded", "2026-01-01 10:00:01", "0.4 s"],
        ["train", "failed", "2026-01-01 10:00:02", "1 h 2 min"],
        ["evaluate", "skipped", "-", "-"],
        [],
        ["train:"],
        ["one"],
        ["\\x1b[31mtwo"],
    ]
