"""Serving in a container: the files that a release ships, in a process as the image runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib
import pytest

from tests.serving.platforms import COLUMNS, ROW, train
from training import versions
from training.endpoint.aws_requests import SERVING
from training.scoring.bundle import archive, serving_code

# What the scikit-learn image does: import the program, load the model, answer requests.
SERVE = """
import importlib, json, sys
module = importlib.import_module(sys.argv[1].removesuffix(".py"))
model = module.model_fn(sys.argv[2])
for content_type, body in json.loads(sys.stdin.read()):
    data = module.input_fn(body.encode(), content_type)
    answer = module.output_fn(module.predict_fn(data, model), "text/csv")
    print(json.dumps([answer.status_code, answer.mimetype, answer.get_json()]))
print(sys.modules["training"].__file__, file=sys.stderr)
"""
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
    }
    (folder / "result.json").write_text(json.dumps(summary))
    for name, content in serving_code().items():
        path = folder / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def serve(model: Path, *requests: tuple[str, Any], **environment: str) -> list[Any]:
    """The answers of a process that has the image's environment and the model's."""
    done = _serve(model, requests, environment)
    assert done.returncode == 0, done.stderr
    assert str(model / "code/training/__init__.py") in done.stderr, "other code was served"
    return [json.loads(answer) for answer in done.stdout.splitlines()]


def _serve(model: Path, requests: Any, environment: dict[str, str]) -> Any:
    given = {key: value.replace("/opt/ml/model", str(model)) for key, value in SERVING.items()}
    bodies = [(kind, b if isinstance(b, str) else json.dumps(b)) for kind, b in requests]
    return subprocess.run(
        [sys.executable, "-c", SERVE, given["SAGEMAKER_PROGRAM"], str(model)],
        input=json.dumps(bodies),
        env={"PATH": os.environ["PATH"], "MLOPS_MODEL": "toys", **given, **environment},
        cwd=model,
        capture_output=True,
        text=True,
    )


def released(model: Path) -> dict[str, str]:
    return {"MLOPS_VERSION": "7", "MLOPS_SHA256": versions.sha256(model / "model.joblib")}


def test_answers_are_those_of_the_local_endpoint(model: Path) -> None:
    csv = "size,age,new,color\n1.5,3,true,red\n"
    requests = ((JSON, {"instances": [ROW, ROW]}), (f"{JSON}; charset=utf-8", {"instances": [ROW]}))
    two, one, same = serve(model, *requests, (CSV, csv), **released(model))
    assert two[:2] == [200, JSON]
    assert list(two[2]) == ["predictions", "scores", "model", "version", "request_id"]
    assert (two[2]["model"], two[2]["version"]) == ("toys", 7)
    assert len(two[2]["predictions"]) == len(two[2]["scores"]) == 2
    assert one[2]["scores"] == same[2]["scores"] == two[2]["scores"][:1]
    assert one[2]["request_id"] != same[2]["request_id"]


def test_bad_requests_are_refused_in_a_sentence(model: Path) -> None:
    answers = serve(
        model,
        (JSON, "{not json"),
        (JSON, {"instances": [{**ROW, "age": "old"}]}),
        (JSON, {"instances": [{**ROW, "age": None}]}),
        ("image/png", "x"),
        **released(model),
    )
    assert [answer[0] for answer in answers] == [400, 400, 400, 415]
    says = [answer[2]["error"] for answer in answers]
    assert "is not JSON" in says[0] and "'age' takes numbers; row 1 has 'old'" in says[1]
    assert "the model cannot take these values" in says[2] and "'image/png'" in says[3]


def test_before_the_first_release_it_says_so(model: Path) -> None:
    (answer,) = serve(model, (JSON, {"instances": [ROW]}))
    assert answer[0] == 503
    assert answer[2] == {"error": "no model released yet: 'toys' waits for its first version"}


def test_another_file_than_the_registered_is_not_loaded(model: Path) -> None:
    wrong = {**released(model), "MLOPS_SHA256": "0" * 64}
    done = _serve(model, (), wrong)
    assert done.returncode == 1
    assert "registered was 0000" in done.stderr and "it is not loaded" in done.stderr


def test_the_same_files_are_the_same_archive() -> None:
    files = {"code/b.py": b"2", "code/a.py": b"1"}
    assert archive(files) == archive(dict(reversed(files.items())))
    assert archive(files) != archive({**files, "code/a.py": b"3"})
