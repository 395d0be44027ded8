"""Serving on Azure ML: what its inference server calls, in place of the server."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from components import package
from tests.project import REPOSITORY
from tests.serving.platforms import ROW, make_platform, register
from training import versions
from training.endpoint.azure_deployments import SCORE_PY
from training.endpoint.azure_requests import SCORE

# The server's own two modules, as small as the scoring code needs them.
SERVER = {
    "azureml/contrib/services/aml_request.py": "def rawhttp(function):\n    return function\n",
    "azureml/contrib/services/aml_response.py": (
        "from flask import Response\n\n\nclass AMLResponse(Response):\n"
        "    def __init__(self, message, status):\n        super().__init__(message, status)\n"
    ),
}
# Loads score.py as the server does, and answers a request per line.
HOST = """
import importlib.util, json, sys
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request
spec = importlib.util.spec_from_file_location("score", sys.argv[1])
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)
score.init()
for line in sys.stdin:
    method, kind, body = json.loads(line)
    made = EnvironBuilder(method=method, data=body.encode(), content_type=kind)
    answer = score.run(Request(made.get_environ()))
    print(json.dumps([answer.status_code, answer.content_type, answer.get_data(as_text=True)]))
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code asset of a deployment: the wheel and score.py, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("code")
    built = package.build(package.contents(REPOSITORY))
    (folder / package.file_name(package.digest(package.contents(REPOSITORY)))).write_bytes(built)
    (folder / SCORE).write_bytes(SCORE_PY)
    for name, content in SERVER.items():
        path = folder / "server" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


class Served:
    """A registered version in the folder of a model asset."""

    def __init__(self, root: Path, code: Path) -> None:
        platform = make_platform(root)
        version = register(platform)
        self.manifest = versions.manifest(platform.store, "toys", version)
        self.folder, self.code = root / "models" / "toys" / "1" / "artifact", code
        self.folder.mkdir(parents=True)
        model = platform.store.read(self.manifest["artifact"]["key"])
        (self.folder / "model.joblib").write_bytes(model)
        (self.folder / "result.json").write_text(json.dumps(self.manifest))

    def answers(self, *requests: tuple[str, str, str], fails: bool = False) -> list[Any]:
        """What the server gets for requests of method, content type and body."""
        done = subprocess.run(
            [sys.executable, "-c", HOST, str(self.code / SCORE)],
            input="".join(f"{json.dumps(each)}\n" for each in requests),
            env={
                "PYTHONPATH": str(self.code / "server"),
                "AZUREML_MODEL_DIR": str(self.folder.parent),
                "MLOPS_MODEL": "toys",
                "MLOPS_VERSION": "1",
                "MLOPS_SHA256": self.manifest["artifact"]["sha256"],
            },
            cwd=self.code,
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return [done.stderr] if fails else [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def served(tmp_path: Path, code: Path) -> Served:
    return Served(tmp_path, code)


def test_the_answers_are_those_of_every_endpoint(served: Served) -> None:
    good, bad, get = served.answers(
        ("POST", "application/json", json.dumps({"instances": [ROW, ROW]})),
        ("POST", "application/json", json.dumps({"instances": [{"size": 1}]})),
        ("GET", "", ""),
    )
    answer = json.loads(good[2])
    assert good[:2] == [200, "application/json"]
    assert len(answer["predictions"]) == len(answer["scores"]) == 2
    assert (answer["model"], answer["version"]) == ("toys", 1)
    assert bad[0] == 400 and "input column 'age' is missing in row 1" in json.loads(bad[2])["error"]
    assert get[0] == 405


def test_a_model_file_that_was_not_registered_is_not_loaded(served: Served) -> None:
    (served.folder / "model.joblib").write_bytes(b"something else")
    (error,) = served.answers(fails=True)
    assert "it is not loaded" in error


def test_the_wheel_alone_serves(code: Path) -> None:
    (wheel,) = code.glob("*.whl")
    names = zipfile.ZipFile(io.BytesIO(wheel.read_bytes())).namelist()
    assert "training/scoring/azure.py" in names
    assert not (code / "training").exists()
