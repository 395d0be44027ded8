"""Vertex AI of the simulated cloud, asked by the client of the back end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import Row

from training.clients import gcp
from training.clients.gcp import GoogleError
from training.endpoint.gcp_fleet import Fleet
from training.registry import gcp_requests
from training.registry.gcp import VertexRegistry

SETTINGS = {"project": "sim-project", "region": "europe-west4"}
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
PARENT = "projects/sim-project/locations/europe-west4"
REGISTRY = VertexRegistry(PARENT, "store")
MODEL = REGISTRY.entry("sim")
PART = {
    "name": "sim",
    "instance_type": "n1-standard-2",
    "instances": 1,
    "max_instances": 1,
    "service_account": "endpoint@sim-project.iam.gserviceaccount.com",
    "canary_percent": 10,
    "image": "europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-6:latest",
    "key": f"{PARENT}/keyRings/r/cryptoKeys/k",
    "labels": {},
}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCloud]:
    """A cloud with an endpoint, that clients call."""
    with SimCloud(tmp_path / "cloud", gateways={"gcp": gcp.GATEWAY}) as cloud:
        service = {"service": "aiplatform.googleapis.com"}
        cloud.seed("gcp:projects/service:Service", "api", service, SETTINGS)
        inputs = {"name": "1", "displayName": "sim", "location": "europe-west4"}
        cloud.seed(ENDPOINT, "sim", inputs, SETTINGS)
        monkeypatch.setenv(gcp.GATEWAY, cloud.environment[gcp.GATEWAY])
        yield cloud


@pytest.fixture
def row(cloud: SimCloud) -> Row:
    """The endpoint in the cloud."""
    return cloud.resource(ENDPOINT, "sim")


@pytest.fixture
def fleet(row: Row) -> Fleet:
    """The endpoint as releases know it; two versions are registered."""
    upload(first=True)
    upload(first=False)
    return Fleet({"endpoint": row.id, **PART})


def upload(first: bool) -> None:
    place = gcp_requests.ModelSources("gs://store", "gs://store/code/a.whl")
    body = gcp_requests.upload(MODEL, {"model": "sim", "run": "a"}, PART, place, first=first)
    gcp.call("POST", gcp.vertex(f"{PARENT}/models:upload"), body)


def delete(cloud: SimCloud, row: Row) -> None:
    Cloud(cloud.state, variables("gcp", SETTINGS)).delete(row.urn, row.id)


def test_an_endpoint_that_serves_is_not_deleted(cloud: SimCloud, row: Row, fleet: Fleet) -> None:
    fleet.deploy("100", f"{MODEL}@1", {"0": 100})
    fleet.deploy("200", f"{MODEL}@2", {"100": 90, "0": 10})
    description = fleet.find() or {}
    assert description["trafficSplit"] == {"100": 90, "200": 10}
    assert [model["model"] for model in description["deployedModels"]] == [
        f"{MODEL}@1",
        f"{MODEL}@2",
    ]
    with pytest.raises(CloudError, match="holds 2 objects"):
        delete(cloud, row)
    fleet.empty()
    delete(cloud, row)
    assert fleet.find() is None


def test_a_model_is_deleted_with_its_versions_unless_one_is_deployed(
    cloud: SimCloud, fleet: Fleet
) -> None:
    assert cloud.stores() == [f"models/{PARENT}"]
    fleet.deploy("200", f"{MODEL}@2", {"0": 100})
    with pytest.raises(GoogleError, match="models/store-sim is deployed"):
        REGISTRY.empty("sim")
    fleet.empty()
    assert REGISTRY.empty("sim") and not REGISTRY.empty("sim")
    assert not cloud.stores()


@pytest.mark.parametrize("first,says", [(True, "has 2 versions"), (False, "has 0 versions")])
def test_only_a_first_version_makes_an_entry(fleet: Fleet, first: bool, says: str) -> None:
    if not first:
        REGISTRY.empty("sim")
    with pytest.raises(GoogleError, match=says):
        upload(first)


@pytest.mark.parametrize("version", ["3", "0", "none"])
def test_a_version_that_nobody_registered_is_not_deployed(fleet: Fleet, version: str) -> None:
    with pytest.raises(GoogleError, match=f"{MODEL}@{version} is not found"):
        fleet.deploy("300", f"{MODEL}@{version}", {"0": 100})


@pytest.mark.parametrize(
    "verb,action,body,says",
    [
        ("POST", ":undeployModel", {"deployedModelId": "100"}, "100 has traffic"),
        ("POST", ":undeployModel", {"deployedModelId": "7"}, "7 does not exist"),
        ("POST", ":undeployModel", {"deployedModel": "100"}, "unknown field 'deployedModel'"),
        ("PATCH", "", {"trafficSplit": {"100": 90}}, "is not 100 %"),
        ("PATCH", "", {"trafficSplit": {"300": 100}}, "is not 100 %"),
        ("POST", ":explain", {}, "has no POST"),
    ],
)
def test_what_the_service_refuses_is_refused(
    fleet: Fleet, verb: str, action: str, body: dict[str, object], says: str
) -> None:
    fleet.deploy("100", f"{MODEL}@1", {"0": 100})
    fleet.deploy("200", f"{MODEL}@2", {"100": 90, "0": 10})
    before = fleet.find()
    with pytest.raises(GoogleError, match=says):
        gcp.call(verb, f"{fleet.url}{action}", body)
    assert fleet.find() == before
