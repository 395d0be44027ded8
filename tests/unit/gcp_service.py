"""An endpoint of Vertex AI in memory, with what Cloud Monitoring tells of it.

cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints.
"""

from __future__ import annotations

from typing import Any

from tests.unit.wire import Request, Response, Wire
from training import clock

NOON = clock.parse("2026-03-01T12:10:00Z")
NAME = "projects/p/locations/europe-west1/endpoints/123"
HOST, OWN_HOST = "europe-west1-aiplatform.googleapis.com", "123.europe-west1-p.prediction.vertexai"
OLD, NEW = "200", "300"
PART: dict[str, Any] = {
    "endpoint": NAME, "name": "dev-toys", "instance_type": "n1-standard-2", "instances": 2,
    "max_instances": 4, "service_account": "toys@p",
}  # fmt: skip
RESOURCES = {
    "machineSpec": {"machineType": "n1-standard-2"}, "minReplicaCount": 2, "maxReplicaCount": 4,
}  # fmt: skip


def deployed(number: str, **resources: Any) -> dict[str, Any]:
    return {"id": number, "dedicatedResources": {**RESOURCES, **resources}}


class Service:
    """An endpoint of Vertex AI, and what Cloud Monitoring tells of it."""

    def __init__(self) -> None:
        self.description: dict[str, Any] | None = {
            "name": NAME, "updateTime": "2026-03-01T00:00:00Z", "dedicatedEndpointDns": OWN_HOST,
            "deployedModels": [deployed(OLD)], "trafficSplit": {OLD: 100, "201": 0},
        }  # fmt: skip
        self.series: dict[str, list[dict[str, Any]]] = {}
        self.operation: dict[str, Any] = {"done": True}
        self.status = 200
        self.under_way: list[dict[str, Any]] = []
        self.score = Response({"predictions": ["a"]})

    def answer(self, request: Request) -> Response:
        if request.path.endswith(":rawPredict"):
            return self.score
        if request.host == "monitoring.googleapis.com":
            metric = request.query["filter"].split('"')[1].rpartition("/")[2]
            return Response({"timeSeries": self.series.get(metric, [])})
        assert request.host == HOST
        verb = request.path.partition(":")[2]
        if request.path.endswith("/operations"):
            return Response({"operations": self.under_way})
        if "/operations/" in request.path:
            assert self.description is not None
            self.description["deployedModels"].append(deployed(NEW))
            return Response({"name": request.path, "done": True})
        if verb:
            return Response(self.operation, self.status)
        if self.description is None:
            return Response({"error": {"message": "gone"}}, 404)
        if request.method == "PATCH":
            assert request.query == {"updateMask": "trafficSplit"}
            self.description.update(request.json)
        return Response(self.description)


def sent(net: Wire, method: str, verb: str = "") -> list[Any]:
    """The bodies of the requests of a method, or of a verb, that were sent."""
    return [r.json for r in net.requests if r.method == method and r.path.endswith(verb)]
