"""Metrics that are no numbers decide nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from training import metrics
from training.errors import UserError

TABLE = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
BOTH, ONE = pd.Series([0, 1, 0, 1]), pd.Series([1, 1, 1, 1])


@pytest.mark.filterwarnings("ignore:Only one class is present")
def test_a_holdout_with_one_class_has_no_roc_auc() -> None:
    assert metrics.baseline("roc_auc", "classification", (TABLE, BOTH), (TABLE, BOTH)) == 0.5
    with pytest.raises(UserError, match=r"'roc_auc' of 4 holdout rows is nan: .* 1 different"):
        metrics.baseline("roc_auc", "classification", (TABLE, BOTH), (TABLE, ONE))
