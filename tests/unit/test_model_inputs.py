"""The input columns of a model, as its estimator takes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training import model_inputs
from training.model_inputs import BOOLEAN, CATEGORICAL, NUMERIC, Column


def test_an_estimator_takes_numbers_and_texts_of_the_columns_in_their_order() -> None:
    frame = pd.DataFrame(
        {
            "word": pd.Series(["a", None, np.nan], dtype=object),
            "n": pd.Series(["1", 2, None], dtype=object),
            "flag": [True, False, True],
            "code": pd.Series([1, None, "x"], dtype=object),
            "more": [1, 2, 3],
        }
    ).set_axis([7, 5, 3])
    columns = [
        Column("n", NUMERIC), Column("flag", BOOLEAN), Column("word", CATEGORICAL),
        Column("code", CATEGORICAL),
    ]  # fmt: skip
    taken = model_inputs.model_frame(frame, columns)
    assert list(taken) == ["n", "flag", "word", "code"] and list(taken.index) == [7, 5, 3]
    assert taken["n"].dtype == taken["flag"].dtype == "float64"
    assert taken["n"].tolist()[:2] == [1, 2] and np.isnan(taken["n"][3])
    assert taken["flag"].tolist() == [1, 0, 1]
    assert taken["word"].tolist()[:1] == ["a"] and taken["word"].isna().tolist()[1:] == [True] * 2
    assert taken["code"].dropna().to_dict() == {7: "1", 3: "x"}
