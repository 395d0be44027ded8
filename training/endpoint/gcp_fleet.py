"""The endpoint of one model on Vertex AI, and the deployments that its releases made."""

from __future__ import annotations

import json
from contextlib import suppress
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

    def predict_url(self, description: dict[str, Any]) -> str:
        """The address that answers requests, of the endpoint as the service describes it.

        A dedicated endpoint has one of its own, and the shared one refuses requests to it:
        ``dedicatedEndpointEnabled`` in the API's description of an endpoint. That of
        ``dedicatedEndpointDns`` has a form with https://, its name has not: either is taken.
        """
        host = description.get("dedicatedEndpointDns", "").removeprefix("https://")
        address = f"https://{host}/v1/{self.part['endpoint']}" if host else self.url
        return f"{address}:rawPredict"

    def find(self) -> dict[str, Any] | None:
        """Description of the endpoint by the service; None if there is none."""
        try:
            return gcp.get(self.url)
        except KeyError:
            return None

    @staticmethod
    def deployments(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The deployed models, by number."""
        return {deployed["id"]: deployed for deployed in description.get("deployedModels", [])}

    @staticmethod
    def main_deployment(description: dict[str, Any]) -> str | None:
        """The deployment that gets most of the requests; None if nothing is deployed."""
        split = description.get("trafficSplit", {})
        return max(split, key=lambda number: split[number]) if split else None

    def deploy(self, number: str, model: str, split: dict[str, int]) -> None:
        """Start a version as the deployment `number`, and wait until it is there.

        `split` is the traffic from then on, in which "0" stands for the new one.
        """
        body = gcp_requests.deploy_model(self.part, number, model, split)
        # A repetition would meet its own number.
        answer = gcp.call("POST", f"{self.url}:deployModel", body, repeat=False)
        gcp.finished(json.loads(answer))

    def await_operations(self) -> None:
        """Wait for what is under way on the endpoint, whoever began it."""
        for operation in gcp.pages(f"{self.url}/operations", "operations"):
            # How others' operations end is seen by what is deployed then.
            with suppress(gcp.FailedOperationError):
                gcp.finished(operation)

    def share(self, split: dict[str, int]) -> None:
        """Let deployments have so many percent of the requests each."""
        if (self.find() or {}).get("trafficSplit") != split:
            gcp.call("PATCH", self.url, {"trafficSplit": split}, updateMask="trafficSplit")

    def remove(self, number: str) -> None:
        """Take a deployment away, and wait until it is; one that is not there is no error."""
        if number in self.deployments(self.find() or {}):
            body = {"deployedModelId": number}
            answer = gcp.call("POST", f"{self.url}:undeployModel", body, repeat=False)
            gcp.finished(json.loads(answer))

    def empty(self) -> None:
        """Take away all that is deployed: the last is the one that gets the requests.

        The service refuses to take away what others would have to take the requests of.
        """
        description = self.find() or {}
        deployment = self.main_deployment(description)
        if deployment is not None:
            self.share({deployment: 100})
        for number in sorted(
            self.deployments(description), key=lambda number: number == deployment
        ):
            self.remove(number)
