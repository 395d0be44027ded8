"""Fixtures for the tests of the platform and of the simulated cloud alike."""

from __future__ import annotations

import asyncio

import pytest

# The loop of what tests do with Pulumi's outputs outside of a program. It stays open: its worker
# threads would end with it, and Pulumi leaves an open loop in each of those.
LOOP = asyncio.new_event_loop()


@pytest.fixture(autouse=True)
def event_loop() -> None:
    """Make the loop the current one, whichever test ran before: `asyncio.run` leaves none."""
    asyncio.set_event_loop(LOOP)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break no line of what is printed: whoever started the tests may have told a width."""
    monkeypatch.delenv("COLUMNS", raising=False)
