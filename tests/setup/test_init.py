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
    made = Project.make(tmp_path / "project")
    write_classification(made.path / "cancer.csv")
    monkeypatch.chdir(made.path)
    return made


def init(*more: str) -> int:
    return cli.main(
        ["--target", "local", "--data", "cancer.csv", "--target-column", "benign", *more]
    )


@pytest.mark.engine
def test_the_file_previews_cleanly(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    told = write_classification(project.path / "cancer.csv")["data"]["target"]
    arguments = ["--target", "local", "--data", "cancer.csv", "--target-column", told, "--json"]
    assert cli.main([*arguments, "--stack", "mine", "--webhooks", "env:SLACK"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["next"] == ["pulumi stack init mine", "make deploy STACK=mine"]
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
        told = capsys.readouterr().err
        for question in target.questions:
            assert (f"--{question.flag}: {question.text}" in told) == (
                question.required and not question.default
            )
    assert not list((project.path / "stacks").iterdir())


def test_a_file_that_is_there_is_replaced_only_by_force(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = write_classification(project.path / "cancer.csv")["data"]["target"]
    given = ["--target", "local", "--data", "cancer.csv", "--target-column", told]
    assert cli.main(given) == 0
    assert cli.main(given) == 1
    assert "stacks/Pulumi.local.yaml exists; --force" in capsys.readouterr().err
    assert cli.main([*given, "--force"]) == 0


def test_what_no_flag_gives_is_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = write_classification(project.path / "cancer.csv")["data"]["target"]
    answers = iter(["", "", "cancer.csv", told, "", ""])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda text: next(answers))
    assert cli.main([]) == 0
    assert next(answers, "all asked") == "all asked"
    assert "pulumi stack init local" in capsys.readouterr().out


@pytest.mark.parametrize("target", targets.names()[1:])
def test_every_answer_has_its_place(target: str) -> None:
    answers = {question.flag: f"a-{question.flag}" for question in every()}
    found = config(target, {**answers, "emails": "a@example.com, b@example.com"})
    assert found["mlops:alerts"]["emails"] == ["a@example.com", "b@example.com"]
    assert found["mlops:budget"] == {"monthly": "a-budget"}
    region = {"aws": "aws:region", "azure": "azure-native:location", "gcp": "gcp:region"}[target]
    assert found[region] == "a-region"
    assert found["mlops:data"] == {
        "location": "a-data",
        "target": "a-target-column",
        "task": "a-task",
    }
