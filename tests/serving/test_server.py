"""A real server process: life cycle, swaps under traffic, damage, kill -9, several models."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving.conftest import Start
from tests.serving.platforms import (
    COLUMNS,
    ROW,
    artifact,
    make_platform,
    register,
    register_champion,
    train,
    write_part,
)
from tests.serving.servers import Server, call, command, until, variables
from training import files, release, versions
from training.captures.columns import PREDICTION, REQUEST, SCORE, VERSION
from training.captures.local import STAGED
from training.journal import Journal
from training.model_inputs import model_frame
from training.monitoring import local as monitoring
from training.platform import Platform
from training.serving import address

BODY = {"instances": [ROW]}


def capture_files(platform: Platform, model: str = "toys") -> list[Path]:
    return sorted(Path(platform.store.uri).glob(f"models/{model}/captures/*/*.parquet"))


def captured(platform: Platform) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in capture_files(platform)])


def test_from_no_release_to_orderly_stop(platform: Platform, start: Start) -> None:
    server = start(platform)
    status, answer = server.post(BODY)
    assert (status, server.get("/ping")[0]) == (503, 503)
    assert "no model released yet" in answer["error"]

    version = register_champion(platform)
    until(lambda: server.get("/ping")[0] == 200)
    status, answer = server.post({"instances": [ROW, {**ROW, "size": None, "age": 40}]})
    assert status == 400 and "NaN" in answer["error"], answer
    status, answer = server.post({"instances": [ROW, {**ROW, "color": "mauve"}]})
    expected = train(version).predict_proba(
        model_frame(pd.DataFrame([ROW, {**ROW, "color": "mauve"}]), COLUMNS)
    )[:, 1]
    np.testing.assert_allclose(answer["scores"], expected)
    assert answer["predictions"] == ["dear" if p > 0.5 else "cheap" for p in expected]
    assert (answer["model"], answer["version"]) == ("toys", version)

    beat = until(lambda: _beat_of(platform, version))
    assert beat["url"] == server.url and beat["in_service"]
    metrics = server.get("/metrics")[1]
    assert 'mlops_requests_total{code="200",model="toys",version="1"} 1.0' in metrics
    assert 'mlops_champion_version{model="toys"} 1.0' in metrics

    assert server.stop() == 0
    rows = captured(platform)
    assert rows[REQUEST].unique().tolist() == [answer["request_id"]]
    assert rows["color"].tolist() == ["red", "mauve"]
    assert rows["new"].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(rows[SCORE], expected)
    assert rows[PREDICTION].tolist() == answer["predictions"]
    assert rows[VERSION].tolist() == [1, 1]
    assert monitoring.health(platform.store, "toys") is None
    assert address.find(platform) is None
    assert not (Path(platform.store.uri) / address.DOCUMENT).exists()


def _beat_of(platform: Platform, version: int) -> dict | None:
    beat = monitoring.health(platform.store, "toys")
    return beat if beat and beat["version"] == version else None


def test_swaps_and_rollback_fail_no_request(platform: Platform, start: Start) -> None:
    first = register_champion(platform)
    server = start(platform)
    expected = {
        version: train(version).predict_proba(model_frame(pd.DataFrame([ROW]), COLUMNS))[0, 1]
        for version in (first, first + 1)
    }
    answers: list[tuple[int, dict]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(server.post(BODY))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    second = register_champion(platform)
    until(lambda: any(answer.get("version") == second for _, answer in answers[-8:]))
    release.rollback(platform.store, "toys", why="test", by="test")
    until(lambda: server.get("/version")[1]["version"] == first)
    stop.set()
    for client in clients:
        client.join()
    assert {status for status, _ in answers} == {200}
    assert {answer["version"] for _, answer in answers} == {first, second}
    for _, answer in answers:
        assert answer["scores"] == pytest.approx([expected[answer["version"]]])
    server.stop()
    rows = captured(platform)
    assert sorted(rows[REQUEST]) == sorted(answer["request_id"] for _, answer in answers)
    for file in capture_files(platform):
        assert pd.read_parquet(file)[VERSION].nunique() == 1


def test_a_damaged_version_leaves_the_old_one_in_service(platform: Platform, start: Start) -> None:
    first = register_champion(platform)
    server = start(platform)
    second = register(platform)
    damaged = artifact(platform, second)
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1])
    digest = versions.manifest(platform.store, "toys", second)["artifact"]["sha256"]
    _release_unchecked(platform, second, digest)
    described = until(lambda: (v := server.get("/version")[1])["not_loaded"] and v)
    assert described["version"] == first
    assert described["not_loaded"]["version"] == second
    assert "is damaged" in described["not_loaded"]["error"]
    status, answer = server.post(BODY)
    assert (status, answer["version"]) == (200, first)
    assert "is damaged" in server.log.read_text()
    beat = until(lambda: (b := _beat_of(platform, first)) and b["not_loaded"] and b)
    assert beat["in_service"]
    assert "is not served" in server.get("/")[1]

    third = register_champion(platform)
    until(lambda: server.get("/version")[1]["version"] == third)
    assert server.get("/version")[1]["not_loaded"] is None


def _release_unchecked(platform: Platform, version: int, digest: str) -> None:
    record = {
        "kind": "promote",
        "version": version,
        "digest": digest,
        "previous": version - 1,
        "by": "test",
        "why": "test",
        "when": "2026-01-01T00:00:00Z",
    }
    Journal(platform.store, "models/toys/releases").append(record)


def test_a_first_version_that_is_damaged_is_an_outage(platform: Platform, start: Start) -> None:
    version = register_champion(platform)
    artifact(platform, version).write_bytes(b"")
    server = start(platform)
    status, answer = server.get("/ping")
    assert status == 503
    assert answer["error"] == "version 1 of model 'toys' cannot be loaded"
    assert server.post(BODY)[0] == 503
    beat = until(lambda: monitoring.health(platform.store, "toys"))
    assert beat["in_service"] is False


def test_kill_9_loses_at_most_the_last_flush(platform: Platform, start: Start) -> None:
    register_champion(platform)
    server = start(platform)
    answers = [server.post({"instances": [ROW] * 50})[1] for _ in range(20)]
    until(lambda: server.get("/version")[1]["captured_rows"] == 1000)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                server.post({"instances": [ROW] * 500})
            except OSError:
                return

    client = threading.Thread(target=ask)
    client.start()
    staged = until(lambda: any(_staged(platform)) or len(capture_files(platform)) > 3)
    assert staged
    server.stop(signal.SIGKILL)
    stop.set()
    client.join()
    assert pq.read_metadata(capture_files(platform)[0]).num_rows
    rows = captured(platform)  # every file that a reader takes is whole
    assert {answer["request_id"] for answer in answers} <= set(rows[REQUEST])

    leftover = capture_files(platform)[0].parent / f"{STAGED}killed"
    leftover.write_bytes(b"half")
    second_server = start(platform)  # the stale server.json is no hindrance
    assert second_server.post(BODY)[0] == 200
    assert not leftover.exists()


def _staged(platform: Platform) -> list[Path]:
    return list(Path(platform.store.uri).glob(f"models/toys/captures/*/{STAGED}*"))


def test_one_server_a_stack(platform: Platform, start: Start) -> None:
    server = start(platform)
    refused = _serve(platform)
    assert refused.returncode == 1
    message = f"'local' is served already at {server.url} by process {server.pid}"
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_named(platform: Platform) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = _serve(platform, "--port", str(port))
    assert refused.returncode == 1
    assert f"127.0.0.1 port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def _serve(platform: Platform, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=platform.root,
        env=variables(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_several_models_have_a_path_each(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path, "cars", "toys", capture_percent=0)
    register_champion(platform, "toys")
    server = start(platform)
    assert server.get("/models/toys/ping")[0] == 200
    assert server.get("/models/cars/ping")[0] == 503
    assert server.post(BODY, "/models/toys/invocations")[1]["model"] == "toys"
    for path in ("/ping", "/version"):
        status, answer = server.get(path)
        assert status == 404
        assert f"/models/cars{path}, /models/toys{path}" in answer["error"]
    assert server.get("/models/boats/ping") == (
        404,
        {"error": "no model 'boats' here; served: cars, toys"},
    )
    server.stop()
    assert not capture_files(platform)


def test_settings_change_without_a_restart(platform: Platform, start: Start) -> None:
    register_champion(platform)
    server = start(platform)
    endpoint = {"capture_percent": 0, "port": 0, "host": "127.0.0.1"}
    write_part(platform, "toys", "endpoint.json", endpoint)
    until(lambda: server.get("/status.json")[1]["models"][0]["capture_percent"] == 0)


def test_a_destroyed_stack_ends_its_server(platform: Platform, start: Start) -> None:
    server = start(platform)
    folder = Path(platform.store.uri)
    until(lambda: monitoring.health(platform.store, "toys"))
    files.remove_folder(folder)
    assert server.process.wait(60) == 0
    assert not folder.exists()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory):
    platform = make_platform(tmp_path_factory.mktemp("running"))
    register_champion(platform)
    server = Server(platform)
    yield server
    server.stop()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    st.sampled_from(["/invocations", "/models/toys/invocations", "/models/x/ping", "/ping", "/y"]),
    st.sampled_from(["application/json", "text/csv", "text/plain", "application/json; a", ""]),
    st.binary(max_size=200)
    | st.sampled_from([json.dumps({"instances": [{**ROW, "size": v}]}).encode()
                       for v in (None, [], "x", 1e308, True, "1e5")]),
)  # fmt: skip
def test_no_request_gets_a_5xx(
    running: Server, method: str, path: str, kind: str, body: bytes
) -> None:
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=60)
    connection.request(method, path, body, {"content-type": kind})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status < 500
    if answer.status != 200:
        assert json.loads(content)["error"]


def test_refusals_have_their_status(running: Server) -> None:
    assert running.get("/nope") == (404, {"error": "no path '/nope' here"})
    assert running.get("/invocations") == (
        405,
        {"error": "method GET is not allowed for '/invocations'"},
    )
    assert running.post(b"x", kind="text/plain")[0] == 415
    status, answer = running.get("/", Host="evil.example:80")
    assert status == 421 and "'evil.example'" in answer["error"]
    assert running.get("/docs")[0] == 404


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/invocations", {"content-type": "application/json"}, 413),
        ("/invocations", {"content-encoding": "gzip"}, 415),
        ("/invocations", {"host": "evil.example:80"}, 421),
        ("/nope", {}, 404),
        ("/ping", {}, 405),
    ],
)
def test_a_refusal_reaches_a_client_that_sends_all_before_it_reads(
    running: Server, path: str, headers: dict[str, str], status: int
) -> None:
    # More than the buffers of both sides hold.
    request = Request(running.url + path, bytes(64 * 1024 * 1024), headers, method="POST")
    actual, answer = call(request)
    assert actual == status and answer["error"]
    if status == 413:
        assert "16777216 bytes allowed" in answer["error"]


@pytest.mark.parametrize("path", ["/", "/ping", "/metrics", "/nope", "/status.json"])
def test_every_answer_has_the_security_headers(running: Server, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=60)
    connection.request("GET", path, headers={"origin": "https://evil.example"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] is None
    assert answer.headers["server"] is None
