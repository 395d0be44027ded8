"""The endpoint on Vertex AI: a fleet is a deployed model, and the endpoint splits its traffic.

Sources: https://cloud.google.com/vertex-ai/docs/general/deployment and, for what a deployed model
answered, https://cloud.google.com/monitoring/api/metrics_gcp_a_b#gcp-aiplatform.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from training import clients, clock, versions
from training.clients import gcp
from training.clients.gcp import FailedOperationError, GoogleError
from training.endpoint import DEFAULTS, RefusedError, Say, Signals, Standing
from training.endpoint.gcp_fleet import Fleet
from training.endpoint.gcp_requests import is_current, unused_number, version_of
from training.errors import PassingError
from training.monitoring import gcp as monitoring
from training.platform import Platform
from training.registry.gcp import open_at
from training.release import Release
from training.traffic import INTERVAL_SECONDS, Intervals, Record, day_begin, interval_begin

DOCUMENT = "endpoint.json"
ONLINE = "aiplatform.googleapis.com/prediction/online"
API = "https://monitoring.googleapis.com/v3/projects"
# The client tries a busy service for so long before it is the release that does.
SCORE_SECONDS = 20.0
FAILED = 500
# "The minimum value is 60 seconds" (Aggregation.alignmentPeriod in the API's discovery document).
SHORTEST_PERIOD_SECONDS = 60
# All of an answer's time, the service's own with the container's.
TOTAL = 'metric.labels.latency_type="total"'


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """Description of the endpoint by the service; None if there is none."""
    fleet = Fleet(platform.part(model, DOCUMENT))
    description = fleet.find()
    if description is None:
        return None
    deployment = fleet.main_deployment(description)
    return {
        "version": None if deployment is None else version_of(deployment),
        "url": fleet.predict_url(description),
        "in_service": deployment is None or deployment in fleet.deployments(description),
        "at": description.get("updateTime"),
    }


def traffic(platform: Platform, model: str) -> list[Record]:
    """The last day as Cloud Monitoring has it, of all deployed models of the endpoint.

    Periods are counted back from the end of what is asked for: quarters of the clock end with the
    present one's begin, and of that one there is a read of its own.
    """
    now, intervals = clock.now(), Intervals()
    begin = interval_begin(now)
    _add_periods(platform, model, (day_begin(now), begin), INTERVAL_SECONDS, intervals)
    elapsed = int((now - begin).total_seconds())
    if elapsed >= SHORTEST_PERIOD_SECONDS:
        until = begin + timedelta(seconds=elapsed)
        _add_periods(platform, model, (begin, until), elapsed, intervals)
    return intervals.records()


def _add_periods(
    platform: Platform,
    model: str,
    window: tuple[datetime, datetime],
    seconds: int,
    intervals: Intervals,
) -> None:
    """Add what was answered in each period of so many seconds.

    An aligned time series has its value at the end of each period (the aligners of the API's
    description of an Aggregation).
    """
    read = partial(
        _series, open_at(platform.registry_uri).project, platform.part(model, DOCUMENT)["endpoint"],
        *window,
    )  # fmt: skip
    by_interval = {
        "aggregation.alignmentPeriod": f"{seconds}s",
        "aggregation.perSeriesAligner": "ALIGN_DELTA",
    }

    def add(series: Mapping[str, Any], *names: str) -> None:
        for point in series.get("points", ()):
            (value,) = point["value"].values()
            for name in names:
                at = clock.parse(point["interval"]["endTime"]) - timedelta(seconds=seconds)
                intervals.add(at, name, float(value))

    by_code = {
        "aggregation.crossSeriesReducer": "REDUCE_SUM",
        "aggregation.groupByFields": "metric.label.response_code",
    }
    for series in read("response_count", **by_interval, **by_code):
        add(series, "requests", *(["errors"] if _is_failed(series) else []))
    for percent in (50, 95):
        reducer = {"aggregation.crossSeriesReducer": f"REDUCE_PERCENTILE_{percent:02d}"}
        for series in read("prediction_latencies", TOTAL, **by_interval, **reducer):
            add(series, f"p{percent}_ms")


def log_address(platform: Platform, model: str) -> str:
    """The query in Cloud Logging's console for the resource of the endpoint.

    cloud.google.com/logging/docs/view/building-queries: the query stands in the page's address.
    """
    _, project, _, _, _, endpoint = platform.part(model, DOCUMENT)["endpoint"].split("/")
    query = (
        'resource.type="aiplatform.googleapis.com/Endpoint"\n'
        f'resource.labels.endpoint_id="{endpoint}"'
    )
    return (
        f"https://console.cloud.google.com/logs/query;query={quote(query, safe='')}"
        f"?project={project}"
    )


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError if the version has no image to be served in."""
    versions.check_image(manifest)


def rollout(platform: Platform, model: str, say: Say) -> GcpRollout | None:
    """The endpoint; None if there is none."""
    fleet = Fleet(platform.part(model, DOCUMENT))
    return GcpRollout(platform, model, fleet) if fleet.find() is not None else None


