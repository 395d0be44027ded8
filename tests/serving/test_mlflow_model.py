"""The registry entry of a local stack is an MLflow model that gives the endpoint's numbers."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.request import Request, urlopen

import pytest

from tests import warm
from tests.serving.platforms import ROW, expected, make_platform, register, train
from tests.serving.servers import call, until
from training import versions
from training.platform import Platform
from training.registry.local import CHAMPION, MlflowRegistry
from training.serving import alias, server

ROWS: list[dict[str, Any]] = [
    ROW,
    {"size": -2.0, "age": 80, "new": False, "color": None},
    {"size": None, "age": 8, "new": False, "color": "never seen in training"},
]
LABELS = ["cheap", "dear", "dear"]
# Somewhere else, with no project on the path: the folder has all that it needs.
PROGRAM = """
import json, sys
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/toys@champion")
answer = model.predict(pd.DataFrame(json.loads(sys.argv[2])))
print(json.dumps({
    "predictions": answer["predictions"].tolist(),
    "scores": answer["scores"].tolist(),
    "columns": model.metadata.get_input_schema().input_names(),
    "example": model.input_example.iloc[0].to_dict(),
}))
"""


# A model of MLflow's that gives more than one column is evaluated as a function.
EVALUATION = """
import json, sys
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("toys")
model = mlflow.pyfunc.load_model("models:/toys@champion")
result = mlflow.models.evaluate(
    lambda rows: model.predict(rows)["predictions"],
    pd.DataFrame(json.loads(sys.argv[2])).assign(price=["cheap", "dear", "dear"]),
    targets="price",
    model_type="classifier",
    evaluator_config={"pos_label": "cheap", "log_model_explainability": False},
)
print(json.dumps(result.metrics["accuracy_score"]))
"""


@dataclass(frozen=True)
class Entry:
    platform: Platform
    registry: MlflowRegistry

    def run(self, folder: Path, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [warm.programs() / "python", "-c", program, self.registry.uri, json.dumps(ROWS)],
            cwd=folder,
            env=variables(),
            capture_output=True,
            text=True,
            timeout=240,
        )


@pytest.fixture(scope="module", params=[True, False], ids=["compiled", "estimator"])
def entry(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Entry:
    platform = make_platform(tmp_path_factory.mktemp("mlflow"))
    registry = MlflowRegistry(f"sqlite:///{platform.store.uri}/registry.db")
    registry.create_model("toys", {})
    number = register(platform, estimator=train(1, imputes=True), compiles=request.param)
    assert registry.number(versions.manifest(platform.store, "toys", number)) == number
    registry.mark_champion("toys", number)
    return Entry(platform, registry)


def test_it_loads_elsewhere_and_gives_the_endpoint_s_numbers(entry: Entry, tmp_path: Path) -> None:
    process = entry.run(tmp_path)
    assert process.returncode == 0, process.stderr
    answer = json.loads(process.stdout.splitlines()[-1])
    labels, scores = expected(entry.platform, 1, ROWS)
    assert answer["predictions"] == labels
    assert answer["scores"] == pytest.approx(scores, rel=1e-9)
    assert answer["columns"] == list(ROW)
    assert answer["example"] == {**ROW, "age": 3}


def test_the_registry_shows_the_card(entry: Entry) -> None:
    text = entry.registry.client.get_model_version("toys", "1").description
    assert text is not None and "\n\nA classification of `price`: roc_auc 0.7" in text
    assert "| color | categorical | input |" in text


def test_its_pages_say_what_to_type_instead(entry: Entry) -> None:
    warning = "⚠ Nothing on this page changes what is served"
    version = entry.registry.client.get_model_version("toys", "1")
    assert version.description and version.description.startswith(warning)
    assert 'mlops promote 1 --why "..."' in version.description
    assert version.tags["to_release"] == 'mlops promote 1 --why "..."'
    model = entry.registry.client.get_registered_model("toys")
    assert model.description and model.description.startswith(warning)
    assert "`mlops rollback --why" in model.description


def test_what_an_earlier_program_entered_is_described(entry: Entry) -> None:
    client = entry.registry.client
    client.update_model_version("toys", "1", description="")
    client.update_registered_model("toys", "")
    assert entry.registry.number(versions.manifest(entry.platform.store, "toys", 1)) == 1
    assert client.get_model_version("toys", "1").description
    assert client.get_registered_model("toys").description


def test_mlflow_evaluates_it(entry: Entry, tmp_path: Path) -> None:
    process = entry.run(tmp_path, EVALUATION)
    assert process.returncode == 0, process.stderr
    labels, _ = expected(entry.platform, 1, ROWS)
    right = sum(label == expectation for label, expectation in zip(labels, LABELS, strict=True))
    assert json.loads(process.stdout.splitlines()[-1]) == pytest.approx(right / 3)


@pytest.mark.usefixtures("warm_programs")
def test_mlflow_s_own_server_serves_it(entry: Entry, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["python", "-m", "mlflow", "models", "serve", "-m", "models:/toys@champion"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--env-manager", "local", "-h", "127.0.0.1", "-p", str(port)],
            cwd=tmp_path,
            env={**variables(), "MLFLOW_TRACKING_URI": entry.registry.uri},
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or pings(url), 240)
        body = json.dumps({"dataframe_records": ROWS}).encode()
        kind = {"content-type": "application/json"}
        status, answer = call(Request(f"{url}/invocations", body, kind, method="POST"))
        assert status == 200, answer
    finally:
        process.kill()
        process.wait()
        until(lambda: not pings(url))  # its server ends with it
    labels, scores = expected(entry.platform, 1, ROWS)
    assert [row["predictions"] for row in answer["predictions"]] == labels
    assert [row["scores"] for row in answer["predictions"]] == pytest.approx(scores, rel=1e-9)


def pings(url: str) -> bool:
    try:
        with urlopen(f"{url}/ping", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def variables() -> dict[str, str]:
    """The environment of a user who does not have this project."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_a_changed_file_is_not_loaded(entry: Entry, tmp_path: Path) -> None:
    source = entry.registry.client.get_model_version_by_alias("toys", CHAMPION).source
    assert source is not None
    folder = Path(source.removeprefix("file://")) / "data" / "data"
    name = "compiled.onnx" if (folder / "compiled.onnx").exists() else "model.joblib"
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content + b"x")
    try:
        process = entry.run(tmp_path)
    finally:
        (folder / name).write_bytes(content)
    assert process.returncode != 0
    assert f"{name} has SHA-256" in process.stderr and "it is not loaded" in process.stderr


def test_the_alias_is_read_without_mlflow(entry: Entry, tmp_path: Path) -> None:
    assert alias.aliased_version(entry.registry.uri, "toys") == 1
    assert alias.aliased_version(entry.registry.uri, "others") is None
    assert alias.aliased_version(f"sqlite:///{tmp_path}/none.db", "toys") is None
    assert alias.aliased_version("none:///registry", "toys") is None


def test_an_alias_set_by_hand_is_told_and_taken_back(
    entry: Entry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "ALIAS_SECONDS", 0.0)
    marked: list[tuple[str, int]] = []

    class Serving:
        platform = replace(
            entry.platform,
            document={**entry.platform.document, "registry": entry.registry.uri},
        )
        marker = SimpleNamespace(mark=lambda model, version: marked.append((model, version)))
        aliases: ClassVar[dict[str, Any]] = {}

    endpoint = SimpleNamespace(model="toys", in_service=SimpleNamespace(version=2))
    look: Any = partial(server._Serving._check_alias, Serving())  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        look(endpoint)
    assert marked == [("toys", 2)]
    assert "was set to version 1 by hand; version 2 stays in service" in caplog.text
    endpoint.in_service.version = 1
    look(endpoint)
    look(endpoint)
    assert marked == [("toys", 2)]
