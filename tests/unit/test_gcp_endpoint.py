"""Requests of a release to Vertex AI, and what it makes of the service's answers.

cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints: get, patch,
deployModel, undeployModel; monitoring.googleapis.com's timeSeries.list.
"""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform, write_part
from tests.unit import wire
from tests.unit.gcp_service import (
    HOST,
    NAME,
    NEW,
    NOON,
    OLD,
    OWN_HOST,
    PART,
    Service,
    deployed,
    sent,
)
from tests.unit.wire import Response, Wire
from training import clock
from training.clients.gcp import GoogleError
from training.endpoint import RefusedError, Signals, Standing, gcp
from training.errors import PassingError, UserError
from training.platform import Platform
from training.release import Release

RECORD = Release(1, "promote", 3, "d", 2, "ada", "better", "2026-03-01T12:00:00Z", True)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def net(service: Service, monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return wire.connect(monkeypatch, service.answer)


@pytest.fixture
def platform(tmp_path: Path, net: Wire) -> Platform:
    """A stack on Google Cloud, whose documents are in a folder."""
    local = make_platform(tmp_path)
    write_part(local, "toys", "endpoint.json", PART)
    registry = "vertex://projects/p/locations/europe-west1/dev"
    return Platform(tmp_path, {**local.document, "target": "gcp", "registry": registry})


@pytest.fixture
def rollout(platform: Platform) -> gcp.GcpRollout:
    rollout = gcp.rollout(platform, "toys", lambda text: None)
    assert rollout is not None
    return rollout


def test_health_is_what_the_service_says(platform: Platform, service: Service) -> None:
    url = f"https://{OWN_HOST}/v1/{NAME}:rawPredict"
    assert gcp.health(platform, "toys") == {
        "version": 2, "url": url, "in_service": True, "at": "2026-03-01T00:00:00Z",
    }  # fmt: skip
    assert service.description is not None
    # "Format: `https://{endpoint_id}.{region}-{uid}.prediction.vertexai.goog`": Endpoint,
    # aiplatform.v1.
    service.description["dedicatedEndpointDns"] = f"https://{OWN_HOST}"
    assert (gcp.health(platform, "toys") or {})["url"] == url
    service.description.pop("dedicatedEndpointDns")
    service.description["trafficSplit"] = {OLD: 10, NEW: 90}
    health = gcp.health(platform, "toys") or {}
    assert health["url"] == f"https://{HOST}/v1/{NAME}:rawPredict"
    assert (health["version"], health["in_service"]) == (3, False), "it is not deployed"
    service.description.pop("trafficSplit")
    health = gcp.health(platform, "toys") or {}
    assert (health["version"], health["in_service"]) == (None, True)
    service.description = None
    assert gcp.health(platform, "toys") is None and gcp.rollout(platform, "toys", print) is None


def test_fleets_are_what_is_deployed_and_shares_those_above_none(
    rollout: gcp.GcpRollout, service: Service
) -> None:
    assert rollout.stand() == Standing({OLD: 2}, {OLD: 100})
    service.description = None
    assert rollout.stand() == Standing({}, {})


def test_a_release_takes_a_deployment_of_its_version_and_of_the_settings(
    rollout: gcp.GcpRollout, service: Service
) -> None:
    assert service.description is not None
    assert rollout.fleet(RECORD, Standing()) == "300"
    service.description["deployedModels"] += [
        deployed("300", minReplicaCount=1), deployed("301"), deployed("302"),
    ]  # fmt: skip
    assert rollout.fleet(RECORD, Standing({}, {"302": 1})) == "302", "that answers already"
    assert rollout.fleet(RECORD, Standing()) == "301"
    service.description["deployedModels"] = [deployed("300", minReplicaCount=1)]
    assert rollout.fleet(RECORD, Standing()) == "301"


@pytest.mark.parametrize(
    ("split", "expected"), [({OLD: 100}, {"0": 0, OLD: 100}), ({}, {"0": 100})]
)
def test_a_new_deployment_gets_no_requests_but_the_first(
    split: dict[str, int], expected: dict[str, int], rollout: gcp.GcpRollout, service: Service,
    net: Wire, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert service.description is not None
    service.description["trafficSplit"] = split
    monkeypatch.setattr(rollout._registry, "entry", lambda model: f"models/{model}", raising=False)
    rollout.bring_up(NEW, {"version": 3})
    (body,) = sent(net, "POST", ":deployModel")
    assert body["trafficSplit"] == expected
    assert body["deployedModel"]["model"] == "models/toys@3"
    rollout.bring_up(OLD, {"version": 2})
    assert len(sent(net, "POST", ":deployModel")) == 1, "is there already"


def test_what_the_service_cannot_deploy_is_a_verdict(
    rollout: gcp.GcpRollout, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout._registry, "entry", lambda model: f"models/{model}", raising=False)
    service.operation = {"done": True, "error": {"message": "the container does not start"}}
    # How an operation of somebody else ended is none of this release's.
    service.under_way = [{"name": f"{NAME}/operations/1", "done": True, "error": {"message": "x"}}]
    with pytest.raises(RefusedError, match="Vertex AI: the container does not start"):
        rollout.bring_up(NEW, {"version": 3})


def test_what_a_killed_release_asked_for_is_waited_for(
    rollout: gcp.GcpRollout, service: Service, net: Wire
) -> None:
    service.under_way = [{"name": f"{NAME}/operations/1"}]
    rollout.bring_up(NEW, {"version": 3})
    assert sent(net, "POST", ":deployModel") == []


def test_what_a_repetition_would_do_twice_is_not_repeated(
    rollout: gcp.GcpRollout, service: Service, net: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout._registry, "entry", lambda model: f"models/{model}", raising=False)
    service.status, service.operation = 503, {"error": {"message": "busy"}}
    with pytest.raises(GoogleError, match="busy"):
        rollout.bring_up(NEW, {"version": 3})
    with pytest.raises(GoogleError, match="busy"):
        rollout.remove(OLD)
    assert [len(sent(net, "POST", verb)) for verb in (":deployModel", ":undeployModel")] == [1, 1]


def test_each_step_shares_the_traffic_once(rollout: gcp.GcpRollout, net: Wire) -> None:
    rollout.canary(NEW, OLD, 10)
    rollout.canary(NEW, OLD, 10)
    assert sent(net, "PATCH") == [{"trafficSplit": {OLD: 90, NEW: 10}}]
    rollout.shift(NEW, OLD)
    assert sent(net, "PATCH")[1:] == [{"trafficSplit": {NEW: 100}}]


def test_the_first_release_begins_what_alarms_look_at(
    rollout: gcp.GcpRollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(gcp.monitoring, "begin", lambda platform, model: begun.append(model))
    rollout.shift(NEW, OLD)
    assert begun == []
    rollout.shift(NEW, None)
    assert begun == ["toys"]


def test_a_deployment_is_taken_away_once(rollout: gcp.GcpRollout, net: Wire) -> None:
    rollout.remove(OLD)
    rollout.remove(NEW)
    assert sent(net, "POST", ":undeployModel") == [{"deployedModelId": OLD}]


def counted(code: str, *values: int) -> dict[str, Any]:
    return {
        "metric": {"labels": {"response_code": code} if code else {}},
        "points": [{"interval": {"endTime": "2026-03-01T12:00:00Z"},
                    "value": {"int64Value": str(value)}} for value in values],
    }  # fmt: skip


def timed(*values: float) -> dict[str, Any]:
    points = [{"interval": {"endTime": "2026-03-01T12:00:00Z"}, "value": {"doubleValue": value}}
              for value in values]  # fmt: skip
    return {"metric": {}, "points": points}


def test_signals_are_of_one_deployment(
    rollout: gcp.GcpRollout, service: Service, net: Wire
) -> None:
    service.series = {
        "response_count": [counted("2xx", 10, 20), counted("5xx", 2), counted("4xx", 1),
                           counted("", 1), {"metric": {"labels": {"response_code": "5xx"}}}],
        "prediction_latencies": [timed(100.0, 300.0), timed(200.0)],
    }  # fmt: skip
    since = clock.parse("2026-03-01T12:05:00Z")
    assert rollout.signals(NEW, since) == Signals(34, 2, 300.0)
    counts, latencies = (r.query for r in net.requests if r.host.startswith("monitoring"))
    assert counts["filter"] == (
        'metric.type="aiplatform.googleapis.com/prediction/online/response_count" AND '
        'resource.type="aiplatform.googleapis.com/Endpoint" AND '
        f'resource.labels.endpoint_id="123" AND metric.labels.deployed_model_id="{NEW}"'
    )
    assert latencies["filter"].endswith('"300" AND metric.labels.latency_type="total"')
    assert latencies["aggregation.alignmentPeriod"] == "300s"
    assert latencies["aggregation.perSeriesAligner"] == "ALIGN_PERCENTILE_95"
    assert counts["interval.startTime"] == "2026-03-01T12:05:00Z"
    assert counts["interval.endTime"] == "2026-03-01T12:10:00Z"
    service.series = {}
    assert rollout.signals(NEW, clock.parse("2026-03-01T12:09:50Z")) == Signals(0, 0, None)
    # "The minimum value is 60 seconds."
    assert net.requests[-1].query["aggregation.alignmentPeriod"] == "60s"


def test_the_traffic_of_a_day_is_by_quarters(
    platform: Platform, service: Service, net: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.series = {
        "response_count": [counted("2xx", 10), counted("5xx", 2)],
        "prediction_latencies": [timed(50.0)],
    }
    monkeypatch.setattr(clock, "now", lambda: clock.parse("2026-03-01T12:00:59Z"))
    (record,) = gcp.traffic(platform, "toys")
    told = {name: record[name] for name in ("at", "requests", "errors", "p50_ms", "p95_ms")}
    assert told == {"at": "2026-03-01T11:45:00Z", "requests": 12, "errors": 2, "p50_ms": 50.0,
                    "p95_ms": 50.0}  # fmt: skip
    queries = [r.query for r in net.requests]
    assert [q.get("aggregation.crossSeriesReducer") for q in queries] == [
        "REDUCE_SUM", "REDUCE_PERCENTILE_50", "REDUCE_PERCENTILE_95",
    ]  # fmt: skip
    assert queries[0]["aggregation.groupByFields"] == "metric.label.response_code"
    for query in queries:
        assert query["aggregation.alignmentPeriod"] == "900s"
        assert query["aggregation.perSeriesAligner"] == "ALIGN_DELTA"
        assert query["interval.startTime"] == "2026-02-28T12:15:00Z"
        assert query["interval.endTime"] == "2026-03-01T12:00:00Z"
        assert ('latency_type="total"' in query["filter"]) == ("latencies" in query["filter"])
    # Of the present quarter, once it is a minute old, there is a read of its own.
    net.requests.clear()
    monkeypatch.setattr(clock, "now", lambda: clock.parse("2026-03-01T12:01:00Z"))
    assert len(gcp.traffic(platform, "toys")) == 2
    assert net.requests[-1].query["aggregation.alignmentPeriod"] == "60s"
    assert net.requests[-1].query["interval.startTime"] == "2026-03-01T12:00:00Z"
    assert net.requests[-1].query["interval.endTime"] == "2026-03-01T12:01:00Z"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response({"error": {"message": "m"}}, 500), RefusedError),
        (Response({"error": {"message": "m"}}, 400), RefusedError),
        (Response({"error": {"message": "m"}}, 403), GoogleError),
        (Response(b"<html>"), PassingError),
    ],
)
def test_a_model_that_fails_is_a_verdict(
    answer: Response, error: type[Exception], rollout: gcp.GcpRollout, service: Service, net: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(gcp, "SCORE_SECONDS", 0.0)
    assert rollout.score({"instances": [{}]}) == {"predictions": ["a"]}
    request = net.requests[-1]
    assert (request.method, request.host, request.json) == ("POST", OWN_HOST, {"instances": [{}]})
    service.score = answer
    with pytest.raises(error):
        rollout.score({})


def test_the_registry_shows_the_champion(
    rollout: gcp.GcpRollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, int]] = []
    monkeypatch.setattr(
        rollout._registry, "mark_champion", lambda *entry: shown.append(entry), raising=False
    )
    rollout.show(3)
    assert shown == [("toys", 3)]


def test_a_version_without_an_image_is_refused(platform: Platform) -> None:
    gcp.check(platform, {"version": 3, "model": "toys", "image": "registry/image"})
    with pytest.raises(UserError, match="image"):
        gcp.check(platform, {"version": 3, "model": "toys"})


def test_a_log_s_query_names_the_endpoint(platform: Platform) -> None:
    address = urllib.parse.urlsplit(gcp.log_address(platform, "toys"))
    assert (address.netloc, address.query) == ("console.cloud.google.com", "project=p")
    path, _, query = urllib.parse.unquote(address.path).partition(";query=")
    assert path == "/logs/query" and query.splitlines() == [
        'resource.type="aiplatform.googleapis.com/Endpoint"', 'resource.labels.endpoint_id="123"',
    ]  # fmt: skip
