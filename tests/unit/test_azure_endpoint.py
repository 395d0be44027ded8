"""What a release asks of an endpoint on Azure ML, and what it makes of the service's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform, write_part
from tests.unit import wire
from tests.unit.wire import Request, Response, Wire
from training import clock
from training.endpoint import RefusedError, Signals, Standing, azure
from training.endpoint.azure_deployments import Deployments
from training.errors import PassingError
from training.platform import Platform

NOON = clock.parse("2026-03-01T12:00:00Z")
GROUP = "/subscriptions/s/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/w"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints/dev-toys"
SCORING = "https://dev-toys.west.inference.ml.azure.com/score"
OLD, NEW = "v000002", "v000003"
PART: dict[str, Any] = {
    "endpoint": "dev-toys", "location": "westeurope", "environment": "azureml:/subscriptions/s/env",
    "instance_type": "Standard_DS2_v2", "instances": 2, "max_instances": 5, "workers": 4,
    "tags": {"stack": "dev"}, "capture": {"percent": 30, "folder": "models/toys/captures"},
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "model": "toys", "version": 3, "artifact": {"sha256": "ab", "key": "models/toys/artifacts/3/m"},
}  # fmt: skip


class Service:
    """Azure Resource Manager with one endpoint, its metrics and its answers."""

    def __init__(self) -> None:
        self.properties: dict[str, Any] = {
            "authMode": "AADToken", "scoringUri": SCORING, "provisioningState": "Succeeded",
            "traffic": {OLD: 100, NEW: 0}, "mirrorTraffic": {},
        }  # fmt: skip
        self.deployments = {OLD: "Succeeded", NEW: "Succeeded", "v000001": "Failed"}
        self.is_there = True
        self.series: dict[str, list[tuple[dict[str, str], list[float | None]]]] = {}
        self.score = Response({"predictions": ["a"], "scores": [0.5]})
        self.busy = 0
        self.puts: list[Request] = []

    def answer(self, request: Request) -> Response:
        path = f"/{request.path}"
        if request.host == "dev-toys.west.inference.ml.azure.com":
            assert (request.method, path) == ("POST", "/score")
            return self.score
        assert request.host == "management.azure.com"
        if path.endswith("/providers/Microsoft.Insights/metrics"):
            return self._metrics(request)
        assert request.query["api-version"] == "2025-12-01" or "autoscale" in path
        if request.method == "DELETE":
            return Response(b"", 204 if self.deployments.pop(path.split("/")[-1], None) else 404)
        if request.method == "PUT":
            self.puts.append(request)
            if self.busy:
                self.busy -= 1
                return Response({"error": {"code": "Conflict"}}, 409)
            self.properties.update(request.json["properties"])
            return Response({})
        if path == f"{ENDPOINT}/deployments":
            return Response({"value": [
                {"name": name, "properties": {"provisioningState": state}}
                for name, state in self.deployments.items()
            ]})  # fmt: skip
        if path != ENDPOINT or not self.is_there:
            return Response({"error": {"code": "ResourceNotFound", "message": "gone"}}, 404)
        return Response({
            "location": "westeurope", "kind": "Managed", "properties": self.properties,
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/i": {}}},
            "systemData": {"createdAt": "2026-01-01T00:00:00Z"},
        })  # fmt: skip

    def _metrics(self, request: Request) -> Response:
        assert request.query["api-version"] == "2023-10-01"
        assert (request.query["aggregation"], request.query["interval"]) == ("Average", "PT1M")
        names = request.query["metricnames"].split(",")
        return Response({"value": [
            {"name": {"value": name}, "timeseries": [
                {"metadatavalues": [{"name": {"value": key}, "value": text}
                                    for key, text in labels.items()],
                 "data": [{"timeStamp": f"2026-03-01T12:0{minute}:00Z",
                           **({} if value is None else {"average": value})}
                          for minute, value in enumerate(values)]}
                for labels, values in self.series.get(name, [])
            ]}
            for name in names
        ]})  # fmt: skip


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Service()


@pytest.fixture
def net(service: Service, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return wire.connect(monkeypatch, service.answer)


@pytest.fixture
def platform(tmp_path: Path, net: Wire) -> Platform:
    """A stack in Azure, whose documents are in a folder."""
    local = make_platform(tmp_path)
    write_part(local, "toys", "endpoint.json", PART)
    registry = f"azureml://{WORKSPACE.removeprefix('/')}"
    registry = registry.replace("/providers/Microsoft.MachineLearningServices", "")
    return Platform(tmp_path, {**local.document, "target": "azure", "registry": registry})


@pytest.fixture
def rollout(platform: Platform) -> azure.AzureRollout:
    rollout = azure.rollout(platform, "toys", lambda text: None)
    assert rollout is not None
    return rollout


def test_health_is_what_the_service_says(platform: Platform, service: Service) -> None:
    health = azure.health(platform, "toys")
    assert health == {"version": 2, "url": SCORING, "in_service": True,
                      "at": "2026-01-01T00:00:00Z"}  # fmt: skip
    for state, in_service in (("Failed", False), ("Deleting", False), ("Updating", True)):
        service.properties["provisioningState"] = state
        assert (azure.health(platform, "toys") or {})["in_service"] is in_service
    service.properties["traffic"] = {}
    assert (azure.health(platform, "toys") or {})["version"] is None
    service.is_there = False
    assert azure.health(platform, "toys") is None
    assert azure.rollout(platform, "toys", print) is None


def test_fleets_are_those_that_can_answer_and_shares_those_above_none(
    rollout: azure.AzureRollout, service: Service
) -> None:
    assert rollout.stand() == Standing({OLD: 2, NEW: 3}, {OLD: 100})
    service.properties["traffic"] = None
    assert rollout.stand() == Standing({OLD: 2, NEW: 3}, {})


def test_a_log_s_page_is_that_of_the_endpoint(platform: Platform) -> None:
    assert azure.log_address(platform, "toys") == (
        f"https://ml.azure.com/endpoints/realtime/dev-toys/detail?wsid={WORKSPACE}"
    )


Step = Callable[[azure.AzureRollout], None]


@pytest.mark.parametrize(
    ("step", "traffic", "mirrored"),
    [
        (lambda rollout: rollout.mirror(NEW, OLD, 20), {OLD: 100}, {NEW: 20}),
        (lambda rollout: rollout.canary(NEW, OLD, 10), {OLD: 90, NEW: 10}, {}),
        (lambda rollout: rollout.shift(NEW, OLD), {NEW: 100}, {}),
    ],
)
def test_each_step_shares_the_traffic_once(
    step: Step, traffic: dict[str, int], mirrored: dict[str, int],
    rollout: azure.AzureRollout, service: Service,
) -> None:  # fmt: skip
    service.busy = 2
    step(rollout)
    assert len(service.puts) == 3, "tried again while something else changes"
    properties = service.puts[-1].json["properties"]
    assert (properties["traffic"], properties["mirrorTraffic"]) == (traffic, mirrored)
    service.properties["traffic"][OLD] = service.properties["traffic"].get(OLD, 0)
    step(rollout)
    assert len(service.puts) == 3, "is so already; a share of none is none"


def test_an_endpoint_that_is_gone_or_fails_is_a_verdict(
    rollout: azure.AzureRollout, service: Service
) -> None:
    service.properties["provisioningState"] = "Failed"
    with pytest.raises(RefusedError, match="the traffic of endpoint dev-toys: it is Failed"):
        rollout.shift(NEW, OLD)
    service.is_there = False
    with pytest.raises(RefusedError, match="endpoint dev-toys is gone"):
        rollout.shift(NEW, OLD)


def test_signals_are_of_one_deployment_minute_by_minute(
    rollout: azure.AzureRollout, service: Service, net: Wire
) -> None:
    service.series = {
        "RequestsPerMinute": [
            (
                {"deployment": NEW, "statusCode": "200", "modelStatusCode": "200"},
                [10.0, None, 20.2],
            ),
            ({"deployment": NEW, "statusCode": "424", "modelStatusCode": "500"}, [1.0, 2.5]),
            ({"deployment": NEW, "statusCode": "503", "modelStatusCode": "Unknown"}, [1.0]),
            ({"deployment": NEW, "statusCode": "499"}, [1.0]),
        ],
        "RequestLatency_P95": [({}, [100.0, 300.0])],
    }
    since = clock.parse("2026-03-01T11:58:42Z")
    assert rollout.signals(NEW, since) == Signals(36, 5, 200.0)
    counted, timed = (r.query for r in net.requests if "metricnames" in r.query)
    statuses = "statusCode eq '*' and modelStatusCode eq '*'"
    assert counted["$filter"] == f"deployment eq '{NEW}' and {statuses}"
    assert timed["$filter"] == f"deployment eq '{NEW}'"
    assert counted["timespan"] == "2026-03-01T11:58:00Z/2026-03-01T12:00:00Z"
    assert int(counted["top"]) > 10, "of ten alone it tells by itself"
    service.series = {}
    assert rollout.signals(NEW, since) == Signals(0, 0, None)


def test_the_traffic_of_a_day_is_by_quarters(
    platform: Platform, service: Service, net: Wire
) -> None:
    service.series = {
        "RequestsPerMinute": [
            ({"statusCode": "200"}, [10.0, 20.0]), ({"statusCode": "500"}, [2.0]),
        ],
        "RequestLatency_P50": [({}, [5.0, 7.0])], "RequestLatency_P95": [({}, [50.0])],
    }  # fmt: skip
    (record,) = azure.traffic(platform, "toys")
    told = {name: record[name] for name in ("at", "requests", "errors", "p50_ms", "p95_ms")}
    assert told == {"at": "2026-03-01T12:00:00Z", "requests": 32, "errors": 2, "p50_ms": 6.0,
                    "p95_ms": 50.0}  # fmt: skip
    assert net.requests[-1].query["timespan"] == "2026-02-28T12:15:00Z/2026-03-01T12:00:00Z"
    assert "$filter" not in net.requests[-1].query


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"ms-azureml-model-error-statuscode": "500"}, RefusedError),
        ({"ms-azureml-model-error-statuscode": "503"}, PassingError),
        ({"ms-azureml-model-error-statuscode": "429"}, PassingError),
        ({}, RefusedError),
    ],
)
def test_a_model_that_fails_is_a_verdict_and_a_busy_one_is_none(
    headers: dict[str, str], error: type[Exception], rollout: azure.AzureRollout,
    service: Service, net: Wire,
) -> None:  # fmt: skip
    assert rollout.score({"instances": [{}]}) == {"predictions": ["a"], "scores": [0.5]}
    assert net.requests[-1].json == {"instances": [{}]}
    assert "azureml-model-deployment" not in net.requests[-1].headers
    service.score = Response(b"broken", 424, headers)
    status = headers.get("ms-azureml-model-error-statuscode", "no 200")
    with pytest.raises(error, match=f"the container answers {status} to the input .*: broken"):
        rollout.score({})


def test_every_instance_is_asked_before_it_gets_requests(
    rollout: azure.AzureRollout, net: Wire
) -> None:
    example = {"inputs": {"size": 1.0}, "prediction": "a", "score": 0.5}
    rollout._warm_up(NEW, {**MANIFEST, "example": example})
    asked = [r for r in net.requests if r.host.startswith("dev-toys")]
    assert len(asked) >= 2 * PART["instances"]
    assert {r.headers["azureml-model-deployment"] for r in asked} == {NEW}
    assert asked[0].json == {"instances": [{"size": 1.0}]}
    with pytest.raises(RefusedError, match=r"the input example is answered with 'a', score 0\.5;"):
        rollout._warm_up(NEW, {**MANIFEST, "example": {**example, "score": 0.4}})
    rollout._warm_up(NEW, MANIFEST)  # one that was registered before there were examples


def test_what_is_removed_twice_is_no_error(platform: Platform, service: Service, net: Wire) -> None:
    deployments = Deployments(platform, "toys", PART)
    deployments.remove(NEW)
    deployments.remove(NEW)
    assert NEW not in service.deployments
    deleted = [f"/{r.path}" for r in net.requests if r.method == "DELETE"][:2]
    scaling = f"{GROUP}/providers/Microsoft.Insights/autoscaleSettings/dev-toys-{NEW}"
    assert deleted == [scaling, f"{ENDPOINT}/deployments/{NEW}"]
