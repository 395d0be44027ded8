"""The main job on a small slice of the real flights."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests import warm
from tests.project import REPOSITORY, Project

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Year:
    """What `make up` printed of a year."""

    project: Project
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The `local` stack of the repository, replayed on one flight in twenty."""
    project = Project.make(tmp_path_factory.mktemp("flights") / "project")
    config = yaml.safe_load((REPOSITORY / "stacks" / "Pulumi.local.yaml").read_text())["config"]
    project.mlops("replay", "--prepare", "--share", "0.05")
    project.write_config("local", {k.removeprefix("mlops:"): v for k, v in config.items()})
    process = up(project)
    assert process.returncode == 0, process.stderr
    return Year(project, process.stdout, process.stderr)


def up(project: Project) -> subprocess.CompletedProcess[str]:
    """What `make up` runs, for a reader that is no terminal."""
    policies = project.path / "policy"
    if not policies.exists():
        policies.symlink_to(REPOSITORY / "policy")
    return subprocess.run(
        [
            str(warm.programs() / "python"),
            "-m",
            "tools.up",
            "--stack",
            "local",
            "--yes",
            "--skip-preview",
        ],
        cwd=project.path,
        env={**project.engine_environment(), "PYTHONPATH": f"{project.path}:{REPOSITORY}"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def replayed(year: Year) -> Project:
    """The project of the year."""
    return year.project


def test_the_result_comes_first_and_resources_in_a_line(year: Year) -> None:
    lines = year.stdout.splitlines()
    assert re.fullmatch(r"done in (\d+ min \d+ s|\d+\.\d s)", lines[0])
    assert lines[1].startswith("version ") and "is the champion, after 10 retrainings" in lines[1]
    assert lines[2].startswith("mean gain in AUC over version 1 left alone: +0.")
    assert any("mlops serve" in line for line in lines)
    assert lines[-11].split()[0] == "month" and lines[-1].startswith("2013-12")
    assert re.search(r"^stack local: .*24 created, \d+\.\d s$", year.stderr, re.MULTILINE)
    assert "creating" not in year.stdout + year.stderr and "Outputs" not in year.stdout


def test_a_failure_is_shown_whole(year: Year) -> None:
    config = year.project.path / "stacks" / "Pulumi.local.yaml"
    text = config.read_text()
    try:
        config.write_text(text.replace('"mlops:target": "local"', '"mlops:target": "moon"'))
        process = up(year.project)
    finally:
        config.write_text(text)
    assert (process.returncode, process.stdout) == (1, "")
    assert "moon" in process.stderr and process.stderr.endswith("pulumi up failed\n")


def test_the_loop_beats_the_model_left_alone(year: Year, replayed: Project) -> None:
    months = [line.split() for line in year.stdout.splitlines()[-10:]]
    assert [month[0] for month in months] == [f"2013-{n:02d}" for n in range(3, 13)]
    assert sum(int(month[1]) for month in months) == 13829
    alone, loop, gains = ([float(month[n]) for month in months] for n in (2, 3, 4))
    differences = [after - before for before, after in zip(alone, loop, strict=True)]
    assert gains == pytest.approx(differences, abs=1.1e-4)
    (mean,) = re.findall(r"left alone: ([+-]\S+)", year.stdout)
    assert float(mean) == pytest.approx(sum(gains) / 10, abs=1e-4)
    # Version 1 still serves in March: the loop has had no month to learn from.
    assert gains[0] == 0
    assert float(mean) > 0.02
    # "yes" or "yes, not better"
    assert all(month[-2] in ("yes", "better") and month[5] != "none" for month in months)

    history = replayed.json("history")
    assert history[-1]["version"] == int(months[-1][-1])
    status = replayed.json("status")
    assert status["champion"]["version"] == int(months[-1][-1])
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
    assert v1_alone == months[0][2]
    assert len(replayed.json("history")) > len(history) + 1


def first_row_again(project: Project) -> list[str]:
    """Month, rows, AUC of version 1 and so on of another replay, which is then interrupted."""
    process = subprocess.Popen(
        [str(warm.programs() / "python"), "-m", "training.cli", "replay"],
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
