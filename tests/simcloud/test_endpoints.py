"""Vertex AI's endpoints of the simulated cloud, asked by the client of the back end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.simcloud.cloud import Cloud
from tools.simcloud.failures import CloudError
from tools.simcloud.harness import SimCloud
from tools.simcloud.platforms import variables
from tools.simcloud.state import Row
from training.clients import gcp
from training.clients.gcp import GoogleError
from training.endpoint.gcp_fleet import Fleet

SETTINGS = {"project": "sim-project", "region": "europe-west4"}
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
MODEL = "projects/sim-project/locations/europe-west4/models/sim"
PART = {
    "name": "sim",
    "instance_type": "n1-standard-2",
    "instances": 1,
    "max_instances": 1,
    "service_account": "endpoint@sim-project.iam.gserviceaccount.com",
    "canary_percent": 10,
}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCloud]:
    """A cloud with an endpoint, that clients call."""
    with SimCloud(tmp_path / "cloud") as cloud:
        service = {"service": "aiplatform.googleapis.com"}
        cloud.seed("gcp:projects/service:Service", "api", service, SETTINGS)
        given = {"name": "1", "displayName": "sim", "location": "europe-west4"}
        cloud.seed(ENDPOINT, "sim", given, SETTINGS)
        monkeypatch.setenv(gcp.GATEWAY, cloud.environment[gcp.GATEWAY])
        gcp._session.cache_clear()
        yield cloud
        gcp._session.cache_clear()


@pytest.fixture
def row(cloud: SimCloud) -> Row:
    """The endpoint in the cloud."""
    return cloud.resource(ENDPOINT, "sim")


@pytest.fixture
def fleet(row: Row) -> Fleet:
    """The endpoint as releases know it."""
    return Fleet({"endpoint": row.id, **PART})


def delete(cloud: SimCloud, row: Row) -> None:
    Cloud(cloud.state, variables("gcp", SETTINGS)).delete(row.urn, row.id)


def test_an_endpoint_that_serves_is_not_deleted(cloud: SimCloud, row: Row, fleet: Fleet) -> None:
    first = fleet.deploy(1, f"{MODEL}@1", None)
    fleet.deploy(2, f"{MODEL}@2", first)
    found = fleet.find() or {}
    assert found["trafficSplit"] == {"100": 90, "200": 10}
    assert [each["model"] for each in found["deployedModels"]] == [f"{MODEL}@1", f"{MODEL}@2"]
    with pytest.raises(CloudError, match="holds 2 objects"):
        delete(cloud, row)
    fleet.empty()
    delete(cloud, row)
    assert fleet.find() is None


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
    fleet.deploy(2, f"{MODEL}@2", fleet.deploy(1, f"{MODEL}@1", None))
    before = fleet.find()
    with pytest.raises(GoogleError, match=says):
        gcp.call(verb, f"{fleet.url}{action}", body)
    assert fleet.find() == before
