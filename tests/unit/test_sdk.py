"""The undocumented parts of Pulumi's SDK that the program uses: each test fails if one changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components import sdk
from components.sdk import without_versions

KINDS = {
    "azure-native:storage/v20230101:Blob": False,
    "azure-native:blobs:Blob": True,
    "azure:storage/v1:Blob": True,
}


@pytest.mark.parametrize(("kind", "kept"), KINDS.items())
def test_only_aliases_of_old_api_versions_are_left_out(kind: str, kept: bool) -> None:
    known = pulumi.Alias(type_=kind)
    opts = pulumi.ResourceOptions(aliases=[known, pulumi.Alias(name="before"), "urn:known"])
    args = pulumi.ResourceTransformationArgs(
        resource=None,  # pyright: ignore[reportArgumentType]
        type_="azure-native:storage:Blob",
        name="blob",
        props={},
        opts=opts,
    )
    left = without_versions(args).opts.aliases or []
    assert (known in left) == kept
    assert "urn:known" in left and len(left) == 2 + kept


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

    monkeypatch.setattr(sdk, "invoke_async", invoke_async)
    monkeypatch.setattr(sdk, "PAUSES", (0, 0))
    return left


def test_a_half_written_state_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, WRITING, WRITING, {"prefix": "mlops"})
    assert asyncio.run(sdk._ask("readStackOutputs", "name"))["outputs"] == {"prefix": "mlops"}


@pytest.mark.parametrize("failures", [(BROKEN,), (WRITING, BROKEN), (WRITING,) * 3])
def test_what_lasts_or_is_another_failure_is_told(
    failures: tuple[Exception, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = answers(monkeypatch, *failures, {"prefix": "mlops"})
    with pytest.raises(Exception, match=str(failures[-1]).rpartition(": ")[2]):
        asyncio.run(sdk._ask("readStackOutputs", "name"))
    assert list(left) == [{"prefix": "mlops"}], "and not asked again"
