"""What a cloud's container is told: the digest of the compiled predictor, if there is one."""

from __future__ import annotations

import pytest

from tests.installed import needs
from training.versions import Manifest

DIGEST, COMPILED = "a" * 64, "b" * 64
PLAIN: Manifest = {"model": "toys", "version": 3, "artifact": {"key": "k/m", "sha256": DIGEST}}
WANTED = {"MLOPS_MODEL": "toys", "MLOPS_VERSION": "3", "MLOPS_SHA256": DIGEST,
          "OMP_NUM_THREADS": "1"}  # fmt: skip

CASES = [
    ({"compiled": {"sha256": COMPILED, "key": "k/c"}}, {"MLOPS_COMPILED_SHA256": COMPILED}),
    ({"compiled": {"reason": "none is exact"}}, {}),
    ({"compiled": None}, {}),
    ({}, {}),
]


@needs("aws")
@pytest.mark.parametrize(("manifest", "more"), CASES)
def test_on_aws(manifest: Manifest, more: dict[str, str]) -> None:
    from training.endpoint import aws_requests
    from training.scoring.bundle import SERVING

    part = {"role": "arn", "tags": {}, "capture": {"by": "service", "percent": 100}}
    request = aws_requests.create_model(part, "toys-v3", "arn:package/3", {**PLAIN, **manifest})
    assert request["PrimaryContainer"]["Environment"] == {**SERVING, **WANTED, **more}


@needs("azure")
@pytest.mark.parametrize(("manifest", "more"), CASES)
def test_on_azure(manifest: Manifest, more: dict[str, str]) -> None:
    from training.endpoint import azure_requests

    part = {
        "location": "westeurope",
        "instances": 1,
        "tags": {},
        "environment": "azureml:/subscriptions/s",
        "workers": 2,
        "instance_type": "Standard_DS3_v2",
        "capture": {"percent": 0},
    }
    request = azure_requests.deployment(part, {**PLAIN, **manifest}, "model", "code", {})
    variables = request["properties"]["environmentVariables"]
    assert variables == {"WORKER_COUNT": "2", **WANTED, **more}
