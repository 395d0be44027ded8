"""Fixtures of the unit tests."""

from __future__ import annotations

import pytest

from tests.serving.platforms import make_platform, register
from tests.unit.release_stack import Stack, Time
from training import clock, deployment


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The store of a stack with four registered versions, by key; not to be changed."""
    platform = make_platform(tmp_path_factory.mktemp("versions"))
    for _ in range(4):
        register(platform)
    return {key: platform.store.read(key) for key in platform.store.keys("models")}


@pytest.fixture
def stack(objects: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack in memory whose first version is released; waiting takes no time."""
    time = Time()
    monkeypatch.setattr(deployment, "time", time)
    monkeypatch.setattr(clock, "now", time.now)
    return Stack(objects, time, monkeypatch)
