"""The software of SageMaker's scikit-learn image serves what a release ships, without a network."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import joblib
import pytest

from tests.contract.sagemaker import WORKERS, answers, run_container
from tests.serving.platforms import COLUMNS, ROW, train
from training import versions
from training.scoring.bundle import archive, serving_code

JSON, CSV = "application/json", "text/csv"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a model archive is unpacked to."""
    folder = tmp_path_factory.mktemp("model")
    joblib.dump(train(), folder / "model.joblib")
    summary = {
        "task": "classification",
        "inputs": [asdict(column) for column in COLUMNS],
        "libraries": versions.installed_libraries(),
        "example": {"inputs": ROW},
    }
    (folder / "result.json").write_text(json.dumps(summary))
    for name, content in serving_code().items():
        path = folder / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def released(model: Path) -> dict[str, str]:
    return {"MLOPS_VERSION": "7", "MLOPS_SHA256": versions.sha256(model / "model.joblib")}


def test_a_released_version_answers_without_a_network(model: Path) -> None:
    csv = "size,age,new,color\n1.5,3,true,red\n"
    requests = [
        (JSON, {"instances": [ROW, ROW]}),
        (f"{JSON}; charset=utf-8", {"instances": [ROW]}),
        (CSV, csv),
        (JSON, "{not json"),
        (JSON, {"instances": [{**ROW, "age": "old"}]}),
        (JSON, {"instances": [{**ROW, "age": None}]}),
        ("image/png", "x"),
    ]
    process = run_container(model, requests, **released(model))
    ping, json_rows, json_row, csv_row, *refused = answers(process)
    assert ping[0] == 200
    assert json_rows[:2] == [200, JSON]
    assert list(json_rows[2]) == ["predictions", "scores", "model", "version", "request_id"]
    assert (json_rows[2]["model"], json_rows[2]["version"]) == ("toys", 7)
    assert len(json_rows[2]["predictions"]) == len(json_rows[2]["scores"]) == 2
    assert csv_row[2]["scores"] == json_row[2]["scores"]
    assert json_rows[2]["scores"][:1] == pytest.approx(json_row[2]["scores"], rel=1e-12)
    assert json_row[2]["request_id"] != csv_row[2]["request_id"]
    assert [answer[0] for answer in refused] == [400, 400, 400, 415]
    says = [answer[2]["error"] for answer in refused]
    assert "is not JSON" in says[0] and "'age' takes numbers; row 1 has 'old'" in says[1]
    assert "the model cannot take these values" in says[2] and "'image/png'" in says[3]
    # Nothing was installed: pip says "Processing" and "Successfully installed" here.
    assert "pip" not in process.stderr.lower(), process.stderr


def test_every_worker_loads_the_model_before_it_answers(model: Path) -> None:
    requests = [(JSON, {"instances": [ROW]})] * 40
    process = run_container(model, requests, **released(model))
    _, *row_answers = answers(process)
    assert [answer[0] for answer in row_answers] == [200] * 40
    # A worker that loads the model with its first request takes some seconds for it.
    slowest = max(answer[3] for answer in row_answers)
    assert slowest < 1, f"{slowest:.2f} s"
    assert process.stderr.count("Booting worker") == WORKERS


def test_before_the_first_release_it_says_so(model: Path) -> None:
    ping, answer = answers(run_container(model, [(JSON, {"instances": [ROW]})]))
    assert ping[0] == 200
    assert answer[0] == 503
    assert answer[2] == {"error": "no model released yet: 'toys' waits for its first version"}


def test_another_file_than_the_registered_ends_the_container(model: Path) -> None:
    process = run_container(model, (), **{**released(model), "MLOPS_SHA256": "0" * 64})
    assert process.returncode == 1 and "the container ended with" in process.stderr
    assert "registered was 0000" in process.stderr and "it is not loaded" in process.stderr


def test_the_image_s_own_way_to_a_program_needs_a_network(model: Path) -> None:
    """What SERVING avoids: with a program the container runs pip, which wants to build."""
    (model / "inference.py").write_text("")
    program = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": str(model)}
    process = run_container(model, (), **released(model), **program)
    assert process.returncode == 1 and "the container ended with" in process.stderr
    assert "InstallModuleError" in process.stderr


def test_the_same_files_are_the_same_archive() -> None:
    files = {"code/b.py": b"2", "code/a.py": b"1"}
    assert archive(files) == archive(dict(reversed(files.items())))
    assert archive(files) != archive({**files, "code/a.py": b"3"})
