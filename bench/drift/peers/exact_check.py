"""Exact Kolmogorov-Smirnov and chi-square tests with pandas and SciPy on two Parquet files."""

from __future__ import annotations

import sys

import pandas as pd
from scipy import stats

reference, window = (pd.read_parquet(path) for path in sys.argv[1:3])
for name in reference.columns:
    a, b = reference[name], window[name]
    if pd.api.types.is_numeric_dtype(a):
        p_value = stats.ks_2samp(a, b, method="asymp")[1]
    else:
        counts = pd.concat([a.value_counts(), b.value_counts()], axis=1).fillna(0)
        p_value = stats.chi2_contingency(counts.T)[1]
    print(name, p_value)
