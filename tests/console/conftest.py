"""Fixtures: a stack of three versions, and a browser in its console."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.console.browsers import Browser, make_console
from tests.serving.platforms import make_platform, register, register_champion
from training.platform import Platform


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The stack that each test gets a copy of."""
    platform = make_platform(tmp_path_factory.mktemp("original"))
    for _ in range(2):
        register_champion(platform)
    register(platform)
    return platform


@pytest.fixture
def stack(original: Platform, tmp_path: Path) -> Platform:
    """Version 2 is the champion, 1 was before it, 3 waits for approval."""
    root = shutil.copytree(original.root, tmp_path / "stack")
    return Platform(root, original.document)


@pytest.fixture
def browser(stack: Platform) -> Browser:
    """A browser that was let in."""
    return Browser(make_console(stack)).enter()
