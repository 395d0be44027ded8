"""The life of a local stack through the real engine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.project import Project
from tests.tables import write_classification, write_regression
from tests.targets.page import stale

pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project")


def test_up_again_changes_nothing(cancer: Project) -> None:
    assert "24 unchanged" in cancer.up("local")
    cancer.pulumi("preview", "-s", "local", "--expect-no-changes")
    exported = cancer.pulumi("stack", "export", "-s", "local", "--show-secrets")
    assert not stale("local", exported), "make docs"


def test_debug_messages_of_a_program_show_when_asked_for(cancer: Project) -> None:
    """Nothing that the platform does takes a user's own messages, or the SDK's, away."""
    program = cancer.path / "__main__.py"
    text = program.read_text() + '\nimport pulumi\n\npulumi.log.debug("my own message")\n'
    # A link to the program of this checkout, which stays as it is.
    program.unlink()
    program.write_text(text)
    # By a Python as anybody's: those of the tests leave these messages out.
    process = subprocess.run(
        ["pulumi", "preview", "-s", "local", "--debug", "--non-interactive", "--color=never"],
        cwd=cancer.path,
        env=cancer.environment(),
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert "debug: my own message" in process
    assert "debug: registering resource: ty=mlops:index:Registry, name=registry" in process


def test_a_changed_setting_shows_in_the_preview_by_its_name(cancer: Project) -> None:
    config = write_classification(cancer.path / "cancer.csv")
    cancer.write_config("local", {**config, "retraining": {"minRows": 250}})
    output = cancer.pulumi("preview", "-s", "local", "--diff")
    assert "min_rows" in output and '"1000" => "250"' in output
    assert "~ 1 to update" in output
    cancer.write_config("local", {**config, "drift": {"schedule": "30 4 * * *"}})
    assert '"0 6 * * *" => "30 4 * * *"' in cancer.pulumi("preview", "-s", "local", "--diff")


def test_refresh_sees_what_was_changed_by_hand(cancer: Project) -> None:
    alarms = cancer.path / ".mlops/local/models/cancer/alarms.json"
    alarms.write_text(alarms.read_text().replace("500", "900"))
    (cancer.path / ".mlops/local/models/cancer/schedules.json").unlink()
    output = cancer.pulumi("up", "-s", "local", "--yes", "--skip-preview", "--refresh")
    assert "cancer-schedules created" in output and "cancer-alarms updated" in output
    assert "500" in alarms.read_text()


def test_destroy_removes_all_and_spares_registered_models(trained: Project) -> None:
    store = trained.path / ".mlops" / "local"
    report = trained.destroy("local")
    assert report["code"] != 0 and not report["finished"]
    why = {leftover["type"]: leftover["why"] for leftover in report["kept"]}
    assert "holds 1 registered model version" in why.pop("local.Platform")
    assert set(why.values()) == {"it was not reached: the destroy ended before"}
    assert json.loads(trained.mlops("status", "--json"))["champion"]["version"] == 1
    config = write_classification(trained.path / "cancer.csv")
    trained.write_config("local", {**config, "allowModelDeletion": "true"})
    trained.up("local")
    report = trained.destroy("local")
    assert report["finished"] and report["kept"] == []
    assert not store.exists()
    assert json.loads(trained.pulumi("stack", "export", "-s", "local"))["deployment"].get(
        "resources", []
    ) in ([], None)


def test_two_stacks_share_nothing(trained: Project) -> None:
    trained.stack("local2", write_regression(trained.path / "diabetes.parquet"))
    trained.up("local2")
    trained.mlops("-s", "local2", "retrain")
    before = sorted((trained.path / ".mlops" / "local").rglob("*"))
    assert json.loads(trained.mlops("-s", "local2", "history", "--json"))[0]["version"] == 1
    config = write_regression(trained.path / "diabetes.parquet")
    trained.write_config("local2", {**config, "allowModelDeletion": "true"})
    trained.up("local2")
    trained.pulumi("destroy", "-s", "local2", "--yes", "--skip-preview")
    assert sorted((trained.path / ".mlops" / "local").rglob("*")) == before
    assert json.loads(trained.mlops("status", "--json"))["champion"]["version"] == 1


def test_adding_a_model_touches_nothing_of_the_others(project: Project) -> None:
    cancer = write_classification(project.path / "cancer.csv")
    diabetes = write_regression(project.path / "diabetes.parquet")
    first = {"approval": "automatic", "models": {"cancer": {"data": cancer["data"]}}}
    project.stack("local", first)
    project.up("local")
    models = {**first["models"], "diabetes": {"data": diabetes["data"], "approval": "manual"}}
    project.write_config("local", {**first, "models": models})
    output = project.up("local")
    changed = [line for line in output.splitlines() if line.strip().startswith(("~", "+-", "-"))]
    assert not [line for line in changed if "cancer" in line], changed
    assert "pass -m with one: cancer, diabetes" in project.mlops("status", fails=True)
    project.mlops("-m", "diabetes", "retrain")
    project.mlops("retrain", "-m", "cancer")
    status = json.loads(project.mlops("-m", "diabetes", "status", "--json"))
    assert status["champion"] is None
    assert "the champion" in project.mlops("promote", "1", "-m", "diabetes", "--why", "good")
    project.write_config("local", first)
    assert "holds 1 registered model version" in project.up("local", fails=True)
