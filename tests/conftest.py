"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

# Before scikit-learn starts its threads: sums of several threads differ in their last digits, and
# tests that run side by side would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from tests.project import Project
from tests.tables import write_classification


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
