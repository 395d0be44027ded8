"""Evidently's DataDriftPreset on two Parquet files."""

from __future__ import annotations

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

reference, window = (pd.read_parquet(path) for path in sys.argv[1:3])
result = Report([DataDriftPreset()]).run(window, reference)
print(len(result.json()))
