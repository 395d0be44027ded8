"""The main job on a small slice of the real flights."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.project import REPOSITORY, Project

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The `local` stack of the repository, replayed on one flight in twenty."""
    project = Project.make(tmp_path_factory.mktemp("flights") / "project")
    config = yaml.safe_load((REPOSITORY / "stacks" / "Pulumi.local.yaml").read_text())["config"]
    project.mlops("replay", "--prepare", "--share", "0.05")
    project.stack("local", {key.removeprefix("mlops:"): value for key, value in config.items()})
    project.up("local")
    return project


def test_the_loop_beats_the_model_left_alone(replayed: Project) -> None:
    result = replayed.json("replay")
    months = result["months"]
    assert [m["month"] for m in months] == [f"2013-{n:02d}" for n in range(3, 13)]
    assert sum(m["rows"] for m in months) == 13829
    gains = [m["auc_loop"] - m["auc_frozen"] for m in months]
    assert result["mean_gain"] == pytest.approx(sum(gains) / 10)
    # Version 1 still serves in March: the loop has had no month to learn from.
    assert gains[0] == 0
    assert result["mean_gain"] > 0.02
    assert all(m["drifted"] and m["retrained"] for m in months)

    history = replayed.json("history")
    assert history[-1]["version"] == months[-1]["champion"]
    status = replayed.json("status")
    assert status["champion"]["version"] == months[-1]["champion"]
    assert status["last_drift_check"]["verdict"] == "drift"
    # The check was of the version before: of the present one nothing is known yet.
    assert status["last_drift_check"]["version"] == history[-1]["previous"]
    drift = next(alarm for alarm in status["alarms"] if alarm["name"] == "drift")
    assert drift["state"] == "INSUFFICIENT_DATA"
    run = status["last_drift_check"]["run"]
    report = Path(f".mlops/local/models/flights/runs/{run}/outputs/drift/report.html")
    assert "<html" in (replayed.path / report).read_text()

    before = history[-1]["previous"]
    assert f"version {before} of 'flights' is the champion" in replayed.mlops(
        "rollback", "--why", "test"
    )
    _, _, v1_alone, *_ = first_row_again(replayed)
    assert v1_alone == f"{months[0]['auc_frozen']:.4f}"
    assert len(replayed.json("history")) > len(history) + 1


def first_row_again(project: Project) -> list[str]:
    """Month, rows, AUC of version 1 and so on of another replay, which is then interrupted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "training.cli", "replay"],
        cwd=project.path,
        env=project.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    _headings, row = process.stdout.readline(), process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate()
    return row.split()
