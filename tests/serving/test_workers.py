"""Several processes of one server: one port, one release, one count, whoever of them is killed."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pandas as pd
import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, make_platform, register_champion, write_part
from tests.serving.servers import Server, until
from training.endpoint.local import LocalRollout
from training.monitoring import local as monitoring
from training.platform import Platform

BODY = {"instances": [ROW]}
SETTINGS: dict[str, Any] = {"capture_percent": 100, "port": 0, "host": "127.0.0.1"}


@pytest.fixture
def shared(tmp_path: Path, start: Start) -> Iterator[Server]:
    """A server of three processes, with version 1 in service in each."""
    platform = make_platform(tmp_path, workers=3)
    register_champion(platform)
    server = start(platform)
    await_workers(server, 2)
    yield server


def await_workers(server: Server, count: int, gone: int | None = None) -> list[int]:
    """Wait until so many processes beside the first one answer, none of them `gone`."""

    def others() -> list[int]:
        return [pid for pid in workers(server) if pid != gone]

    # A look takes as long as a request.
    until(lambda: len(others()) == count, pause=0.2)
    return others()


def workers(server: Server) -> list[int]:
    """The processes beside the first one that wait for its connections: forks as it is one."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    (parent,) = re.findall(r"^PPid:\s+(\d+)", status, re.MULTILINE)
    children = Path(f"/proc/{parent}/task").glob("*/children")
    pids = sorted({int(pid) for file in children for pid in file.read_text().split()})
    waiting = []
    for pid in pids:
        with suppress(OSError):  # it has ended meanwhile, or closed a file
            if pid != server.pid and answers_as(server, pid):
                waiting.append(pid)
    return waiting


def answers_as(server: Server, pid: int) -> bool:
    """Whether a process waits for the server's connections: its epoll has the socket."""
    port = int(server.url.rsplit(":", 1)[1])
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = [
        int(fields[9])
        for fields in sockets
        if fields[1].endswith(f":{port:04X}") and fields[3] == "0A"
    ]
    watched = [info.read_text() for info in Path(f"/proc/{pid}/fdinfo").iterdir()]
    return any(f"ino:{inode:x} " in text for text in watched)


def ask(server: Server, count: int) -> list[dict[str, Any]]:
    """The answers to so many requests, each over a connection of its own, four at a time."""
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: server.post(BODY), range(count)))
    assert {status for status, _ in replies} == {200}
    return [answer for _, answer in replies]


def captured(platform: Platform) -> list[str]:
    files = Path(platform.store.uri).glob("models/toys/captures/*/*.parquet")
    return [request for file in files for request in pd.read_parquet(file)["request_id"]]


def counted(server: Server) -> float:
    lines = server.get("/metrics")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("mlops_requests_total"))


def test_all_is_counted_and_captured_once_and_the_first_process_tells_it(shared: Server) -> None:
    answers = ask(shared, 60)
    until(lambda: counted(shared) == 60)
    status, page = shared.get("/status.json")
    assert status == 200 and page["models"][0]["traffic"]["requests"] == 60
    until(lambda: (monitoring.health(shared.platform.store, "toys") or {}).get("requests") == 60)
    # Whichever process takes the connection.
    described = [shared.get("/version")[1] for _ in range(12)]
    assert {(description["version"], description["processes"]) for description in described} == {
        (1, 3)
    }
    assert {shared.get("/nothing")[0] for _ in range(12)} == {404}
    for _ in range(12):
        with urlopen(f"{shared.url}/version") as answer:
            names = [name.lower() for name in answer.headers.keys()]  # noqa: SIM118 each one
            assert len(names) == len(set(names)), "a header came twice"
    inference = {"inputs": [{"name": n, "shape": [1], "datatype": kind, "data": [ROW[n]]}
                            for n, kind in (("size", "FP64"), ("age", "INT64"), ("new", "BOOL"),
                                            ("color", "BYTES"))]}  # fmt: skip
    replies = [shared.post(inference, "/v2/models/toys/infer") for _ in range(12)]
    assert {status for status, _ in replies} == {200}
    assert shared.stop() == 0
    requests = captured(shared.platform)
    assert len(requests) == len(set(requests)) == 72
    assert {answer["request_id"] for answer in answers} <= set(requests)


def test_a_worker_answers_while_the_first_process_hangs(shared: Server) -> None:
    os.kill(shared.pid, signal.SIGSTOP)
    try:
        ask(shared, 20)
        os.kill(workers(shared)[0], signal.SIGSTOP)
        ask(shared, 20)
    finally:
        for pid in (*workers(shared), shared.pid):
            os.kill(pid, signal.SIGCONT)
    until(lambda: counted(shared) == 40)


def test_a_release_is_over_once_every_process_serves_it(shared: Server) -> None:
    platform = shared.platform
    for _ in range(3):
        version = register_champion(platform)
        LocalRollout(platform, "toys", f"{shared.url}/models/toys").shift(str(version), None)
        assert {answer["version"] for answer in ask(shared, 24)} == {version}


def test_a_release_waits_for_a_worker_that_hangs(shared: Server) -> None:
    platform, (worker, _) = shared.platform, workers(shared)
    os.kill(worker, signal.SIGSTOP)
    try:
        version = register_champion(platform)
        time.sleep(1)
        described = shared_version(shared)
        assert described == 1, "the first process tells what it alone serves"
    finally:
        os.kill(worker, signal.SIGCONT)
    until(lambda: shared_version(shared) == version)


def shared_version(server: Server) -> int:
    """The version that the server says it serves, asked until a process answers that runs."""
    rollout = LocalRollout(server.platform, "toys", f"{server.url}/models/toys")
    return rollout.describe()["version"]


def test_a_killed_worker_is_started_again(shared: Server) -> None:
    before = workers(shared)
    ask(shared, 30)
    until(lambda: counted(shared) == 30)
    os.kill(before[0], signal.SIGKILL)
    await_workers(shared, 2, gone=before[0])
    assert f"ended with exit code {-signal.SIGKILL}" in shared.logged()
    ask(shared, 30)
    until(lambda: counted(shared) == 60)


def test_workers_end_with_a_killed_server(shared: Server) -> None:
    pids = workers(shared)
    ask(shared, 30)
    shared.stop(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_durable_captures_of_a_killed_worker_are_kept(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path, workers=2, capture_durable=True)
    register_champion(platform)
    server = start(platform)
    (worker,) = await_workers(server, 1)
    answers: list[dict[str, Any]] = []
    os.kill(server.pid, signal.SIGSTOP)
    answers += ask(server, 8)
    os.kill(worker, signal.SIGKILL)
    os.kill(server.pid, signal.SIGCONT)
    await_workers(server, 1, gone=worker)
    answers += ask(server, 8)
    server.stop(signal.SIGKILL)
    server = start(platform)
    await_workers(server, 1)
    assert server.stop() == 0
    requests = captured(platform)
    assert sorted(requests) == sorted(answer["request_id"] for answer in answers)


def test_their_number_follows_the_setting(shared: Server) -> None:
    write_part(shared.platform, "toys", "endpoint.json", {**SETTINGS, "workers": 1})
    await_workers(shared, 0)
    ask(shared, 10)
    write_part(shared.platform, "toys", "endpoint.json", {**SETTINGS, "workers": 2})
    await_workers(shared, 1)


def test_models_that_name_different_numbers_are_refused(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path, "a", "b")
    write_part(platform, "b", "endpoint.json", {**SETTINGS, "workers": 2})
    with pytest.raises(AssertionError, match=r"endpoint.workers differs between the models \(a: 1"):
        start(platform)
