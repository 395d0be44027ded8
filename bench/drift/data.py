"""The benchmark's tables: 20 columns of numbers and 5 of categories."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LEVELS = (3, 8, 20, 50, 200)
ROW_GROUP = 1_000_000


def write(path: Path, rows: int, seed: int) -> None:
    """Write a table with the same distribution for every seed, a million rows at a time."""
    if path.exists():
        return
    random = np.random.default_rng(seed)
    part = path.with_suffix(".part")
    writer = None
    for start in range(0, rows, ROW_GROUP):
        rows_of_part = table(random, min(ROW_GROUP, rows - start))
        writer = writer or pq.ParquetWriter(part, rows_of_part.schema)
        writer.write_table(rows_of_part, row_group_size=ROW_GROUP)
    if writer is not None:
        writer.close()
    part.rename(path)


def table(random: np.random.Generator, rows: int) -> pa.Table:
    """So many rows of 20 normal columns and 5 of even categories."""
    columns = {f"n{index:02}": pa.array(random.normal(size=rows)) for index in range(20)}
    for levels in LEVELS:
        names = pa.array([f"level {level}" for level in range(levels)])
        indices = pa.array(random.integers(0, levels, rows).astype(np.int32))
        coded = pa.DictionaryArray.from_arrays(indices, names)
        columns[f"c{levels:03}"] = coded.cast(pa.string())
    return pa.table(columns)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
