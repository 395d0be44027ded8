"""Serving on Azure ML: its inference server, without a network, on a deployment's code asset."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from components import package
from tests.contract import containers
from tests.project import REPOSITORY
from tests.serving.platforms import ROW, make_platform, register
from training import versions
from training.endpoint.azure_deployments import SCORE_PY
from training.endpoint.azure_requests import SCORE, WORKERS
from training.scoring import environment
from training.serving.requests import PARQUET

# `azureml-inference-server-http`, as the curated environments have it; its defaults but for the
# workers, which a deployment asks for.
SCORE_PATH, PORT, HEALTH_PORT = "/score", 31311, 5001
JSON = "application/json"


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code asset of a deployment: the wheel and score.py, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("code")
    wheel = package.build(package.contents(REPOSITORY))
    (folder / package.file_name(package.digest(package.contents(REPOSITORY)))).write_bytes(wheel)
    (folder / SCORE).write_bytes(SCORE_PY)
    return folder


class ModelAsset:
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

    def run_container(
        self, *requests: tuple[str, str, str], workers: int = 1
    ) -> subprocess.CompletedProcess[str]:
        """The inference server, started with what a deployment sets and asked."""
        python = containers.python_of("azureml")
        server = str(python.with_name("azmlinfsrv"))
        return containers.run_container(
            python,
            [server, "--entry_script", str(self.code / SCORE), "--port", str(PORT)],
            PORT,
            "/",
            SCORE_PATH,
            requests,
            {
                "AML_APP_ROOT": str(self.code),
                "AZUREML_MODEL_DIR": str(self.folder.parent),
                WORKERS: str(workers),
                **environment(self.manifest),
            },
            self.code,
        )


@pytest.fixture
def asset(tmp_path: Path, code: Path) -> ModelAsset:
    return ModelAsset(tmp_path, code)


def test_the_answers_are_those_of_every_endpoint(asset: ModelAsset) -> None:
    process = asset.run_container(
        ("POST", JSON, json.dumps({"instances": [ROW, ROW]})),
        ("POST", "text/csv", "size,age,new,color\n1.5,3,true,red\n"),
        ("POST", JSON, json.dumps({"instances": [{"size": 1}]})),
        ("POST", "image/png", "x"),
        ("POST", PARQUET, "x"),
        ("GET", "", ""),
    )
    healthy, json_answer, csv, refusal, picture, parquet, get = containers.answers(process)
    assert healthy[0] == 200
    answer = json.loads(json_answer[2])
    assert json_answer[:2] == [200, JSON]
    assert len(answer["predictions"]) == len(answer["scores"]) == 2
    assert (answer["model"], answer["version"]) == ("toys", 1)
    assert len(json.loads(csv[2])["predictions"]) == 1
    assert (
        refusal[0] == 400
        and "input column 'age' is missing in row 1" in json.loads(refusal[2])["error"]
    )
    assert (picture[0], get[0]) == (415, 405)
    # A curated environment has no Arrow.
    assert parquet[0] == 415 and "send application/json" in json.loads(parquet[2])["error"]


def test_every_worker_loads_the_model_before_it_answers(asset: ModelAsset) -> None:
    row = ("POST", JSON, json.dumps({"instances": [ROW]}))
    process = asset.run_container(*[row] * 40, workers=2)
    _, *row_answers = containers.answers(process)
    assert [answer[0] for answer in row_answers] == [200] * 40
    assert max(answer[3] for answer in row_answers) < 1, "a worker loads with its first request"
    assert process.stderr.count("Booting worker") == 2


def test_a_model_file_that_was_not_registered_is_not_loaded(asset: ModelAsset) -> None:
    (asset.folder / "model.joblib").write_bytes(b"something else")
    process = asset.run_container()
    assert process.returncode == 1 and "the container ended with" in process.stderr
    assert "it is not loaded" in process.stderr


def test_the_wheel_alone_serves(code: Path) -> None:
    (wheel,) = code.glob("*.whl")
    names = zipfile.ZipFile(io.BytesIO(wheel.read_bytes())).namelist()
    assert "training/scoring/azure.py" in names
    assert not (code / "training").exists()
