"""The follower step by step: what serves, what stands beside it, and when it looks again."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.serving.platforms import artifact, make_platform, register
from training import predictor, release, versions
from training.platform import Platform
from training.serving import follow, trial
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import Follower

MODEL = "toys"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """A stack with three versions, none released."""
    platform = make_platform(tmp_path_factory.mktemp("stack"))
    for _ in range(3):
        register(platform)
    return platform


class Service:
    """An endpoint and its follower, on a copy of the stack, by a clock that is moved."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.store, self.now = platform, platform.store, 1000.0
        self.swaps: list[int] = []
        self.restart()

    def restart(self) -> None:
        self.endpoint = Endpoint(self.platform, MODEL, Metrics(lambda: []))
        self.follower = Follower(self.store, self.endpoint, self.swaps.append)

    def promote(self, version: int, *, staged: bool = False) -> release.Release:
        return release.promote(self.store, MODEL, version, why="", by="test", staged=staged)

    def step(self, record: release.Release, step: str, percent: int | None = None) -> None:
        more = {} if percent is None else {"percent": percent}
        log = release.steps(self.store, MODEL, record.number)
        log.append({"when": record.when, "step": step, **more})

    def look(self) -> tuple[Any, ...]:
        """A look; the version that serves, the one beside it with shares, and the one before."""
        self.follower.check()
        service, beside = self.endpoint.in_service, self.endpoint.candidate
        standby = self.endpoint.standby
        return (
            service and (service.version, service.release),
            beside and (beside.loaded.version, beside.percent, beside.mirror_percent),
            standby and standby.version,
        )


