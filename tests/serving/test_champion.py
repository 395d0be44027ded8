"""The registry shows what is served: one process marks champions that come close together."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import warm
from tests.contract.test_release import description
from tests.serving.servers import until
from training.registry.local import CHAMPION, MlflowRegistry
from training.serving.champion import Marker


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> MlflowRegistry:
    """A registry with two versions of one model."""
    registry = MlflowRegistry(f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/registry.db")
    registry.create_model("cancer", {})
    for run in ("a", "b"):
        registry.number({**description(run), "artifact": {"key": run, "sha256": run}})
    return registry


@pytest.fixture
def marker(registry: MlflowRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marker]:
    """One whose processes are warm Pythons."""
    monkeypatch.setattr(sys, "executable", str(warm.programs() / "python"))
    marker = Marker(registry.uri)
    marker.start()
    yield marker
    marker.stop()
    assert marker._process is None


def champion(registry: MlflowRegistry) -> int:
    return int(registry.client.get_model_version_by_alias("cancer", CHAMPION).version)


def test_one_process_marks_all_and_a_lost_one_is_replaced(
    registry: MlflowRegistry, marker: Marker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    marker.mark("cancer", 2)
    marker.mark("cancer", 9)
    until(lambda: "registry does not show version 9" in caplog.text)
    process = marker._process
    assert process is not None and champion(registry) == 2
    marker.mark("cancer", 1)
    until(lambda: champion(registry) == 1)
    assert marker._process is process

    process.kill()
    process.wait()
    marker.mark("cancer", 2)
    until(lambda: champion(registry) == 2)
    assert len(caplog.records) == 1


def test_idle_it_needs_no_process(
    registry: MlflowRegistry, marker: Marker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("training.serving.champion.LINGER_SECONDS", 0.1)
    marker.mark("cancer", 1)
    until(lambda: champion(registry) == 1)
    until(lambda: marker._process is None)


def test_a_process_that_hangs_holds_up_no_stop(
    registry: MlflowRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.serving.champion.STOP_SECONDS", 0.5)
    marker = Marker(registry.uri)
    marker.start()
    marker.mark("cancer", 1)
    marker.mark("cancer", 2)  # is not begun after the stop
    process = until(lambda: marker._process)
    process.send_signal(signal.SIGSTOP)
    marker.stop()
    assert marker._process is None and not marker._thread.is_alive()
    assert process.poll() == -signal.SIGKILL
