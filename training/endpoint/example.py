"""The input example of a version: typical values, and what the model answered to them at first.

A release is verified by it: the endpoint has to answer it as the model did when it was trained.
It is a row of nobody: of each column the median, or the most frequent value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from training.endpoint import RefusedError

if TYPE_CHECKING:
    import pandas as pd

    from training.predictor import Predictor

# Two computers may differ in the last digits of a sum, and a compiled predictor agrees within 1e-6.
RELATIVE, ABSOLUTE = 1e-5, 2e-6


def typical(rows: pd.DataFrame, predictor: Predictor) -> dict[str, Any]:
    """The example of a model trained on `rows`: ``{"inputs", "prediction", "score"}``."""
    import pandas as pd

    from training.model_inputs import CATEGORICAL

    inputs: dict[str, Any] = {}
    for column in predictor.columns:
        values = rows[column.name].dropna()
        if values.empty:
            inputs[column.name] = None
        elif column.kind == CATEGORICAL:
            inputs[column.name] = str(values.mode().iloc[0])
        elif set(values.unique()) <= {0, 1}:
            inputs[column.name] = float(values.mode().iloc[0])
        else:
            # A value that occurs, so that whole numbers stay whole.
            inputs[column.name] = float(values.quantile(0.5, interpolation="lower"))
    labels, scores = predictor.predict(predictor.frame(pd.DataFrame([inputs])))
    return {"inputs": inputs, "prediction": labels.tolist()[0], "score": float(scores[0])}


def body(example: Mapping[str, Any]) -> dict[str, Any]:
    """The request that asks for the example."""
    return {"instances": [example["inputs"]]}


def check(example: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Raise RefusedError unless the answer is what the model gave at first."""
    original = (example["prediction"], example["score"])
    try:
        actual = (answer["predictions"][0], answer["scores"][0])
    except (KeyError, IndexError, TypeError):
        raise RefusedError(f"the input example is answered with {answer!r}") from None
    if not all(_equal(a, b) for a, b in zip(original, actual, strict=True)):
        raise RefusedError(
            f"the input example is answered with {actual[0]!r}, score {actual[1]!r}; when it was "
            f"registered the model gave {original[0]!r}, score {original[1]!r}"
        )


def _equal(original: Any, actual: Any) -> bool:
    numbers = all(
        isinstance(v, (int, float)) and not isinstance(v, bool) for v in (original, actual)
    )
    if not numbers:
        return original == actual
    return math.isclose(original, actual, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
