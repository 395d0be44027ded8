"""kill -9 inside and between steps: nothing is half done, and the run can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import Project

pytestmark = pytest.mark.engine

STEPS = ("admit", "prepare", "train", "evaluate", "register", "release")


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_inside_a_step_is_resumed_there(cancer: Project, step: str) -> None:
    kill_at(cancer, f"runs/*/outputs/{step}.partial")
    assert_resumable(cancer)


@pytest.mark.parametrize("step", ("prepare", "register"))
def test_a_run_killed_between_steps_is_resumed_after_it(cancer: Project, step: str) -> None:
    kill_at(cancer, f"runs/*/outputs/{step}")
    assert_resumable(cancer)


def test_a_killed_run_frees_the_lease(cancer: Project) -> None:
    kill_at(cancer, "runs/*/outputs/train.partial")
    assert cancer.json("status")["last_run"]["status"] == "failed"
    assert "version 1 is the champion" in cancer.mlops("retrain")


def kill_at(project: Project, pattern: str) -> None:
    """Start a training run and kill its runner as soon as a path of `pattern` exists."""
    model = project.path / ".mlops/local/models/cancer"
    process = subprocess.Popen(
        [sys.executable, "-m", "training.cli", "retrain"],
        cwd=project.path,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not list(model.glob(pattern)):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    wait_for_end_of_steps(model)


def wait_for_end_of_steps(model: Path) -> None:
    """The warm process sees its runner's end and ends the step under way."""
    run = next(model.glob("runs/*"))
    while any(f"/{run.name}/" in command for command in commands()):
        time.sleep(0.01)


def commands() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            for handle in (folder / "fd").iterdir():
                found.append(os.readlink(handle))
        except OSError:
            continue
    return found


def assert_resumable(project: Project) -> None:
    """The run reads as failed; resumed, it ends with exactly one version and one release."""
    run = project.json("runs")[0]
    assert (run["status"], run["error"]) == ("failed", "the run was killed")
    project.mlops("retrain", "--resume", run["run"])
    assert project.json("runs")[0]["status"] == "succeeded"
    assert [v["version"] for v in project.json("versions")] == [1]
    assert [r["version"] for r in project.json("history")] == [1]
    assert "is succeeded; only a failed run" in project.mlops(
        "retrain", "--resume", run["run"], fails=True
    )
