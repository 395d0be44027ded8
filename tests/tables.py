"""Small real tables for tests, from scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.datasets import load_breast_cancer, load_diabetes


def write_classification(path: Path) -> dict[str, Any]:
    """Breast cancer, 569 rows; returns the settings of a stack that learns it."""
    load_breast_cancer(as_frame=True).frame.to_csv(path, index=False)
    return {
        "target": "local",
        "model": "cancer",
        "data": {"location": path.name, "target": "target", "task": "classification"},
        "approval": "automatic",
    }


def write_regression(path: Path) -> dict[str, Any]:
    """Diabetes, 442 rows; returns the settings of a stack that learns it."""
    load_diabetes(as_frame=True).frame.to_parquet(path, index=False)
    return {
        "target": "local",
        "model": "diabetes",
        "data": {"location": path.name, "target": "target", "task": "regression"},
        "approval": "automatic",
    }
