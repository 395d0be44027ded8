"""Making profiles: one streaming pass over a table, on several threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta, timezone

import pyarrow as pa

from training.arrow_table import Part, Table, kind_of
from training.drift.blocks import Blocks, BlockTally
from training.drift.columns import Column, Tally, merge_columns, tally_for
from training.drift.numeric import NumericColumn
from training.drift.profile import Profile, TimeRange
from training.drift.sketch import EXACT
from training.errors import UserError
from training.table_reader import Source, open_tables

Progress = Callable[[int, int], None]


def profile_table(
    source: Source,
    *,
    columns: Sequence[str] | None = None,
    time_column: str | None = None,
    reference: Profile | None = None,
    block: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Profile:
    """Profile a table in one streaming pass and bounded memory.

    Args:
        source: Path of a Parquet or CSV file, or of a folder of such files; a list of paths; a
            pyarrow Table or RecordBatch; a pandas DataFrame; an iterator of record batches.
        columns: The columns to count; all by default.
        time_column: Date or timestamp column that gives the time range; it is not compared itself.
        reference: Count into this profile's bins, as a window to compare with it; by its blocks
            too, if it has any.
        block: Column whose values mark rows that depend on each other (a day, an entity): count by
            block too. It is not compared itself.
        workers: Threads; by default the processors this process may use. The result does not depend
            on it.
        progress: Called with the number of parts read and of all parts.

    Returns:
        The profile. A column that some of the files lack counts as null in their rows.

    Raises:
        UserError: Not a table, no such column, or columns of one name with different kinds.
    """
    reference_columns = reference.columns if reference is not None else {}
    tables = open_tables(source, {name: column.kind for name, column in reference_columns.items()})
    if block is None and reference is not None and reference.blocks is not None:
        block = reference.blocks.column
    names = _counted_names(tables, columns, time_column, block)
    total = _Total(reference_columns, block)
    work = [
        (table, part) for table in tables for part in table.parts(_present(table, names), block)
    ]
    _run(total, work, workers or _processors(), progress)
    counted = total.finished(tables, names)
    time = None if time_column is None else _time_range(time_column, counted.pop(time_column))
    return Profile(dict(sorted(counted.items())), time, total.blocks(counted))


class _Total:
    """Adds up the columns of parts, in any order and from any thread."""

    def __init__(self, reference: Mapping[str, Column], block: str | None) -> None:
        self._reference = reference
        self._block = block
        self._blocks: dict[str, BlockTally] = {}
        self._columns: dict[str, Column] = {}
        self._streamed_rows = 0
        self._lock = threading.Lock()

    def count(self, table: Table, part: Part) -> None:
        """Count one part."""
        tallies = {name: self._tally(name, table.types[name]) for name in part.columns}
        blocks = self._block_tallies(table, part)
        block = self._block or ""
        for arrays in part.arrays():
            for name, tally in tallies.items():
                tally.add(arrays[name])
            for name, tally in blocks.items():
                tally.add(arrays[name], arrays[block])
        columns = {name: tally.column() for name, tally in tallies.items()}
        with self._lock:
            for name, column in columns.items():
                earlier = self._columns.get(name)
                self._columns[name] = (
                    column if earlier is None else merge_columns(name, earlier, column)
                )
            for name, tally in blocks.items():
                self._blocks[name] = tally.merged(self._blocks.get(name))
            if table.rows is None:
                self._streamed_rows += max(column.rows for column in columns.values())

    def _tally(self, name: str, type_: pa.DataType) -> Tally:
        """A tally that starts at the level that the column has reached elsewhere."""
        earlier = self._columns.get(name)
        cells = earlier.cells if isinstance(earlier, NumericColumn) else None
        return tally_for(type_, self._reference.get(name), EXACT if cells is None else cells.level)

    def _block_tallies(self, table: Table, part: Part) -> dict[str, BlockTally]:
        if self._block is None:
            return {}
        kinds = {name: kind_of(table.types[name]) for name in part.columns}
        return {
            name: BlockTally(kind in ("numeric", "datetime"), self._blocks.get(name))
            for name, kind in kinds.items()
            if kind not in ("empty", "other")
        }

    def blocks(self, names: Collection[str]) -> Blocks | None:
        """The counts by block of the named columns."""
        if self._block is None:
            return None
        earlier = {name: tally for name, tally in self._blocks.items() if name in names}
        return Blocks(
            self._block,
            {name: tally.values for name, tally in earlier.items()},
            {name: tally.missing for name, tally in earlier.items()},
        )

    def finished(self, tables: list[Table], names: list[str]) -> dict[str, Column]:
        """The columns over all rows: null where a table lacks a column."""
        rows = self._streamed_rows + sum(table.rows or 0 for table in tables)
        types = {
            name: table.types[name] for table in reversed(tables) for name in _present(table, names)
        }
        columns = {
            name: self._columns.get(name) or tally_for(types[name]).column() for name in names
        }
        return {name: column.with_missing(rows - column.rows) for name, column in columns.items()}


def _run(
    total: _Total, work: list[tuple[Table, Part]], workers: int, progress: Progress | None
) -> None:
    if workers == 1:
        for number, item in enumerate(work, start=1):
            total.count(*item)
            if progress is not None:
                progress(number, len(work))
        return
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(total.count, table, part) for table, part in work]
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                future.result()
                if progress is not None:
                    progress(number, len(futures))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _counted_names(
    tables: list[Table], columns: Sequence[str] | None, time_column: str | None, block: str | None
) -> list[str]:
    """The columns to count, the time column last."""
    present = list(dict.fromkeys(name for table in tables for name in table.types))
    required_names = [
        *(columns or []),
        *(name for name in (time_column, block) if name is not None),
    ]
    for name in required_names:
        if name not in present:
            raise UserError(f"no column {name!r} in {tables[0].name}; it has {', '.join(present)}")
    _check_block(tables, block)
    names = [name for name in dict.fromkeys(columns or present) if name != block]
    if time_column is None:
        return names
    return [*(name for name in names if name != time_column), time_column]


def _check_block(tables: list[Table], block: str | None) -> None:
    for table in tables:
        if block is not None and kind_of(table.types.get(block, pa.list_(pa.null()))) == "other":
            raise UserError(
                f"block column {block!r} of {table.name} is {table.types.get(block, 'absent')}; "
                "it must be text, a number, a date or a time in every file"
            )


def _present(table: Table, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in table.types]


def _time_range(name: str, column: Column) -> TimeRange:
    if not isinstance(column, NumericColumn) or column.kind != "datetime":
        raise UserError(
            f"time column {name!r} is {column.kind} ({column.type}); it must be a date or timestamp"
        )
    start, end = column.span or (None, None)
    return TimeRange(name, _iso(start), _iso(end))


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
