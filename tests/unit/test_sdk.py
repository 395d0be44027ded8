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


@pytest.mark.parametrize(("kind", "is_kept"), KINDS.items())
def test_only_aliases_of_old_api_versions_are_left_out(kind: str, is_kept: bool) -> None:
    alias = pulumi.Alias(type_=kind)
    opts = pulumi.ResourceOptions(aliases=[alias, pulumi.Alias(name="before"), "urn:known"])
    args = pulumi.ResourceTransformationArgs(
        resource=None,  # pyright: ignore[reportArgumentType]
        type_="azure-native:storage:Blob",
        name="blob",
        props={},
        opts=opts,
    )
    aliases = without_versions(args).opts.aliases or []
    assert (alias in aliases) == is_kept
    assert "urn:known" in aliases and len(aliases) == 2 + is_kept


WRITING = Exception("invoke of ... failed: failed to load checkpoint: EOF")
BROKEN = Exception("invoke of ... failed: no such stack")


def answers(monkeypatch: pytest.MonkeyPatch, *results: Any) -> Iterator[Any]:
    """What the engine says, call by call; what is left of it."""
    remaining_results = iter(results)

    async def invoke_async(token: str, options: dict[str, str]) -> Any:
        result = next(remaining_results)
        if isinstance(result, Exception):
            raise result
        return {"outputs": result, **options}

    monkeypatch.setattr(sdk, "invoke_async", invoke_async)
    monkeypatch.setattr(sdk, "PAUSES", (0, 0))
    return remaining_results


def test_a_half_written_state_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, WRITING, WRITING, {"prefix": "mlops"})
    assert asyncio.run(sdk._ask("readStackOutputs", "name"))["outputs"] == {"prefix": "mlops"}


@pytest.mark.parametrize("failures", [(BROKEN,), (WRITING, BROKEN), (WRITING,) * 3])
def test_what_lasts_or_is_another_failure_is_told(
    failures: tuple[Exception, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    remaining_results = answers(monkeypatch, *failures, {"prefix": "mlops"})
    with pytest.raises(Exception, match=str(failures[-1]).rpartition(": ")[2]):
        asyncio.run(sdk._ask("readStackOutputs", "name"))
    assert list(remaining_results) == [{"prefix": "mlops"}], "and not asked again"
