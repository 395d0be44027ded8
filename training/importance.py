"""Importance of a model's inputs: what its metric loses where an input's values are shuffled.

Permutation importance, as scikit-learn defines it (scikit-learn.org/stable/modules/
permutation_importance.html), on held-out rows: it works for every estimator and in the metric's own
unit. Inputs that say the same share their importance, or hide each other's.
"""

from __future__ import annotations

import time
import warnings

import pandas as pd
from sklearn.inspection import permutation_importance

from training import metrics
from training.predictor import Predictor

MOST_ROWS = 2000
REPEATS = 2
# A slow estimator is asked about fewer rows, for about so long.
SECONDS = 20.0
FEWEST_ROWS = 100


def importances(
    metric: str, model: Predictor, rows: pd.DataFrame, target: str
) -> dict[str, float] | str:
    """The loss of the metric by input column, the largest first; or why there is none.

    Args:
        metric: Name of the metric, in which more is better.
        model: The fitted model.
        rows: Held-out rows, its inputs and the target among them.
        target: The target's column.
    """
    sample = rows if len(rows) <= MOST_ROWS else rows.sample(MOST_ROWS, random_state=0)
    names = [column.name for column in model.columns]
    try:
        start = time.monotonic()
        metrics.score(metric, model.estimator, model.frame(sample), sample[target])
        seconds = (time.monotonic() - start) * REPEATS * len(names)
        if seconds > SECONDS:
            most = max(FEWEST_ROWS, int(len(sample) * SECONDS / seconds))
            sample = sample.sample(min(most, len(sample)), random_state=0)
        with warnings.catch_warnings():
            # An encoder warns of each category that it does not know.
            warnings.simplefilter("ignore", UserWarning)
            result = permutation_importance(
                model.estimator,
                model.frame(sample),
                sample[target],
                scoring=metric,
                n_repeats=REPEATS,
                random_state=0,
            )
    except Exception as error:
        # The estimator and the metric are a team's own; the gate will say what is wrong with them.
        return f"{type(error).__name__}: {error}"
    losses = {
        name: float(f"{loss:.4g}")
        for name, loss in zip(names, result.importances_mean.tolist(), strict=True)
        if loss == loss  # not of a sample in which the metric is undefined
    }
    return dict(sorted(losses.items(), key=lambda item: (-item[1], item[0])))
