"""The endpoint: what every target must do."""

from __future__ import annotations

from typing import Any

from tests.contract.stacks import Stack
from tests.serving.servers import until
from training import deployment, release
from training.endpoint import endpoint_of


def deploy(stack: Stack, version: int) -> bool:
    """Release a version: the record, then the endpoint."""
    release.promote(stack.platform.store, stack.model, version, why="test")
    return resume(stack)


def resume(stack: Stack) -> bool:
    """Bring the endpoint to the newest record; whether there is an endpoint."""
    lines: list[str] = []
    return deployment.resume(stack.platform, stack.model, say=lines.append)[1]


def health(stack: Stack) -> dict[str, Any] | None:
    return endpoint_of(stack.platform).health(stack.platform, stack.model)


def serves(stack: Stack, version: int | None) -> bool:
    """Whether the endpoint says so; it may do so a moment later."""
    state = health(stack)
    return state is not None and state["in_service"] and state["version"] == version


def test_without_an_endpoint_nothing_is_deployed(stack: Stack) -> None:
    assert health(stack) is None
    assert not deploy(stack, stack.register())
    assert health(stack) is None


def test_an_endpoint_serves_what_is_released(stack: Stack) -> None:
    stack.serve()
    assert until(lambda: serves(stack, None))
    first, second = stack.register(), stack.register()
    for version in (first, second, first):
        assert deploy(stack, version)
        assert until(lambda: serves(stack, version))  # noqa: B023 called at once
    state = health(stack)
    assert state is not None and state["url"].startswith("http")


def test_a_deployment_can_be_repeated(stack: Stack) -> None:
    stack.serve()
    version = stack.register()
    assert deploy(stack, version)
    assert resume(stack)
    assert until(lambda: serves(stack, version))
