"""The input example of a version, as docs/releases.md has it: what it is, and what equals it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from training.endpoint import RefusedError, example
from training.model_inputs import Column
from training.predictor import Predictor


class Sizes:
    """An estimator that answers with the size."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["size"].to_numpy() * 2


def test_the_example_is_a_typical_row_and_its_answer() -> None:
    kinds = {"size": "numeric", "flag": "numeric", "new": "boolean", "color": "categorical",
             "empty": "numeric"}  # fmt: skip
    rows = pd.DataFrame({
        "size": [1.0, 2.0, 40.0, 50.0], "flag": [1.0, 1.0, 0.0, 1.0],
        "new": [0.0, 0.0, 1.0, np.nan], "color": ["red", "blue", "red", None],
        "empty": [np.nan] * 4,
    })  # fmt: skip
    predictor = Predictor(Sizes(), [Column(*pair) for pair in kinds.items()], "regression", 3)
    one = example.typical(rows, predictor)
    # A value that occurs: the lower of two in the middle, of flags and words the most frequent.
    inputs = {"size": 2.0, "flag": 1.0, "new": 0.0, "color": "red", "empty": None}
    assert one == {"inputs": inputs, "prediction": 4.0, "score": 4.0}
    assert example.body(one) == {"instances": [inputs]}


@pytest.mark.parametrize(
    ("predictions", "scores", "is_same"),
    [
        (["a"], [0.5], True), (["a"], [0.5 + 1e-6], True), (["a"], [0.500004], True),
        (["a"], [0.50002], False), (["b"], [0.5], False), (["a"], [], False), ([], [0.5], False),
        (["a"], ["0.5"], False), (["a"], [True], False), (None, [0.5], False),
    ],
)  # fmt: skip
def test_an_answer_is_that_of_first_within_rounding(
    predictions: Any, scores: Any, is_same: bool
) -> None:
    first = {"inputs": {}, "prediction": "a", "score": 0.5}
    answer = {"predictions": predictions, "scores": scores}
    if is_same:
        example.check(first, answer)
        return
    with pytest.raises(RefusedError, match="the input example is answered with"):
        example.check(first, answer)


@pytest.mark.parametrize(("score", "is_same"), [(1e-6, True), (3e-6, False), (0.0, True)])
def test_numbers_near_zero_may_differ_by_what_a_compiled_predictor_does(
    score: float, is_same: bool
) -> None:
    first = {"inputs": {}, "prediction": 1, "score": 0.0}
    answer = {"predictions": [1.0], "scores": [score]}
    if is_same:
        example.check(first, answer)
    else:
        with pytest.raises(RefusedError):
            example.check(first, answer)
