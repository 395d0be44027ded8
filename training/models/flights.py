"""Will a flight from New York arrive more than 15 minutes late?

Only what is known before departure: schedule, route, carrier, plane, and the weather of the
scheduled hour. Departure delay, arrival time and air time would leak the answer.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from training.models.default import SEED, encoded

INPUTS = [
    "sched_dep_hour",
    "sched_minutes",
    "weekday",
    "distance",
    "plane_year",
    "seats",
    "temp",
    "dewp",
    "humid",
    "wind_speed",
    "precip",
    "pressure",
    "visib",
    "carrier",
    "origin",
    "dest",
]
METRIC = "roc_auc"


# What a few flights have in common is chance, and gone next month.
MIN_FLIGHTS_A_LEAF = 200


def estimator(numeric: list[str], categorical: list[str], task: str) -> BaseEstimator:
    """Gradient-boosted trees whose leaves hold many flights."""
    trees = HistGradientBoostingClassifier(min_samples_leaf=MIN_FLIGHTS_A_LEAF, random_state=SEED)
    return Pipeline([("columns", encoded(numeric, categorical)), ("trees", trees)])
