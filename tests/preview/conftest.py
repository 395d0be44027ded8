"""Fixtures of the previews' tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.preview.repository import Repository


@pytest.fixture(autouse=True)
def warm_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine finds the tests' Pythons first."""
    monkeypatch.setenv("PATH", f"{warm.programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str], Repository]:
    """Makes a repository with the program of a cloud."""
    return lambda program: Repository(tmp_path / "repository", program)