class GcpRollout:
    """The endpoint of one model."""

    def __init__(self, platform: Platform, model: str, fleet: Fleet) -> None:
        self.part = {**DEFAULTS, **fleet.part}
        self._platform, self._model, self._fleet = platform, model, fleet
        self._registry = open_at(platform.registry_uri)

    def stand(self) -> Standing:
        description = self._fleet.find() or {}
        split = description.get("trafficSplit", {})
        return Standing(
            {number: version_of(number) for number in self._fleet.deployments(description)},
            {number: share for number, share in split.items() if share},
        )

    def fleet(self, record: Release, standing: Standing) -> str:
        deployments = self._fleet.deployments(self._fleet.find() or {})
        able = [
            number
            for number, deployed in deployments.items()
            if version_of(number) == record.version and is_current(self.part, deployed)
        ]
        # Of several the one that answers already.
        able.sort(key=lambda number: -standing.shares.get(number, 0))
        return able[0] if able else unused_number(record.version, deployments)

    def interrupt(self, fleet: str) -> None:
        """Do nothing: what others deploy gets no requests before it is given a share."""

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        if self._is_deployed(fleet):
            return
        # A release that was killed may have asked for it.
        self._fleet.await_operations()
        if self._is_deployed(fleet):
            return
        deployment = self._fleet.main_deployment(self._fleet.find() or {})
        split = {"0": 100} if deployment is None else {"0": 0, deployment: 100}
        model = f"{self._registry.entry(self._model)}@{manifest['version']}"
        with _refusing():
            self._fleet.deploy(fleet, model, split)

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        """Do nothing: the service copies no requests, so the settings allow no share of copies."""

    def canary(self, fleet: str, before: str, percent: int) -> None:
        self._fleet.share({before: 100 - percent, fleet: percent})

    def signals(self, fleet: str, since: datetime) -> Signals:
        requests = errors = 0
        for series in self._series("response_count", since, fleet):
            total = sum(int(point["value"]["int64Value"]) for point in series.get("points", ()))
            requests += total
            errors += total * _is_failed(series)
        seconds = max(int((clock.now() - since).total_seconds()), 60)
        slow = [
            point["value"]["doubleValue"]
            for series in self._series(
                "prediction_latencies",
                since,
                fleet,
                f" AND {TOTAL}",
                **{
                    "aggregation.alignmentPeriod": f"{seconds}s",
                    "aggregation.perSeriesAligner": "ALIGN_PERCENTILE_95",
                },
            )
            for point in series.get("points", ())
        ]
        return Signals(requests, errors, max(slow, default=None))

    def shift(self, fleet: str, before: str | None) -> None:
        self._fleet.share({fleet: 100})
        if before is None:
            monitoring.begin(self._platform, self._model)

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        url = self._fleet.predict_url(self._fleet.find() or {})
        try:
            return json.loads(gcp.call("POST", url, body, seconds=SCORE_SECONDS))
        except GoogleError as error:
            if error.status == FAILED or error.is_refusal:
                raise RefusedError(f"to the input example: {error}") from error
            raise
        except ValueError as error:
            raise PassingError(f"no JSON from {url}: {error}") from None

    def remove(self, fleet: str) -> None:
        self._fleet.remove(fleet)

    def show(self, version: int) -> None:
        self._registry.mark_champion(self._model, version)

    def _is_deployed(self, fleet: str) -> bool:
        return fleet in self._fleet.deployments(self._fleet.find() or {})

    def _series(
        self, metric: str, since: datetime, fleet: str, more: str = "", **query: str
    ) -> Iterator[dict[str, Any]]:
        """Time series of one deployed model."""
        condition = f'metric.labels.deployed_model_id="{fleet}"{more}'
        project, endpoint = self._registry.project, self.part["endpoint"]
        return _series(project, endpoint, since, clock.now(), metric, condition, **query)


def _series(
    project: str,
    endpoint: str,
    since: datetime,
    until: datetime,
    metric: str,
    condition: str = "",
    **query: str,
) -> Iterator[dict[str, Any]]:
    """Time series of an endpoint's metric, of those of which the condition is true."""
    yield from gcp.pages(
        f"{API}/{project}/timeSeries",
        "timeSeries",
        filter=(
            f'metric.type="{ONLINE}/{metric}" AND '
            'resource.type="aiplatform.googleapis.com/Endpoint" AND '
            f'resource.labels.endpoint_id="{endpoint.rpartition("/")[2]}"'
            + (f" AND {condition}" if condition else "")
        ),
        **{
            "interval.startTime": clock.text(since),
            "interval.endTime": clock.text(until),
            **query,
        },
    )


def _is_failed(series: Mapping[str, Any]) -> bool:
    """True of answers that failed: the service tells classes of codes, such as 5xx."""
    return series["metric"].get("labels", {}).get("response_code", "").startswith("5")


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a refusal of the service into a verdict on the version."""
    try:
        yield
    except (GoogleError, FailedOperationError) as error:
        if clients.is_refusal(error):
            raise RefusedError(str(error)) from error
        raise
