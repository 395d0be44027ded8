"""Tables as parts of bounded size that can be counted in any order.

A part of a Parquet file is one column of some row groups; of a CSV file or a stream it is all the
columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from training.errors import UserError

BATCH_ROWS = 262_144

Types = Mapping[str, pa.DataType]
Arrays = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Part:
    """Some rows of some columns.

    Args:
        columns: The columns to count.
        arrays: Reads them: batches of arrays by column name.
    """

    columns: tuple[str, ...]
    arrays: Callable[[], Iterator[Arrays]]


@dataclass(frozen=True)
class Table:
    """A file, or a table in memory.

    Args:
        name: What to call it in a message.
        types: Arrow type of each column.
        rows: Its rows if known before reading, else None.
        parts: Splits given columns into parts; a further column is read beside each of them.
        batches: Reads given columns side by side, row by row in order.
    """

    name: str
    types: Types
    rows: int | None
    parts: Callable[[Sequence[str], str | None], list[Part]]
    batches: Callable[[Sequence[str]], Iterator[Arrays]]


def arrays_of(batch: pa.RecordBatch) -> Arrays:
    """A batch's columns by name."""
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def types_of(schema: pa.Schema) -> Types:
    """A schema's types by name.

    Raises:
        UserError: Two columns have the same name.
    """
    repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if repeated:
        raise UserError(f"the table has more than one column named {', '.join(repeated)}")
    return dict(zip(schema.names, schema.types, strict=True))
