"""Throughput of the reader of tables beside pandas' and pyarrow's: ``python -m bench.tables.read``.

A million rows of six columns of numbers, two of words, one of truth values and one of times, as CSV
and as Parquet; rounds in turns, the best of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pyarrow import csv

from training import table
from training.drift import profile_table

ROWS = 1_000_000
ROUNDS = 3


def main() -> None:
    """Print a line for each reader."""
    argparse.ArgumentParser(prog="python -m bench.tables.read", description=__doc__).parse_args()
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{n}": random.normal(size=ROWS).round(6) for n in range(6)})
    frame["w1"] = random.choice(["red", "green", "blue"], ROWS)
    frame["w2"] = random.choice([f"word {n}" for n in range(5000)], ROWS)
    frame["flag"] = random.random(ROWS) < 0.5
    frame["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(ROWS), "s")
    with TemporaryDirectory() as folder:
        text, binary = Path(folder) / "t.csv", Path(folder) / "t.parquet"
        frame.to_csv(text, index=False)
        frame.to_parquet(binary, index=False)
        readers: dict[str, Callable[[], object]] = {
            "CSV, pandas": lambda: pd.read_csv(text, low_memory=False),
            "CSV, pyarrow, one thread": lambda: csv.read_csv(
                text, csv.ReadOptions(use_threads=False)
            ),
            "CSV, training": lambda: table.read(text),
            "CSV, drift profile": lambda: profile_table(text),
            "Parquet, pandas": lambda: pd.read_parquet(binary),
            "Parquet, pyarrow": lambda: pq.read_table(binary, use_threads=False),
            "Parquet, training": lambda: table.read(binary),
            "Parquet, drift profile": lambda: profile_table(binary),
        }
        best = dict.fromkeys(readers, float("inf"))
        for _ in range(ROUNDS):
            for name, read in readers.items():
                start = time.process_time()
                read()
                best[name] = min(best[name], time.process_time() - start)
        print(
            f"CSV {text.stat().st_size / 1e6:.0f} MB, Parquet {binary.stat().st_size / 1e6:.0f} MB"
        )
        for name, seconds in best.items():
            print(f"| {name} | {seconds:.2f} | {ROWS / seconds / 1e6:.2f} |")


if __name__ == "__main__":
    main()
