"""The metric of a model: a scikit-learn scorer, greater is better."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer, get_scorer_names

from training.errors import UserError


def name(scorer_name: str | None, task: str, target: pd.Series) -> str:
    """The metric's name: `scorer_name`, or the default of the task and the number of classes."""
    if scorer_name is not None:
        if scorer_name not in get_scorer_names():
            scorers = ", ".join(get_scorer_names())
            raise UserError(f"metric {scorer_name!r} is no scikit-learn scorer; allowed: {scorers}")
        return scorer_name
    if task == "regression":
        return "r2"
    return "roc_auc" if target.nunique() == 2 else "balanced_accuracy"


def check(metric: str, task: str, target: pd.Series) -> None:
    """Raise UserError if the metric cannot be computed for such a target: before any training."""
    inputs = pd.DataFrame({"x": [0.0] * len(target)})
    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    try:
        get_scorer(metric)(dummy.fit(inputs, target), inputs, target)
    except Exception as error:
        examples = ", ".join(map(repr, sorted(target.unique().tolist(), key=str)[:3]))
        raise UserError(
            f"metric {metric!r} does not fit a {task} of {target.name!r} ({examples}, ...): "
            f"{str(error).splitlines()[0]}"
        ) from None


def score(metric: str, estimator: Any, inputs: pd.DataFrame, target: pd.Series) -> float:
    """The metric of `estimator` on these rows; raises UserError if they have none.

    A number that is none would compare as worse than all others: a refusal that nobody decided.
    """
    value = float(get_scorer(metric)(estimator, inputs, target))
    if not math.isfinite(value):
        raise UserError(
            f"the metric {metric!r} of {len(target)} holdout rows is {value}: they have "
            f"{target.nunique()} different values of the target; hold out more rows "
            "(split.holdout), or choose another metric in the model's file"
        )
    return value


def baseline(
    metric: str,
    task: str,
    train: tuple[pd.DataFrame, pd.Series],
    holdout: tuple[pd.DataFrame, pd.Series],
) -> float:
    """The metric of a model that ignores its inputs: the class shares, or the mean."""
    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    return score(metric, dummy.fit(*train), *holdout)
