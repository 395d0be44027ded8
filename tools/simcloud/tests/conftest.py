"""Fixtures of the simulated cloud's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from life import Begin, Life
from pulumi_simcloud.harness import SimCloud
from samples import SETTINGS

PACKAGES = {"aws": "aws", "azure": "azure-native", "gcp": "gcp"}


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts a cloud and a stack of one of the programs on it."""
    with ExitStack() as stack:

        def make(program: str, **config: str) -> tuple[SimCloud, Life]:
            folder = tmp_path / program
            cloud = stack.enter_context(SimCloud(folder / "cloud"))
            package = PACKAGES[program]
            settings = {f"{package}__{key}": value for key, value in SETTINGS[package].items()}
            return cloud, Life(folder, program, cloud, **{**settings, **config})

        yield make
