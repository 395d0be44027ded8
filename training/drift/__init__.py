"""Drift detection: profiles of tables, and verdicts from comparing them.

reference = profile_table("training.parquet")
window = profile_table("last_week/", reference=reference)
report = compare(reference, window)
report.verdict                        # "no_drift", "drift" or "insufficient_data"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.drift.comparison import compare
    from training.drift.performance import PerformanceDrift, performance_drift
    from training.drift.profile import Profile
    from training.drift.profiling import profile_table
    from training.drift.report import html_page
    from training.drift.thresholds import Thresholds
    from training.drift.verdict import DriftReport, FeatureDrift, Finding, readable_reports

__all__ = [
    "DriftReport",
    "FeatureDrift",
    "Finding",
    "PerformanceDrift",
    "Profile",
    "Thresholds",
    "compare",
    "html_page",
    "performance_drift",
    "profile_table",
    "readable_reports",
]

_HOMES = {
    "DriftReport": "verdict",
    "FeatureDrift": "verdict",
    "Finding": "verdict",
    "PerformanceDrift": "performance",
    "Profile": "profile",
    "Thresholds": "thresholds",
    "compare": "comparison",
    "html_page": "report",
    "performance_drift": "performance",
    "profile_table": "profiling",
    "readable_reports": "verdict",
}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that a command line starts without NumPy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
