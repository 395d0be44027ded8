"""Fixtures for the tests of the platform and of the simulated cloud alike."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop of what tests do with Pulumi's outputs outside of a program."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def current_event_loop(event_loop: asyncio.AbstractEventLoop) -> None:
    """Make the loop the current one, whichever test ran before: `asyncio.run` leaves none."""
    asyncio.set_event_loop(event_loop)