@pytest.fixture
def service(stack: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    root = shutil.copytree(stack.root, tmp_path / "stack")
    service = Service(Platform(root, stack.document))
    monkeypatch.setattr(follow, "time", SimpleNamespace(monotonic=lambda: service.now))
    return service


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The versions that were loaded."""
    loads: list[int] = []
    load = predictor.load

    def count(store: Any, manifest: versions.Manifest) -> Any:
        loads.append(manifest["version"])
        return load(store, manifest)

    monkeypatch.setattr(predictor, "load", count)
    return loads


def test_a_release_without_steps_is_in_force_at_once(service: Service, loads: list[int]) -> None:
    assert service.look() == (None, None, None)
    first = service.promote(1)
    assert service.look() == ((1, first.number), None, None)
    active = service.endpoint.in_service
    assert active is not None and active.digest == first.digest
    assert active.predictor.version == 1
    assert service.look() == ((1, first.number), None, None)
    second = service.promote(2)
    assert service.look() == ((2, second.number), None, None), "nothing is kept unless asked for"
    assert (loads, service.swaps) == ([1, 2], [1, 2])


def test_the_version_before_stays_loaded_for_its_minutes(
    service: Service, loads: list[int]
) -> None:
    service.endpoint.keep_minutes = 30.0
    service.promote(1)
    assert service.look() == ((1, 1), None, None)
    service.promote(2)
    assert service.look() == ((2, 2), None, 1)
    service.now += 30 * 60 - 1
    assert service.look() == ((2, 2), None, 1)
    release.rollback(service.store, MODEL, why="", by="test")
    assert service.look() == ((1, 3), None, 2)
    assert loads == [1, 2] and service.swaps == [1, 2, 1]
    service.now += 30 * 60 - 1
    assert service.look() == ((1, 3), None, 2)
    service.now += 1
    assert service.look() == ((1, 3), None, None)
    # The same version by another release: there is none before it.
    record = service.promote(3, staged=True)
    assert service.look() == ((1, 3), (3, 0, 0), None)
    release.withdraw(service.store, MODEL, record, why="")
    assert service.look() == ((1, 5), None, None)
    assert loads == [1, 2, 3]


def test_a_staged_release_gets_the_share_of_its_step(service: Service, loads: list[int]) -> None:
    service.promote(1)
    service.look()
    record = service.promote(2, staged=True)
    assert service.look() == ((1, 1), (2, 0, 0), None), "it is brought up with its record"
    first = service.endpoint.candidate
    assert service.look() == ((1, 1), (2, 0, 0), None)
    assert service.endpoint.candidate is first, "with all that it has counted"
    for step, percent, shares in [
        (release.BRING_UP, None, (2, 0, 0)), (release.MIRROR, 40, (2, 0, 40)),
        (release.CANARY, 10, (2, 10, 0)), (release.CANARY, 50, (2, 50, 0)),
    ]:  # fmt: skip
        service.step(record, step, percent)
        assert service.look() == ((1, 1), shares, None)
    counting = service.endpoint.candidate
    service.look()
    assert service.endpoint.candidate is counting
    service.step(record, release.SHIFT)
    assert service.look() == ((2, 2), None, None)
    service.step(record, release.FINISHED)
    assert service.look() == ((2, 2), None, None)
    assert (loads, service.swaps) == ([1, 2], [1, 2])


def test_a_release_that_overtakes_another_stands_beside_in_its_place(service: Service) -> None:
    service.promote(1)
    service.look()
    service.promote(2, staged=True)
    service.look()
    service.promote(3, staged=True)
    assert service.look() == ((1, 1), (3, 0, 0), None)
    candidate = service.endpoint.candidate
    assert candidate is not None and candidate.loaded.release == 3


def test_a_server_that_starts_within_a_release_serves_the_version_before(
    service: Service, loads: list[int]
) -> None:
    service.promote(1)
    release.promote(service.store, MODEL, 2, why="", by="test")
    release.promote(service.store, MODEL, 1, why="", by="test")
    service.step(service.promote(3, staged=True), release.CANARY, 10)
    assert service.look() == ((1, 3), (3, 10, 0), None)
    assert (loads, service.swaps) == ([1, 3], [1])


def test_a_first_release_that_is_staged_stands_alone(service: Service) -> None:
    record = service.promote(2, staged=True)
    assert service.look() == (None, (2, 0, 0), None)
    service.step(record, release.FINISHED)
    assert service.look() == ((2, 1), None, None)


def test_a_damaged_newest_record_takes_nothing_out_of_service(service: Service) -> None:
    service.promote(1)
    service.promote(2)
    assert service.look() == ((2, 2), None, None)
    (path,) = Path(service.store.uri).glob(f"models/{MODEL}/releases/*2*")
    path.write_text("{")
    assert service.look() == ((2, 2), None, None)


def break_version(service: Service, version: int) -> tuple[Path, bytes]:
    path = artifact(service.platform, version)
    content = path.read_bytes()
    path.write_bytes(b"no model")
    return path, content


def test_a_version_that_cannot_be_loaded_is_told_once_and_tried_again(
    service: Service, loads: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    service.promote(1)
    service.look()
    # Released while it was whole.
    service.promote(2)
    path, content = break_version(service, 2)
    caplog.set_level(logging.ERROR)
    assert service.look() == ((1, 1), None, None)
    failure = service.endpoint.not_loaded
    assert failure is not None and (failure.version, failure.release) == (2, 2)
    (line,) = caplog.records
    told = f"model {MODEL}: version 2 is not put in service (version 1 stays): {failure.error}"
    assert line.getMessage() == told and not line.exc_info
    service.now += 9.9
    assert service.look() == ((1, 1), None, None)
    assert loads == [1, 2]
    service.now += 0.1
    service.look()
    assert loads == [1, 2, 2] and len(caplog.records) == 1
    path.write_bytes(content)
    service.now += 10.0
    assert service.look() == ((2, 2), None, None)
    assert service.endpoint.not_loaded is None
    # Another release is not held up by the time of the one before.
    path, content = break_version(service, 3)
    release.promote(service.store, MODEL, 3, why="", by="test", whole=True)
    service.look()
    path.write_bytes(content)
    assert len(caplog.records) == 2
    service.promote(1)
    assert service.look() == ((1, 4), None, None) and service.endpoint.not_loaded is None


def test_an_error_that_is_nobody_s_fault_has_its_traceback(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("bug")

    monkeypatch.setattr(predictor, "load", fail)
    service.promote(1)
    assert service.look() == (None, None, None)
    failure = service.endpoint.not_loaded
    assert failure is not None and failure.error == "ValueError: bug"
    (line,) = caplog.records
    told = f"model {MODEL}: version 1 is not put in service (none stays): ValueError: bug"
    assert line.getMessage() == told and line.exc_info


def change_manifest(service: Service, version: int, **parts: Any) -> None:
    manifest = versions.manifest(service.store, MODEL, version)
    journal = versions.journal(service.store, MODEL)
    (path,) = Path(service.store.uri, journal.prefix).glob(f"*{version}.json")
    path.write_text(json.dumps({**manifest, **parts}))


def test_a_version_of_other_bytes_than_were_released_is_refused(service: Service) -> None:
    record = service.promote(1)
    manifest = versions.manifest(service.store, MODEL, 1)
    change_manifest(service, 1, artifact={**manifest["artifact"], "sha256": "f" * 64})
    assert service.look() == (None, None, None)
    failure = service.endpoint.not_loaded
    assert failure is not None and failure.error == (
        f"version 1 is registered with SHA-256 {'f' * 64}, but {record.digest} was released"
    )


def test_a_version_of_other_libraries_is_refused_before_it_is_tried(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.promote(1)
    tries: list[int] = []
    monkeypatch.setattr(trial, "assert_loads", lambda store, manifest: tries.append(1))
    change_manifest(service, 1, libraries={"scikit-learn": "0.1"})
    assert service.look() == (None, None, None)
    failure = service.endpoint.not_loaded
    assert failure is not None and "scikit-learn" in failure.error and not tries


def test_a_version_is_tried_before_it_is_loaded(
    service: Service, loads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.promote(1)
    tries: list[tuple[str, int, int]] = []

    def try_out(store: Any, manifest: versions.Manifest) -> None:
        tries.append((store.uri, manifest["version"], len(loads)))

    monkeypatch.setattr(trial, "assert_loads", try_out)
    assert service.look() == ((1, 1), None, None)
    assert tries == [(service.store.uri, 1, 0)]
