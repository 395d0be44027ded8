"""The model for any table without a file of its own: gradient-boosted trees.

Missing values and categories not seen in training are handled by the trees themselves.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

SEED = 20130101


def estimator(numeric: list[str], categorical: list[str], task: str) -> BaseEstimator:
    """Numeric columns as they are, categories as ordered codes, then boosted trees."""
    trees = (
        HistGradientBoostingClassifier
        if task == "classification"
        else HistGradientBoostingRegressor
    )
    return Pipeline(
        [("columns", encoded(numeric, categorical)), ("trees", trees(random_state=SEED))]
    )


def encoded(numeric: list[str], categorical: list[str]) -> ColumnTransformer:
    """The columns as numbers; a category not seen in training is -1."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(
        [("numeric", "passthrough", numeric), ("categorical", codes, categorical)]
    )
