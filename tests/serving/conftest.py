"""Servers of small stacks; each is stopped after its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.serving.platforms import make_platform, released
from tests.serving.servers import Server
from training.platform import Platform

Start = Callable[..., Server]


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one model, version 1 released; its store is not to be changed."""
    platform = make_platform(tmp_path_factory.mktemp("toys"))
    released(platform)
    server = Server(platform)
    yield server
    server.stop()


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A stack of one model without a version."""
    return make_platform(tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers of any stack."""
    started: list[Server] = []

    def run(platform: Platform, *arguments: str, **environment: str) -> Server:
        started.append(Server(platform, *arguments, **environment))
        return started[-1]

    yield run
    for server in started:
        server.stop()
