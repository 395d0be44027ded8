"""A release on a server under load: shares, copies, and the way back in an instant."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, Failing, make_platform, register
from tests.serving.servers import Server, until
from training import deployment, release
from training.errors import UserError
from training.platform import Platform

BODY = {"instances": [ROW]}
# Some 400 requests a second, of which a few dozens judge a version.
PAUSE = 0.01
WATCHED = {"canary_percent": 50, "canary_minutes": 0.03, "keep_previous_minutes": 60}


@pytest.fixture
def watched(tmp_path: Any) -> Platform:
    """A stack whose releases are watched for two seconds, with two versions."""
    platform = make_platform(tmp_path, **WATCHED)
    for _ in range(2):
        register(platform)
    return platform


@contextmanager
def load(server: Server, pause: float = 0.0) -> Iterator[list[tuple[int, Any]]]:
    """Requests of four clients all the while, with a `pause` after each answer; the answers."""
    stop, answers = Event(), []

    def ask() -> None:
        while not stop.wait(pause):
            answers.append(server.post(BODY))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def promote(platform: Platform, version: int) -> None:
    deployment.promote(platform, "toys", version, why="better", say=print)


def test_a_rollback_under_load_takes_no_second_and_loses_no_request(
    watched: Platform, start: Start
) -> None:
    server = start(watched)
    promote(watched, 1)
    with load(server) as answers:
        promote(watched, 2)
        rollback_start = time.monotonic()
        deployment.rollback(watched, "toys", why="incident", say=print)
        took = time.monotonic() - rollback_start
        since = len(answers)
        until(lambda: len(answers) > since + 50)
        late = {body["version"] for _, body in answers[since + 8 :]}
    assert took < 1.0, f"the rollback took {took:.2f} s"
    assert {status for status, _ in answers} == {200}
    assert late == {1}
    assert {body["version"] for _, body in answers} == {1, 2}


def test_a_version_that_fails_for_some_rows_is_taken_back_by_itself(
    watched: Platform, start: Start
) -> None:
    server = start(watched)
    promote(watched, 1)
    number = register(watched, estimator=Failing())
    with load(server, PAUSE) as answers, pytest.raises(UserError, match="answers failed"):
        promote(watched, number)
    failed = [body for status, body in answers if status == 500]
    assert failed and len(failed) < len(answers) / 2, "a share of the requests, not all"
    assert server.get("/version")[1]["version"] == 1
    assert [r.version for r in release.history(watched.store, "toys")] == [1, number, 1]


def test_copies_of_requests_show_what_fails_and_no_client_sees_it(
    tmp_path: Any, start: Start
) -> None:
    platform = make_platform(tmp_path, **WATCHED, mirror_percent=50)
    register(platform)
    server = start(platform)
    promote(platform, 1)
    number = register(platform, estimator=Failing())
    with load(server, PAUSE) as answers, pytest.raises(UserError, match="with copies of 50 %"):
        promote(platform, number)
    assert {status for status, _ in answers} == {200}
    assert {body["version"] for _, body in answers} == {1}
    log = release.steps(platform.store, "toys", 2)
    assert [record["step"] for record in log.records()] == ["bring-up", "mirror", "withdrawn"]


def test_a_server_that_is_started_in_the_middle_of_a_release_takes_part_in_it(
    watched: Platform, start: Start
) -> None:
    release.promote(watched.store, "toys", 1, why="good")
    record = release.promote(watched.store, "toys", 2, why="better", staged=True)
    log = release.steps(watched.store, "toys", record.number)
    log.append({"step": release.BRING_UP, "when": record.when, "fleet": "2", "before": "1"})
    log.append({"step": release.CANARY, "when": record.when, "percent": 50})
    server = start(watched)

    def shares() -> dict[str, int]:
        fleets = server.get("/version")[1]["fleets"]
        return {name: fleet["percent"] for name, fleet in fleets.items()}

    until(lambda: shares() == {"1": 50, "2": 50})
    assert {server.post(BODY)[1]["version"] for _ in range(40)} == {1, 2}
    deployment.resume(watched, "toys", say=print)
    assert shares() == {"1": 0, "2": 100}


def test_a_version_that_ends_its_process_is_not_loaded_by_the_server(
    watched: Platform, start: Start
) -> None:
    server = start(watched)
    promote(watched, 1)
    number = register(watched, estimator=Bomb())
    # Without the trial of a promotion, as by a record that comes from elsewhere.
    release.promote(watched.store, "toys", number, why="no trial")
    problem = until(lambda: server.get("/version")[1]["not_loaded"])
    assert "cannot be loaded here" in problem["error"]
    assert server.post(BODY)[1]["version"] == 1 and server.process.poll() is None


class Bomb:
    """A model file that ends the process which loads it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        import os

        return (os._exit, (1,))
