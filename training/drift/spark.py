"""Profiles on Apache Spark: one per partition on the executors, merged on the driver.

The executors need this package, NumPy and pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from training.drift.profile import Profile
from training.drift.profiling import profile_table
from training.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame  # pyright: ignore[reportMissingImports]


def profile_spark(
    frame: DataFrame,
    *,
    columns: Sequence[str] | None = None,
    time_column: str | None = None,
    reference: Profile | None = None,
    block: str | None = None,
) -> Profile:
    """Profile a Spark data frame; bit-identical to one pass over the same rows.

    Args:
        frame: The data frame, of Spark 3.3 or later.
        columns: As of `training.drift.profile_table`.
        time_column: As there.
        reference: As there.
        block: As there.

    Raises:
        UserError: As there.
    """
    if block is None and reference is not None and reference.blocks is not None:
        block = reference.blocks.column
    further = [name for name in (time_column, block) if name is not None]
    names = list(dict.fromkeys([*(frame.columns if columns is None else columns), *further]))
    for name in names:
        if name not in frame.columns:
            raise UserError(f"no column {name!r} in the frame; it has {', '.join(frame.columns)}")
    reference_json = None if reference is None else reference.to_json()

    def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        first = next(batches, None)
        if first is None:
            return
        profile = profile_table(
            _chained(first, batches),
            columns=columns,
            time_column=time_column,
            reference=None if reference_json is None else Profile.from_json(reference_json),
            block=block,
            workers=1,
        )
        yield pa.RecordBatch.from_arrays([pa.array([profile.to_json()])], ["profile"])

    selected = frame.select(*[f"`{name}`" for name in names])
    merged = Profile()
    for row in selected.mapInArrow(counted, "profile string").toLocalIterator():
        merged = merged.merge(Profile.from_json(row["profile"]))
    return merged


def _chained(
    first: pa.RecordBatch, remainder: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    yield first
    yield from remainder
