"""The endpoint on Azure ML: a fleet is a deployment; the endpoint shares its traffic among them.

Sources, all of learn.microsoft.com: "Perform safe rollout of new deployments" (traffic, mirrored
traffic, asking one deployment by its name), "Troubleshoot online endpoints" (424 for whatever the
container answers that is not 200), "Supported metrics for workspaces/onlineEndpoints".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from training import clients, clock, versions
from training.clients import azure
from training.clients.azure import AzureError, management, request
from training.clients.http import Answer
from training.endpoint import DEFAULTS, RefusedError, Say, Signals, Standing, example
from training.endpoint.azure_deployments import Deployments, name_of, version_of
from training.errors import PassingError
from training.platform import Platform
from training.registry.azure_shared import publish
from training.release import Release
from training.traffic import Intervals, Record, day_begin, interval_begin

DOCUMENT = "endpoint.json"
METRICS = "2023-10-01"
# Series of a metric's dimensions that are asked for: deployments by what they answer.
MOST_SERIES = 200
BY_STATUS = "statusCode eq '*' and modelStatusCode eq '*'"
# The endpoint takes the deployment to ask in this header, and says which one answered.
DEPLOYMENT = "azureml-model-deployment"
# Of an answer 424: what the container answered.
MODEL_ERROR, MODEL_STATUS = 424, "ms-azureml-model-error-statuscode"
# What a container that is not ready, or busy, answers.
NOT_READY = (408, 429, 502, 503, 504)
# Requests to each instance of a new deployment before it gets any from others.
WARM_UP = 4


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """Description of the endpoint by the service; None if there is none."""
    deployments = _deployments(platform, model)
    description = deployments.endpoint()
    if description is None:
        return None
    properties = description["properties"]
    fleet = Standing(shares=_shares(properties)).main_fleet
    return {
        "version": None if fleet is None else version_of(fleet),
        "url": properties["scoringUri"],
        "in_service": properties["provisioningState"] not in ("Failed", "Deleting"),
        "at": description["systemData"].get("lastModifiedAt")
        or description["systemData"]["createdAt"],
    }


def traffic(platform: Platform, model: str) -> list[Record]:
    """The last day as Azure Monitor has it.

    By the minute, and each deployment alone: of a longer time, or of several deployments, the
    service tells the mean.
    """
    address, now = _deployments(platform, model).address, clock.now()
    metrics = partial(_metrics, address, day_begin(now), now)
    intervals = Intervals()
    counted = f"deployment eq '*' and {BY_STATUS}"
    for _, labels, points in metrics("RequestsPerMinute", counted):
        for at, value in points:
            intervals.add(interval_begin(at), "requests", value)
            intervals.add(interval_begin(at), "errors", value * _is_failed(labels))
    names = {"RequestLatency_P50": "p50_ms", "RequestLatency_P95": "p95_ms"}
    for metric, _, points in metrics(",".join(names)):
        for at, value in points:
            intervals.add(interval_begin(at), names[metric], value)
    return intervals.records()


def log_address(platform: Platform, model: str) -> str:
    """The endpoint's page in the studio, whose tab "Logs" has those of each deployment.

    No page documents the address; github.com/microsoft/promptflow links to endpoints by it.
    """
    workspace = platform.registry_uri.partition("://")[2]
    resource = f"/{workspace}".replace(
        "/workspaces/", "/providers/Microsoft.MachineLearningServices/workspaces/"
    )
    name = platform.part(model, DOCUMENT)["endpoint"]
    return f"https://ml.azure.com/endpoints/realtime/{name}/detail?wsid={resource}"


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Do nothing: a version is served in the environment that made it."""


def rollout(platform: Platform, model: str, say: Say) -> AzureRollout | None:
    """The endpoint, with all sign-ins that a release needs; None if there is none."""
    deployments = _deployments(platform, model)
    description = deployments.endpoint()
    if description is None:
        return None
    address = description["properties"]["scoringUri"]
    azure.sign_in(azure.MANAGEMENT, platform.store.uri, address)
    return AzureRollout(deployments, address, say)


