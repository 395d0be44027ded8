"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Before scikit-learn starts its threads: sums of several threads differ in their last digits, and
# tests that run side by side would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.project import Project
from tests.tables import write_classification

# Modules that look at the same stack on AWS, which takes a minute to bring up and train. In this
# order: the last one sets all alarms off, under which nothing can be released.
TOGETHER = (
    "targets/test_same_decision.py",
    "targets/aws/test_permissions.py",
    "targets/aws/test_serving.py",
    "targets/aws/test_alarms.py",
)
# The longest first, so that no process is left with one of them when the others are done.
LONGEST = (
    *TOGETHER,
    "targets/test_life.py",
    "preview/test_edits.py",
    "targets/test_changes.py",
    "../tools/simcloud/tests/test_engine.py",
    "engine/test_local_stack.py",
    "test_types.py",
    "e2e/test_replay.py",
    "e2e/test_kill.py",
)


class ByModule(LoadScopeScheduling):
    """Side by side, each process takes a whole module, and those in `TOGETHER` as one."""

    def _split_scope(self, nodeid: str) -> str:
        scope = super()._split_scope(nodeid)
        return TOGETHER[0] if scope.endswith(TOGETHER) else scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """The scheduler of `--dist loadscope`."""
    return ByModule(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run modules by their length; within one, tests keep their order."""
    folder = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        module = Path(os.path.relpath(item.path, folder)).as_posix()
        return LONGEST.index(module) if module in LONGEST else len(LONGEST)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def cancer_up(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose stack `local` is up on the breast cancer table; not to be changed."""
    project = Project.make(tmp_path_factory.mktemp("cancer") / "project")
    project.stack("local", write_classification(project.path / "cancer.csv"))
    project.up("local")
    return project


@pytest.fixture(scope="session")
def cancer_trained(cancer_up: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with version 1 trained and released; not to be changed."""
    project = cancer_up.copy(tmp_path_factory.mktemp("trained") / "project")
    project.mlops("retrain")
    return project


@pytest.fixture
def cancer(cancer_up: Project, tmp_path: Path) -> Project:
    """A copy of `cancer_up` to change."""
    return cancer_up.copy(tmp_path / "project")


@pytest.fixture
def trained(cancer_trained: Project, tmp_path: Path) -> Project:
    """A copy of `cancer_trained` to change."""
    return cancer_trained.copy(tmp_path / "project")
