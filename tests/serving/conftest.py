"""Fixtures: a stack, and servers that end with their test."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.serving.platforms import make_platform, register_champion, train
from tests.serving.servers import Server
from training.platform import Platform

# The machine's speed must not decide whether a test passes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Start = Callable[..., Server]


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one model, version 1 released; its store is not to be changed."""
    platform = make_platform(tmp_path_factory.mktemp("toys"))
    register_champion(platform, estimator=train(1, imputes=True))
    server = Server(platform)
    yield server
    server.stop()


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A stack with one model and nothing released."""
    return make_platform(tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server of a platform; all are ended after the test."""
    servers: list[Server] = []

    def begin(platform: Platform, *arguments: str, **environment: str) -> Server:
        servers.append(Server(platform, *arguments, **environment))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop(signal.SIGKILL)