class AzureRollout:
    """The endpoint whose deployments these are; `address` is where it answers."""

    def __init__(self, deployments: Deployments, address: str, say: Say) -> None:
        self.part = {**DEFAULTS, **deployments.part}
        self._deployments = deployments
        self._address = address
        self._say = say

    def stand(self) -> Standing:
        description = self._deployments.endpoint()
        fleets = {name: version_of(name) for name in self._deployments.able()}
        return Standing(fleets, _shares(description["properties"]) if description else {})

    def fleet(self, record: Release, standing: Standing) -> str:
        return name_of(record.version)

    def interrupt(self, fleet: str) -> None:
        """Wait for a change of the traffic that is under way: the service takes one at a time."""
        self._deployments.settle()

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        with _refusing():
            new = self._deployments.create(manifest)
            self._warm_up(fleet, manifest)
            shared = self.part.get("published")
            # Before it has any requests: what can't be copied is not released.
            if new and shared and publish(shared, self._deployments.model, manifest["version"]):
                self._say(f"version {manifest['version']} is copied to {shared['registry']}")

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        self._deployments.shift({before: 100}, mirrored={fleet: percent})

    def canary(self, fleet: str, before: str, percent: int) -> None:
        self._deployments.shift({before: 100 - percent, fleet: percent})

    def signals(self, fleet: str, since: datetime) -> Signals:
        # A minute counts from its beginning.
        first = since.replace(second=0, microsecond=0)
        metrics = partial(_metrics, self._deployments.address, first, clock.now())
        condition = f"deployment eq '{fleet}'"
        requests = errors = 0.0
        for _, labels, points in metrics("RequestsPerMinute", f"{condition} and {BY_STATUS}"):
            total = sum(value for _, value in points)
            requests += total
            errors += total * _is_failed(labels)
        latencies = metrics("RequestLatency_P95", condition)
        slow = [value for _, _, points in latencies for _, value in points]
        latency = sum(slow) / len(slow) if slow else None
        return Signals(math.ceil(requests), math.ceil(errors), latency)

    def shift(self, fleet: str, before: str | None) -> None:
        self._deployments.shift({fleet: 100})

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._score(body, None)

    def remove(self, fleet: str) -> None:
        self._deployments.remove(fleet)

    def show(self, version: int) -> None:
        self._deployments.registry.mark_champion(self._deployments.model, version)

    def _warm_up(self, fleet: str, manifest: versions.Manifest) -> None:
        """Have every instance answer before it gets requests from others."""
        input_example = manifest.get("example")
        if input_example is None:
            return
        for _ in range(WARM_UP * self.part["instances"]):
            example.check(input_example, self._score(example.body(input_example), fleet))

    def _score(self, body: dict[str, Any], fleet: str | None) -> dict[str, Any]:
        headers = {DEPLOYMENT: fleet} if fleet else {}
        answer = request("POST", self._address, body=body, headers=headers, accepted=(MODEL_ERROR,))
        if answer.status != MODEL_ERROR:
            return answer.json()
        raise _failure(answer)


def _metrics(
    address: str, since: datetime, until: datetime, names: str, condition: str = ""
) -> Iterator[tuple[str, Mapping[str, str], list[tuple[datetime, float]]]]:
    """Values by the minute of an endpoint's metrics: name, dimensions, and moments with values.

    `names` are parted by commas; `condition` says which deployments, and by what to tell apart.
    """
    # Without it the service tells of ten ("Metrics - List", top).
    more = {"$filter": condition, "top": str(MOST_SERIES)} if condition else {}
    response = management(
        "GET",
        f"{address}/providers/Microsoft.Insights/metrics",
        METRICS,
        metricnames=names,
        aggregation="Average",
        interval="PT1M",
        timespan=f"{clock.text(since)}/{clock.text(until)}",
        **more,
    ).json()
    for metric in response["value"]:
        for series in metric["timeseries"]:
            labels = {
                pair["name"]["value"].lower(): pair["value"]
                for pair in series.get("metadatavalues", [])
            }
            points = [
                (clock.parse(point["timeStamp"]), point["average"])
                for point in series["data"]
                if point.get("average") is not None
            ]
            yield metric["name"]["value"], labels, points


def _failure(answer: Answer) -> Exception:
    """The error for an answer of a deployment's container other than 200."""
    status = answer.headers.get(MODEL_STATUS, "")
    text = answer.content.decode(errors="replace")[:500]
    message = f"the container answers {status or 'no 200'} to the input example: {text}"
    if status.isdecimal() and int(status) in NOT_READY:
        return PassingError(message)
    return RefusedError(message)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a refusal of the service into a verdict on the version."""
    try:
        yield
    except AzureError as error:
        if clients.is_refusal(error):
            raise RefusedError(str(error)) from error
        raise


def _is_failed(labels: Mapping[str, str]) -> bool:
    """True of answers that failed; a model that fails is 424 to the client, and 500 of its own."""
    statuses = (labels.get(name, "") for name in ("statuscode", "modelstatuscode"))
    return any(status.isdecimal() and int(status) >= 500 for status in statuses)


def _shares(properties: Mapping[str, Any]) -> dict[str, int]:
    """Percent of the requests, by the deployments that get any."""
    traffic = properties.get("traffic") or {}
    return {name: share for name, share in traffic.items() if share > 0}


def _deployments(platform: Platform, model: str) -> Deployments:
    return Deployments(platform, model, platform.part(model, DOCUMENT))
