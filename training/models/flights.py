"""Will a flight from New York arrive more than 15 minutes late?

Only what is known before departure: schedule, route, carrier, plane, and the weather of the
scheduled hour. Departure delay, arrival time and air time would leak the answer.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

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


def estimator(numeric: list[str], categorical: list[str], task: str) -> BaseEstimator:
    """Gradient-boosted trees that stop early: months differ more than more trees can learn."""
    columns = ColumnTransformer(
        [
            ("numeric", "passthrough", numeric),
            (
                "categorical",
                OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
                categorical,
            ),
        ]
    )
    trees = HistGradientBoostingClassifier(random_state=0)
    return Pipeline([("columns", columns), ("trees", trees)])
