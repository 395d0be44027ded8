"""NannyML's univariate drift calculator on two Parquet files."""

from __future__ import annotations

import sys

import nannyml as nml
import pandas as pd

reference, window = (pd.read_parquet(path) for path in sys.argv[1:3])
calculator = nml.UnivariateDriftCalculator(
    column_names=list(reference.columns),
    continuous_methods=["jensen_shannon"],
    categorical_methods=["jensen_shannon"],
)
print(len(calculator.fit(reference).calculate(window).to_df()))
