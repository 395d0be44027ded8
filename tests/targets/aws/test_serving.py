"""What a release on SageMaker ships answers in SageMaker's container as the version does here."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest

from tests.contract.sagemaker import answers, run_container
from tests.targets.conftest import Trained
from training import predictor, release, versions
from training.platform import platform_at
from training.store.aws import located

pytestmark = pytest.mark.engine

MODEL = "flights"


def test_the_champion_s_archive_answers_as_the_version_does(
    trained: Trained, months: list[Path], tmp_path: Path
) -> None:
    runner, _ = trained("aws")
    with runner.environment():
        platform = platform_at(runner.platform.run("stack", "output", "store").strip())
        container = _container(platform.part(MODEL, "endpoint.json")["endpoint"])
        champion = release.champion(platform.store, MODEL)
        assert champion is not None
        manifest = versions.manifest(platform.store, MODEL, champion.version)
        own_predictor = predictor.load(platform.store, manifest)
        _unpack(container["ModelDataUrl"], tmp_path / "model")
    rows = pd.read_parquet(months[0]).head(20)[[column.name for column in own_predictor.columns]]
    variables = {key: value for key, value in container["Environment"].items() if "MLOPS" in key}
    request = {"columns": list(rows), "data": json.loads(rows.to_json(orient="values"))}
    process = run_container(tmp_path / "model", [("application/json", request)], **variables)
    _, (status, _, answer, _) = answers(process)
    labels, scores = own_predictor.predict(own_predictor.frame(rows))
    assert status == 200
    assert (answer["model"], answer["version"]) == (MODEL, champion.version)
    assert answer["predictions"] == labels.tolist()
    # Another process, and another processor's exponential: not to the last bit.
    assert answer["scores"] == pytest.approx(scores.tolist(), rel=1e-12)


def _container(endpoint: str) -> dict[str, Any]:
    """The container that serves: its environment, and the archive of its model package."""
    client = boto3.client("sagemaker")
    config = client.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    description = client.describe_endpoint_config(EndpointConfigName=config)
    model = client.describe_model(ModelName=description["ProductionVariants"][0]["ModelName"])
    container = model["PrimaryContainer"]
    package = client.describe_model_package(ModelPackageName=container["ModelPackageName"])
    (image,) = package["InferenceSpecification"]["Containers"]
    return {**container, "ModelDataUrl": image["ModelDataUrl"]}


def _unpack(address: str, folder: Path) -> None:
    store, key = located(address)
    with tarfile.open(fileobj=io.BytesIO(store.read(key))) as archive:
        archive.extractall(folder, filter="data")
