"""`/metrics`: the format that a scraper asks for, ids of requests, and only what is known."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families as text_families

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, make_platform, record_drift_check, register_champion
from tests.serving.servers import Server, until
from tests.serving.test_dashboard import state_of
from training import runs
from training.platform import Platform
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.state import State
from training.serving.stats import RequestRecord

# What Prometheus 2.42 sends, and 3 (prometheus/prometheus, scrape/scrape.go, acceptHeader).
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,"
    "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
Families = Iterable[Metric]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        ("application/openmetrics-text", OPENMETRICS),
        ("Application/OpenMetrics-Text; version=1.0.0", OPENMETRICS),
        # As a Prometheus that prefers the text format asks (`scrape_protocols`).
        ("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4", TEXT),
        ("application/openmetrics-text;q=0, text/plain", TEXT),
        ("application/openmetrics-text;version=9.9.9", TEXT),
        ("application/openmetrics-text;version=abc;q=high", TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT),
        ("*/*", TEXT),
        ("", TEXT),
    ],
)
def test_a_scraper_gets_the_format_that_it_prefers(
    toys: Server, accept: str, media_type: str
) -> None:
    with urlopen(Request(f"{toys.url}/metrics", headers={"accept": accept})) as answer:
        assert answer.headers["content-type"] == media_type
        text = answer.read().decode()
    parse = openmetrics_families if media_type == OPENMETRICS else text_families
    names = {family.name for family in parse(text)}
    assert {"mlops_requests", "mlops_request_duration_seconds", "mlops_served_version"} <= names
    assert text.endswith("# EOF\n") == (media_type == OPENMETRICS)


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_has_no_complaint(toys: Server) -> None:
    text = toys.get("/metrics")[1]
    command = ["promtool", "check", "metrics"]
    process = subprocess.run(command, input=text, capture_output=True, text=True)
    assert (process.returncode, process.stdout + process.stderr) == (0, "")


def exposed(metrics: Metrics) -> list[Metric]:
    """The families of metrics, as a scraper of OpenMetrics reads them."""
    content, _ = metrics.expose("application/openmetrics-text")
    return list(openmetrics_families(content.decode()))


def samples(families: Families, name: str) -> list[tuple[dict[str, str], float]]:
    """Labels and values of the samples of a name."""
    return [(s.labels, s.value) for family in families for s in family.samples if s.name == name]


def exemplars(families: Families) -> list[dict[str, str]]:
    """The exemplars of all latencies."""
    return [
        sample.exemplar.labels
        for family in families
        if family.name == "mlops_request_duration_seconds"
        for sample in family.samples
        if sample.exemplar
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_latencies_lead_to_a_request_and_its_trace(
    workers: int, tmp_path: Path, start: Start
) -> None:
    platform = make_platform(tmp_path, workers=workers)
    register_champion(platform)
    server = start(platform, "--no-schedules")
    until(lambda: server.get("/version")[1].get("processes") == workers)
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "content-type": "application/json",
        "x-request-id": "order-17",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
    }
    body = json.dumps({"instances": [ROW]}).encode()
    # Each process answers some of them.
    for _ in range(8 * workers):
        request = Request(f"{server.url}/invocations", body, headers, method="POST")
        with urlopen(request) as answer:
            assert json.load(answer)["request_id"] == "order-17"

    def read_exemplars() -> list[dict[str, str]]:
        scrape = Request(f"{server.url}/metrics", headers={"accept": PROMETHEUS_3})
        with urlopen(scrape) as answer:
            families = list(openmetrics_families(answer.read().decode()))
        counts = samples(families, "mlops_requests_total")
        return exemplars(families) if sum(count for _, count in counts) == 8 * workers else []

    assert {tuple(sorted(exemplar.items())) for exemplar in until(read_exemplars)} == {
        (("request_id", "order-17"), ("trace_id", trace))
    }


@pytest.mark.parametrize(
    ("request_id", "trace", "exemplar"),
    [
        ("r" * 118, None, {"request_id": "r" * 118}),
        # An exemplar has 128 characters, names and values together.
        ("r" * 119, None, None),
        ("r" * 78, "t" * 32, {"request_id": "r" * 78, "trace_id": "t" * 32}),
        ("r" * 79, "t" * 32, {"trace_id": "t" * 32}),
        (None, None, None),
    ],
)
def test_ids_that_are_too_long_are_left_out(
    request_id: str | None, trace: str | None, exemplar: dict[str, str] | None
) -> None:
    metrics = Metrics(lambda: ())
    metrics.request("toys", RequestRecord(1, 200, 0.004, request=request_id, trace=trace))
    assert exemplars(exposed(metrics)) == ([exemplar] if exemplar else [])


def test_what_took_its_senders_time_is_no_latency() -> None:
    metrics = Metrics(lambda: ())
    metrics.request("toys", RequestRecord(1, 408, 0.0, is_whole=False))
    metrics.request("toys", RequestRecord(1, 200, 0.004))
    families = exposed(metrics)
    assert {s[0]["code"]: s[1] for s in samples(families, "mlops_requests_total")} == {
        "408": 1, "200": 1
    }  # fmt: skip
    (latencies,) = samples(families, "mlops_request_duration_seconds_count")
    assert latencies == ({"model": "toys", "version": "1"}, 1)


def alarm_values(platform: Platform) -> dict[str, float]:
    """The values of `mlops_alarm` by the name of the alarm."""
    families = exposed(Metrics(state_of(platform).models))
    return {labels["alarm"]: value for labels, value in samples(families, "mlops_alarm")}


def test_an_alarm_without_data_is_neither_on_nor_off(platform: Platform) -> None:
    register_champion(platform)
    assert alarm_values(platform) == {}
    record_drift_check(platform, [])
    assert alarm_values(platform) == {"drift": 0}
    record_drift_check(platform, ["size"])
    assert alarm_values(platform) == {"drift": 1}


def test_drift_is_of_a_version(platform: Platform) -> None:
    for _ in range(2):
        register_champion(platform)
    record_drift_check(platform, ["size"], version=2)
    families = exposed(Metrics(state_of(platform).models))
    assert samples(families, "mlops_drifted_features") == [({"model": "toys", "version": "2"}, 1)]
    effects = samples(families, "mlops_drift_effect")
    assert ({"model": "toys", "version": "2", "feature": "size"}, 0.9) in effects
    assert samples(families, "mlops_drift_check_rows") == [({"model": "toys", "version": "2"}, 500)]


def test_runs_and_schedules_have_their_times(platform: Platform) -> None:
    register_champion(platform)
    for hour, (pipeline, status) in enumerate(
        [("training", "failed"), ("drift-check", "succeeded"), ("training", "succeeded")]
    ):
        name = f"20260101t{hour:02d}0000000000-{pipeline}-0000"
        record = {
            "run": name, "pipeline": pipeline, "status": status, "steps": {}, "error": "",
            "started": f"2026-01-01T{hour:02d}:00:00Z", "ended": f"2026-01-01T{hour:02d}:01:00Z",
        }  # fmt: skip
        key = f"{runs.folder('toys', name)}/{runs.RECORD}"
        platform.store.write(key, json.dumps(record).encode())
    schedules = [
        {"name": "retraining", "next": "2026-01-02T03:00:00Z"},
        {"name": "drift_check", "next": None},
    ]
    endpoint = Endpoint(platform, "toys", Metrics(lambda: ()))
    state = State(platform, {"toys": endpoint}, lambda model: schedules)
    families = exposed(Metrics(state.models))
    first = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()
    last_runs = {
        (labels["pipeline"], labels["status"]): value - first
        for labels, value in samples(families, "mlops_last_run_timestamp_seconds")
    }
    assert last_runs == {("training", "succeeded"): 7200, ("drift-check", "succeeded"): 3600}
    assert samples(families, "mlops_schedule_next_timestamp_seconds") == [
        ({"model": "toys", "schedule": "retraining"}, first + 27 * 3600)
    ]
