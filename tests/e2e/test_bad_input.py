"""Bad input is told in a sentence, with exit code 1, before anything is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.project import Project
from tests.tables import write_classification

pytestmark = pytest.mark.engine

Spoil = Callable[[pd.DataFrame], pd.DataFrame]


def spoiled_text(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        **{"mean radius": table["mean radius"].astype(object).where(table.index != 7, "seven")}
    )


CASES: dict[str, tuple[Spoil, str]] = {
    "no rows": (lambda t: t.head(0), "has columns but no rows"),
    "target absent": (lambda t: t.drop(columns="target"), "target column 'target' is not in"),
    "one class": (lambda t: t[t["target"] == 1], "has one value only, 1: nothing to learn"),
    "target missing": (
        lambda t: t.assign(target=t["target"].where(t.index > 399)),
        "target column 'target' is missing in 400 of 569 rows",
    ),
    "all missing": (lambda t: t.assign(**{"mean area": None}), "'mean area' has no value in any"),
    "text in numbers": (
        spoiled_text,
        "'mean radius' is numeric but has text in 1 of 569 rows: 'seven' in row 8",
    ),
    "duplicate names": (
        lambda t: t.rename(columns={"mean area": "mean radius"}),
        "more than one column named mean radius",
    ),
}


SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown target": ({"target": "mars"}, "mlops:target: 'mars' is not allowed"),
    "unknown setting": ({"aproval": "manual"}, "mlops:aproval: unknown setting; did you mean"),
    "wrong type": ({"retentionDays": "many"}, "mlops:retentionDays: 'many' is not allowed"),
    "bad cron": (
        {"drift": {"schedule": "daily"}},
        "mlops:drift.schedule: 'daily' is not allowed: not a cron expression",
    ),
    "bad time zone": ({"timezone": "Mars/North"}, "mlops:timezone: 'Mars/North' is not allowed"),
    "target column absent": (
        {"data": {"location": "cancer.csv", "target": "churned"}},
        "mlops:data.target of model 'cancer': no column 'churned' in 'cancer.csv'; there are: mean",
    ),
    "split column absent": (
        {"split": {"by": "day"}},
        "mlops:split.by of model 'cancer': no column 'day' in 'cancer.csv'",
    ),
}


@pytest.fixture(scope="module")
def unspoiled(cancer_trained: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A stack with a version; what is refused leaves it as it is for the next test."""
    return cancer_trained.copy(tmp_path_factory.mktemp("unspoiled") / "project")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_bad_setting_stops_before_any_resource(unspoiled: Project, name: str) -> None:
    changes, message = SETTINGS[name]
    config = write_classification(unspoiled.path / "cancer.csv")
    unspoiled.write_config("local", {**config, **changes})
    before = record_files(unspoiled.path)
    output = unspoiled.up("local", fails=True)
    assert message in output, output
    assert "Traceback" not in output
    assert record_files(unspoiled.path) == before


def test_a_secret_setting_is_refused_and_stands_nowhere(unspoiled: Project) -> None:
    unspoiled.write_config("local", write_classification(unspoiled.path / "cancer.csv"))
    hook = ("alerts.webhooks[0]", "https://example.org/hook-5f3a")
    unspoiled.pulumi("config", "set", "-s", "local", "--secret", "--path", *hook)
    output = unspoiled.up("local", fails=True)
    assert "mlops:alerts: a secret is not allowed" in output and "env:NAME" in output
    files = [path for path in (unspoiled.path / ".mlops").rglob("*") if path.is_file()]
    assert files and not [path for path in files if b"hook-5f3a" in path.read_bytes()]


def test_a_stack_cannot_take_the_place_of_the_state(unspoiled: Project) -> None:
    unspoiled.stack("state", write_classification(unspoiled.path / "cancer.csv"))
    assert "stack 'state': allowed is any name but code, data and state" in unspoiled.up(
        "state", fails=True
    )


@pytest.mark.parametrize("name", CASES)
def test_bad_data_stops_before_training(trained: Project, name: str) -> None:
    spoil, message = CASES[name]
    data = trained.path / "cancer.csv"
    spoil(pd.read_csv(data)).to_csv(data, index=False)
    assert_refused(trained, message, "retrain")


def test_an_empty_file_stops_before_training(trained: Project) -> None:
    (trained.path / "cancer.csv").write_text("")
    assert_refused(trained, "'cancer.csv' is empty", "retrain")


def test_a_missing_file_stops_retraining_and_up(trained: Project) -> None:
    (trained.path / "cancer.csv").unlink()
    assert_refused(trained, "data 'cancer.csv' does not exist", "retrain")
    output = trained.up("local", fails=True)
    assert "mlops:data.location of model 'cancer': data 'cancer.csv' does not exist" in output
    assert "Traceback" not in output


def test_versions_and_releases_that_cannot_be(trained: Project) -> None:
    assert_refused(
        trained,
        "model 'cancer' has no version 9; registered versions: 1",
        "promote",
        "9",
        "--why",
        "x",
    )
    assert_refused(trained, "is the champion already", "promote", "1", "--why", "x")
    assert_refused(trained, "has no version released before version 1", "rollback", "--why", "x")
    assert_refused(trained, "has no model 'flights'; allowed: cancer", "-m", "flights", "status")
    assert_refused(trained, "has no run 'x'", "runs", "x")
    assert_refused(trained, "has no run 'x'", "retrain", "--resume", "x")


def test_a_damaged_champion_does_not_stop_retraining(trained: Project) -> None:
    artifacts = trained.path / ".mlops/local/models/cancer/artifacts"
    # One of them is enough to be compared by.
    for artifact in [*artifacts.glob("*/model.joblib"), *artifacts.glob("*/compiled.onnx")]:
        artifact.write_bytes(artifact.read_bytes()[:-1] + b"x")
    output = trained.mlops("retrain")
    reason = output.partition("the champion is not compared: ")[2]
    assert "of model 'cancer' version 1" in reason and "it is not loaded" in reason
    assert [version["version"] for version in trained.json("versions")][-1] == 2


def test_a_stack_that_is_not_up(trained: Project) -> None:
    output = trained.mlops("-s", "prod", "status", fails=True)
    assert "stack 'prod' is not up (stacks that are up here: local)" in output


def test_the_replay_wants_flights(trained: Project) -> None:
    assert_refused(trained, "the replay needs a stack on the flights", "replay")


def assert_refused(project: Project, message: str, *command: str) -> None:
    """The command fails with the sentence, and versions and releases stay as they are."""
    before = record_files(project.path)
    output = project.mlops(*command, fails=True)
    assert message in output, output
    assert "Traceback" not in output
    assert record_files(project.path) == before


def record_files(path: Path) -> dict[str, bytes]:
    model = path / ".mlops/local/models/cancer"
    files = [*model.glob("versions/*"), *model.glob("releases/*"), *model.glob("*.json")]
    return {str(file): file.read_bytes() for file in files}
