"""kill -9 inside and between steps: nothing is half done, and the run can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import warm
from tests.project import Project

pytestmark = pytest.mark.engine

# A path that a run makes, inside a step or between two, and the steps that have ended by then. That
# of a step which was just made may not be on record yet; the first one is repeated on purpose.
KILLS = (
    ("admit.partial", ()),
    ("prepare.partial", ()),
    ("prepare", ()),
    ("train.partial", ("prepare",)),
    ("evaluate.partial", ("prepare", "train")),
    ("register.partial", ("prepare", "train", "evaluate")),
    ("register", ("prepare", "train", "evaluate")),
    ("release.partial", ("prepare", "train", "evaluate", "register")),
)


def test_a_run_killed_again_and_again_goes_on_where_it_was(cancer: Project) -> None:
    outputs = cancer.path / ".mlops/local/models/cancer/runs"
    resume: tuple[str, ...] = ()
    inodes: dict[str, int] = {}
    for path, ended_steps in KILLS:
        kill_at(cancer, f"runs/*/outputs/{path}", *resume)
        run = cancer.json("runs")[0]
        assert (run["status"], run["error"]) == ("failed", "the run was killed")
        assert resume in ((), ("--resume", run["run"])), "it is the same run"
        resume = ("--resume", run["run"])
        inodes_after = {
            step: (outputs / run["run"] / "outputs" / step).stat().st_ino for step in ended_steps
        }
        assert inodes.items() <= inodes_after.items(), "no step that had ended ran again"
        inodes = inodes_after
    cancer.mlops("retrain", *resume)
    assert cancer.json("runs")[0]["status"] == "succeeded"
    assert [v["version"] for v in cancer.json("versions")] == [1]
    assert [r["version"] for r in cancer.json("history")] == [1]
    output = cancer.mlops("retrain", *resume, fails=True)
    assert "is succeeded; only a failed run" in output


def test_a_killed_run_frees_the_lease(cancer: Project) -> None:
    kill_at(cancer, "runs/*/outputs/train.partial")
    assert cancer.json("status")["last_run"]["status"] == "failed"
    assert "version 1 is the champion" in cancer.mlops("retrain")


def kill_at(project: Project, pattern: str, *arguments: str) -> None:
    """Start a training run and kill its runner as soon as a path of `pattern` exists."""
    model = project.path / ".mlops/local/models/cancer"
    process = subprocess.Popen(
        [str(warm.programs() / "python"), "-m", "training.cli", "retrain", *arguments],
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
    handles = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            for handle in (folder / "fd").iterdir():
                handles.append(os.readlink(handle))
        except OSError:
            continue
    return handles
