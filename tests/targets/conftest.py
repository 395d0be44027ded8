"""Fixtures of the targets' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.targets import clouds
from tests.targets.runners import RUNNERS, Local, Runner
from tests.targets.running import Results
from training.replay import flights

MONTHS = (1, 2, 3)
SHARE = 0.03
# A target's name to its stack, trained as the months arrived, and what each training decided.
Trained = Callable[[str], tuple[Any, list[Results]]]


@pytest.fixture(params=sorted(clouds.TARGETS))
def target(request: pytest.FixtureRequest) -> str:
    """Every cloud in turn."""
    return request.param


@pytest.fixture
def platform(target: str, tmp_path: Path) -> Iterator[clouds.Platform]:
    """The target's stack, made but not up, on a cloud of its own; to be changed."""
    with clouds.platform(target, tmp_path) as platform:
        yield platform


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Some flights of the year's first months."""
    folder = tmp_path_factory.mktemp("flights") / "months"
    flights.write_months(folder, SHARE)
    return [flights.month_file(folder, month) for month in MONTHS]


@pytest.fixture(scope="session")
def next_month(months: list[Path]) -> pd.DataFrame:
    """Flights of the month after: what the endpoint is asked."""
    return pd.read_parquet(flights.month_file(months[-1].parent, MONTHS[-1] + 1))


@pytest.fixture(scope="session")
def local_run(
    months: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Local, list[Results]]:
    """The stack on this computer, trained as the months arrived, and what it decided."""
    local = Local(tmp_path_factory.mktemp("local"), months[0])
    return local, _decisions(local, months)


@pytest.fixture(scope="session")
def reference(local_run: tuple[Local, list[Results]]) -> list[Results]:
    """What this computer decides as the months arrive."""
    return local_run[1]


@pytest.fixture(scope="session")
def trained(months: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """Brings a target's stack up and trains it, once."""
    with ExitStack() as up, pytest.MonkeyPatch.context() as patch:
        # A double does not need time between two looks.
        patch.setattr("training.runs.follow.POLL_SECONDS", 0.5)

        @cache
        def train(target: str) -> tuple[Any, list[Results]]:
            runner = up.enter_context(RUNNERS[target](tmp_path_factory.mktemp(target)))
            return runner, _decisions(runner, months)

        yield train


def _decisions(runner: Runner, months: list[Path]) -> list[Results]:
    decisions = []
    for month in months:
        runner.month(month)
        # At the time of its data: when drift is found, now, the cooldown of all of them is over.
        decisions.append(runner.run("training", as_of=f"{month.stem}-28"))
    return decisions
