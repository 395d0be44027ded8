"""Merely decode the columns of Parquet files, a row group and a column at a time."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq


def decode(path: Path, group: int, name: str) -> int:
    """Rows of one column of one row group, decoded and dropped."""
    with pq.ParquetFile(
        path, read_dictionary=[name], pre_buffer=False, buffer_size=1 << 20
    ) as file:
        return sum(
            len(batch) for batch in file.iter_batches(65_536, [group], [name], use_threads=False)
        )


def main() -> None:
    """Decode all columns of the given files on all processors."""
    work = []
    for path in sys.argv[1:]:
        metadata = pq.read_metadata(path)
        names = metadata.schema.to_arrow_schema().names
        groups = range(metadata.num_row_groups)
        work += [(Path(path), group, name) for group in groups for name in names]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        print(sum(pool.map(lambda item: decode(*item), work)))


if __name__ == "__main__":
    main()
