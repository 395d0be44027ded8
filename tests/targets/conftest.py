"""Fixtures of the targets' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets import clouds


@pytest.fixture(params=sorted(clouds.TARGETS))
def target(request: pytest.FixtureRequest) -> str:
    """Every cloud in turn."""
    return request.param


@pytest.fixture
def platform(target: str, tmp_path: Path) -> Iterator[clouds.Platform]:
    """The target's stack, made but not up, on a cloud of its own; to be changed."""
    with clouds.platform(target, tmp_path) as made:
        yield made
