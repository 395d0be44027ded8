"""Requests of a release to Vertex AI, and an endpoint that a destroy empties."""

from __future__ import annotations

import pytest

from tests.unit import wire
from tests.unit.gcp_service import NEW, OLD, PART, RESOURCES, Service, deployed, sent
from tests.unit.wire import Wire
from training.endpoint import gcp_requests
from training.endpoint.gcp_fleet import Fleet


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def net(service: Service, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return wire.connect(monkeypatch, service.answer)


def test_a_deployment_s_number_says_its_version() -> None:
    assert gcp_requests.unused_number(3, []) == "300"
    assert gcp_requests.unused_number(3, ["300", "301", "303", "400"]) == "302"
    assert [gcp_requests.version_of(number) for number in ("300", "399", "400")] == [3, 3, 4]


def test_a_version_is_deployed_on_the_machines_of_the_settings() -> None:
    split = {"0": 0, OLD: 100}
    assert gcp_requests.deploy_model(PART, NEW, "models/1@3", split) == {
        "deployedModel": {
            "id": NEW, "model": "models/1@3", "displayName": "dev-toys-v3",
            "dedicatedResources": RESOURCES, "serviceAccount": "toys@p",
        },
        "trafficSplit": split,
    }  # fmt: skip
    assert gcp_requests.is_current(PART, deployed(NEW))
    assert not gcp_requests.is_current(PART, deployed(NEW, maxReplicaCount=5))
    assert not gcp_requests.is_current(PART, {"id": NEW})


def test_an_endpoint_is_emptied_of_the_served_one_last(service: Service, net: Wire) -> None:
    assert service.description is not None
    service.description["deployedModels"] = [deployed(OLD), deployed("100"), deployed(NEW)]
    service.description["trafficSplit"] = {"100": 10, OLD: 90}
    Fleet(PART).empty()
    assert sent(net, "PATCH") == [{"trafficSplit": {OLD: 100}}]
    assert [body["deployedModelId"] for body in sent(net, "POST", ":undeployModel")] == [
        "100", NEW, OLD,
    ]  # fmt: skip
    service.description["deployedModels"] = []
    service.description.pop("trafficSplit")
    Fleet(PART).empty()
    assert len(sent(net, "PATCH")) == 1
