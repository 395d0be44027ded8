"""The state is asked again while the engine writes it, and no other failure is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from components import standing

WRITING = Exception("invoke of ... failed: failed to load checkpoint: EOF")
BROKEN = Exception("invoke of ... failed: no such stack")


def answers(monkeypatch: pytest.MonkeyPatch, *given: Any) -> Iterator[Any]:
    """What the engine says, call by call; what is left of it."""
    left = iter(given)

    async def invoke_async(token: str, asked: dict[str, str]) -> Any:
        said = next(left)
        if isinstance(said, Exception):
            raise said
        return {"outputs": said, **asked}

    monkeypatch.setattr(standing, "invoke_async", invoke_async)
    monkeypatch.setattr(standing, "PAUSES", (0, 0))
    return left


def test_a_half_written_state_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, WRITING, WRITING, {"prefix": "mlops"})
    assert asyncio.run(standing.outputs()) == {"prefix": "mlops"}


@pytest.mark.parametrize("failures", [(BROKEN,), (WRITING, BROKEN), (WRITING,) * 3])
def test_what_lasts_or_is_another_failure_is_told(
    failures: tuple[Exception, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = answers(monkeypatch, *failures, {"prefix": "mlops"})
    with pytest.raises(Exception, match=str(failures[-1]).rpartition(": ")[2]):
        asyncio.run(standing.outputs())
    assert list(left) == [{"prefix": "mlops"}], "and not asked again"
