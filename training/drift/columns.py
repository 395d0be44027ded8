"""The kinds of columns, and what all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from training.arrow_table import kind_of, type_name
from training.drift.categorical import CategoryColumn, CategoryTally
from training.drift.numeric import NumericColumn, NumericTally
from training.drift.sketch import EXACT
from training.errors import UserError


@dataclass(frozen=True)
class OtherColumn:
    """A column whose values are not compared: only its nulls are counted.

    Args:
        kind: ``empty`` where no row has a value and no type is known, else ``other`` (lists,
            structs, binary).
        type: The column's type in the table.
        rows: Rows, the missing ones included.
        nulls: Null rows.
    """

    kind: str
    type: str
    rows: int
    nulls: int

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.nulls

    def merged(self, other: OtherColumn) -> OtherColumn:
        """The column of the rows of both."""
        kind = "|".join(sorted({*self.type.split("|"), *other.type.split("|")}))
        return OtherColumn(self.kind, kind, self.rows + other.rows, self.nulls + other.nulls)

    def with_missing(self, rows: int) -> OtherColumn:
        """The column with further null rows."""
        return OtherColumn(self.kind, self.type, self.rows + rows, self.nulls + rows)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": self.kind, "type": self.type, "rows": self.rows, "nulls": self.nulls}


class OtherTally:
    """Counts the nulls of a column."""

    def __init__(self, kind: str, type_: str) -> None:
        self._kind, self._type = kind, type_
        self._rows = self._nulls = 0

    def add(self, array: pa.Array) -> None:
        """Count an Arrow array of any type."""
        self._rows += len(array)
        self._nulls += array.null_count

    def column(self) -> OtherColumn:
        """The column as counted so far."""
        return OtherColumn(self._kind, self._type, self._rows, self._nulls)


Column = NumericColumn | CategoryColumn | OtherColumn
Tally = NumericTally | CategoryTally | OtherTally


def tally_for(type_: pa.DataType, reference: Column | None = None, level: int = EXACT) -> Tally:
    """An empty tally for a column, into the bins of a reference of the same kind."""
    kind = kind_of(type_)
    if kind in ("numeric", "datetime"):
        if isinstance(reference, NumericColumn) and reference.kind == kind:
            return NumericTally(kind, type_name(type_), reference)
        return NumericTally(kind, type_name(type_), level=level)
    if kind in ("categorical", "boolean"):
        return CategoryTally(kind, type_name(type_))
    return OtherTally(kind, type_name(type_))


def merge_columns(name: str, a: Column, b: Column) -> Column:
    """The column of the rows of both.

    Raises:
        UserError: Both hold values of different kinds, or were counted into different bins.
    """
    if b.kind == "empty":
        return a.with_missing(b.rows)
    if a.kind == "empty":
        return b.with_missing(a.rows)
    if a.kind != b.kind:
        raise UserError(
            f"column {name!r} is {a.kind} ({a.type}) in one part and {b.kind} ({b.type}) in "
            "another; a column must be of one kind everywhere"
        )
    merged = a.merged(b)  # type: ignore[arg-type]  # the same kind is the same class
    if merged is None:
        raise UserError(
            f"column {name!r} was counted into different bins; profile every part alone, "
            "or every part with the same reference"
        )
    return merged


def column_from_dict(data: dict[str, Any]) -> Column:
    """The inverse of a column's `to_dict`."""
    if data["kind"] in ("numeric", "datetime"):
        return NumericColumn.from_dict(data)
    if data["kind"] in ("categorical", "boolean"):
        return CategoryColumn.from_dict(data)
    return OtherColumn(data["kind"], data["type"], data["rows"], data["nulls"])
