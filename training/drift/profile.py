"""The profile of a table: what a drift check needs to know of a reference or a window."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from training.drift.blocks import Blocks
from training.drift.columns import Column, column_from_dict, merge_columns
from training.errors import UserError

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class TimeRange:
    """From when to when a table's rows are.

    Args:
        column: The time column.
        start: The earliest time, ISO 8601 in UTC, or None if there is none.
        end: The latest time, likewise.
    """

    column: str
    start: str | None
    end: str | None


@dataclass(frozen=True, eq=False)
class Profile:
    """Counts of a table's columns; immutable.

    Merging is exact: the profile of a whole equals the merged profiles of its parts, bit by bit,
    whatever the parts and their order.

    Args:
        columns: What was counted of each column, by name.
        time_range: From when to when the rows are, if a time column was named.
        blocks: Counts by block, if a block column was named.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    time_range: TimeRange | None = None
    blocks: Blocks | None = None

    @property
    def rows(self) -> int:
        """Rows of the table; of the longer one for joined profiles."""
        return max((column.rows for column in self.columns.values()), default=0)

    @property
    def schema_hash(self) -> str:
        """SHA-256 of the columns' names and kinds, in hexadecimal."""
        kinds = sorted((name, column.kind) for name, column in self.columns.items())
        return hashlib.sha256(json.dumps(kinds).encode()).hexdigest()

    def merge(self, other: Profile) -> Profile:
        """The profile of the rows of both.

        A column that only one of the tables has counts as null in the other's rows.

        Raises:
            UserError: A column is of different kinds or was counted into different bins.
        """
        if not self.columns or not other.columns:
            return self if self.columns else other
        names = [*self.columns, *(name for name in other.columns if name not in self.columns)]
        return Profile(
            {name: _merged(name, self, other) for name in sorted(names)},
            _joint_range(self.time_range, other.time_range),
            _joint_blocks(self.blocks, other.blocks),
        )

    def select(self, names: Iterable[str]) -> Profile:
        """Only the named columns.

        Raises:
            UserError: A column is not in the profile.
        """
        names = list(names)
        for name in names:
            if name not in self.columns:
                raise UserError(
                    f"no column {name!r} in the profile; it has {', '.join(self.columns)}"
                )
        columns = {name: self.columns[name] for name in sorted(names)}
        return replace(self, columns=columns, blocks=self.blocks and self.blocks.select(names))

    def join(self, other: Profile) -> Profile:
        """The columns of both side by side; each keeps the counts of its own rows.

        Raises:
            UserError: Both have a column of the same name.
        """
        shared = sorted(set(self.columns) & set(other.columns))
        if shared:
            raise UserError(
                f"both profiles have the columns {', '.join(shared)}; join needs different names"
            )
        columns = dict(sorted({**self.columns, **other.columns}.items()))
        return Profile(
            columns,
            _joint_range(self.time_range, other.time_range),
            _joint_blocks(self.blocks, other.blocks),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_json(self) -> str:
        """As compact JSON; equal profiles give equal text."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "rows": self.rows,
            "schema_hash": self.schema_hash,
            "time_range": None if self.time_range is None else vars(self.time_range),
            "columns": {name: column.to_dict() for name, column in sorted(self.columns.items())},
            "blocks": None if self.blocks is None else self.blocks.to_dict(),
        }
        return json.dumps(document, separators=(",", ":"), allow_nan=False)

    @staticmethod
    def from_json(text: str) -> Profile:
        """The inverse of `to_json`.

        Raises:
            UserError: Not a profile, or one of another schema version.
        """
        data = _parsed(text)
        if data.get("schema_version") != SCHEMA_VERSION:
            raise UserError(
                f"the profile has schema version {data.get('schema_version')!r}; "
                f"this release reads version {SCHEMA_VERSION}: make the profile again"
            )
        time_range = data["time_range"]
        columns = {name: column_from_dict(column) for name, column in data["columns"].items()}
        return Profile(
            columns,
            None if time_range is None else TimeRange(**time_range),
            None if data["blocks"] is None else Blocks.from_dict(data["blocks"]),
        )

    def save(self, path: str | Path) -> None:
        """Write `to_json` to a file."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @staticmethod
    def load(path: str | Path) -> Profile:
        """Read what `save` wrote.

        Raises:
            UserError: No such file, or it holds no profile.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"cannot read the profile {str(path)!r}: {error}") from error
        return Profile.from_json(text)


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"not a profile: the text is not JSON ({error})") from error
    if not isinstance(data, dict) or "columns" not in data:
        raise UserError(
            "not a profile: the JSON has no 'columns'; "
            "a profile is what `profile TABLE -o FILE` writes"
        )
    return data


def _merged(name: str, a: Profile, b: Profile) -> Column:
    if name not in a.columns:
        return b.columns[name].with_missing(a.rows)
    if name not in b.columns:
        return a.columns[name].with_missing(b.rows)
    return merge_columns(name, a.columns[name], b.columns[name])


def _joint_blocks(a: Blocks | None, b: Blocks | None) -> Blocks | None:
    if a is None or b is None:
        return a or b
    if a.column != b.column:
        raise UserError(f"the blocks are {a.column!r} in one profile and {b.column!r} in another")
    return a.merged(b)


def _joint_range(a: TimeRange | None, b: TimeRange | None) -> TimeRange | None:
    if a is None or b is None:
        return a or b
    starts = [time.start for time in (a, b) if time.start is not None]
    ends = [time.end for time in (a, b) if time.end is not None]
    return TimeRange(a.column, min(starts, default=None), max(ends, default=None))
