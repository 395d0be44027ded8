"""`mlops init`: a stack file that previews cleanly, or an error that says what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from components import targets
from tests.project import Project
from tests.tables import write_classification
from tools.init import cli
from tools.init.questions import every
from tools.init.stackfile import config


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project.make(tmp_path / "project")
    write_classification(project.path / "cancer.csv")
    monkeypatch.chdir(project.path)
    return project


def init(*more: str) -> int:
    return cli.main(
        ["--target", "local", "--data", "cancer.csv", "--target-column", "benign", *more]
    )


@pytest.mark.engine
def test_the_file_previews_cleanly(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    target = write_classification(project.path / "cancer.csv")["data"]["target"]
    arguments = ["--target", "local", "--data", "cancer.csv", "--target-column", target, "--json"]
    assert cli.main([*arguments, "--stack", "mine", "--webhooks", "env:SLACK"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["next"] == ["pulumi stack init mine", "make deploy STACK=mine"]
    content = yaml.safe_load((project.path / "stacks/Pulumi.mine.yaml").read_text())
    assert content["config"]["mlops:alerts"] == {"webhooks": ["env:SLACK"]}
    project.pulumi("stack", "init", "mine")
    assert "to create" in project.pulumi("preview", "-s", "mine")


def test_a_file_that_would_be_refused_is_not_written(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("--webhooks", "ftp://x") == 1
    assert "mlops:alerts.webhooks.0: 'ftp://x' is not allowed" in capsys.readouterr().err
    assert cli.main(["--target", "mars"]) == 1
    allowed = ", ".join(targets.names())
    assert f"--target: 'mars' is not allowed; allowed: {allowed}" in capsys.readouterr().err
    for target in targets.every():
        assert cli.main(["--target", target.name]) == 1
        errors = capsys.readouterr().err
        for question in target.questions:
            assert (f"--{question.flag}: {question.text}" in errors) == (
                question.required and not question.default
            )
    assert not list((project.path / "stacks").iterdir())


def test_a_file_that_is_there_is_replaced_only_by_force(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    target = write_classification(project.path / "cancer.csv")["data"]["target"]
    arguments = ["--target", "local", "--data", "cancer.csv", "--target-column", target]
    assert cli.main(arguments) == 0
    assert cli.main(arguments) == 1
    assert "stacks/Pulumi.local.yaml exists; --force" in capsys.readouterr().err
    assert cli.main([*arguments, "--force"]) == 0


def test_what_no_flag_gives_is_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = write_classification(project.path / "cancer.csv")["data"]["target"]
    answers = iter(["", "", "cancer.csv", target, "", ""])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda text: next(answers))
    assert cli.main([]) == 0
    assert next(answers, "all asked") == "all asked"
    assert "pulumi stack init local" in capsys.readouterr().out


@pytest.mark.parametrize("target", targets.names()[1:])
def test_every_answer_has_its_place(target: str) -> None:
    answers = {question.flag: f"a-{question.flag}" for question in every()}
    settings = config(target, {**answers, "emails": "a@example.com, b@example.com"})
    assert settings["mlops:alerts"]["emails"] == ["a@example.com", "b@example.com"]
    assert settings["mlops:budget"] == {"monthly": "a-budget"}
    region = {"aws": "aws:region", "azure": "azure-native:location", "gcp": "gcp:region"}[target]
    assert settings[region] == "a-region"
    assert settings["mlops:data"] == {
        "location": "a-data",
        "target": "a-target-column",
        "task": "a-task",
    }
