"""Fixtures of the previews' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.preview.repository import Repository


@pytest.fixture(autouse=True)
def programs(warm_programs: None) -> None:
    """The engine finds the tests' Pythons first."""


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str], Repository]:
    """Makes a repository with the program of a cloud."""
    return lambda program: Repository(tmp_path / "repository", program)
