"""Any table: data, target and task are settings, with not a line of code changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project import Project
from tests.tables import write_classification, write_regression

pytestmark = pytest.mark.engine


def test_classification_goes_round_the_loop(trained: Project) -> None:
    status = trained.json("status")
    assert status["stack"] == "local" and status["target"] == "local"
    assert status["champion"]["version"] == 1
    version = trained.json("versions")[0]
    assert version["metrics"]["metric"] == "roc_auc"
    assert version["metrics"]["challenger"] > 0.95
    assert version["artifact"]["sha256"] == status["champion"]["digest"]
    # The same data once more is no better, so the gate refuses it.
    assert "not registered: roc_auc" in trained.mlops("retrain")
    assert len(trained.json("history")) == 1


def test_config_set_is_enough_for_a_regression(tmp_path: Path) -> None:
    project = Project.make(tmp_path / "project")
    project.stack("local", write_classification(project.path / "cancer.csv"))
    write_regression(project.path / "diabetes.parquet")
    for key, value in {
        "data.location": "diabetes.parquet",
        "data.task": "regression",
        "split.holdout": "0.3",
    }.items():
        project.pulumi("config", "set", "-s", "local", "--path", key, value)
    project.up("local")
    project.mlops("retrain")
    version = project.json("versions")[0]
    assert version["task"] == "regression" and version["metrics"]["metric"] == "r2"
    assert version["metrics"]["challenger"] > 0.25
    assert version["data"]["rows"] == 442


def test_manual_approval_waits_and_both_verdicts_are_recorded(cancer: Project) -> None:
    config = write_classification(cancer.path / "cancer.csv")
    cancer.write_config("local", {**config, "approval": "manual"})
    cancer.up("local")
    assert "version 1 waits for approval" in cancer.mlops("retrain")
    assert cancer.json("status")["champion"] is None
    cancer.mlops("promote", "1", "--why", "looks good")
    record = cancer.json("history")[-1]
    assert (record["version"], record["kind"], record["why"]) == (1, "promote", "looks good")


def test_every_output_has_a_json_twin(trained: Project) -> None:
    for command in ("status", "history", "versions", "runs"):
        assert json.loads(trained.mlops(command, "--json"))
        assert trained.mlops(command)
