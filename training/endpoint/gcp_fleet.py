"""The endpoint of one model on Vertex AI, and the deployments that its releases made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from training.clients import gcp
from training.endpoint import gcp_requests


@dataclass(frozen=True)
class Fleet:
    """`part` is the model's ``endpoint.json``."""

    part: dict[str, Any]

    @property
    def url(self) -> str:
        """The endpoint's address."""
        return gcp.vertex(self.part["endpoint"])

    def find(self) -> dict[str, Any] | None:
        """What the service says of the endpoint; None if there is none."""
        try:
            return gcp.get(self.url)
        except KeyError:
            return None

    @staticmethod
    def deployments(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What is deployed, by number."""
        return {deployed["id"]: deployed for deployed in found.get("deployedModels", [])}

    @staticmethod
    def served(found: dict[str, Any]) -> str | None:
        """The deployment that gets most of the requests; None if nothing is deployed."""
        split = found.get("trafficSplit", {})
        return max(split, key=lambda number: split[number]) if split else None

    def deploy(self, version: int, model: str, served: str | None) -> str:
        """Start a version as a canary beside what is `served`; its number."""
        taken = self.deployments(self.find() or {})
        number = gcp_requests.unused(version, taken)
        body = gcp_requests.deploy_model(self.part, number, model, served)
        # A repetition would meet its own number.
        answer = gcp.call("POST", f"{self.url}:deployModel", body, repeat=False)
        gcp.finished(json.loads(answer))
        return number

    def settle(self, number: str | None) -> None:
        """Send all requests to one deployment, and take all others away."""
        found = self.find() or {}
        if number is not None and found.get("trafficSplit") != {number: 100}:
            body = {"trafficSplit": {number: 100}}
            gcp.call("PATCH", self.url, body, updateMask="trafficSplit")
        for other in self.deployments(found):
            if other != number:
                body = {"deployedModelId": other}
                answer = gcp.call("POST", f"{self.url}:undeployModel", body, repeat=False)
                gcp.finished(json.loads(answer))

    def empty(self) -> None:
        """Take away all that is deployed: the last is the one that gets the requests.

        The service refuses to take away what others would have to take the requests of.
        """
        self.settle(self.served(self.find() or {}))
        self.settle(None)
