"""Train and holdout: stable, so that a row once held out is never trained on by a later version.

That is what makes it fair to score champion and challenger on the same holdout. A row's side is
decided by a hash of its key, or of its values in a canonical form that does not depend on files,
libraries, types or the order of columns: 3, 3.0 and "3" are the same. The rule of a version names
the columns that are hashed and is kept with it, so that columns that come later change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from training.errors import UserError

HASH, TIME = "hash", "time"
METHODS = (HASH, TIME)
BUCKETS = 10_000
# The version of the canonical form.
FORM = 2
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Rule:
    """The split of a version.

    Args:
        method: ``hash`` or ``time``.
        columns: The columns whose values are hashed: the key, `split.by`, or all there were.
        form: The version of the canonical form that was hashed.
    """

    method: str
    columns: Sequence[str]
    form: int = FORM

    def as_json(self) -> dict[str, Any]:
        """The rule as plain data."""
        return {**asdict(self), "columns": list(self.columns)}


def rule(
    method: str,
    names: Sequence[str],
    *,
    by: str | None = None,
    key: str | None = None,
    earlier: Mapping[str, Any] | None = None,
) -> tuple[Rule, str]:
    """The rule to split by, and a sentence if it cannot be the one of the version before.

    Args:
        method: The setting `split.method`.
        names: Columns of the table.
        by: The setting `split.by`: equal values stay on one side.
        key: The setting `data.key`: what names a row.
        earlier: The rule of the newest version, as `Rule.as_json` gave it; empty if that version
            was made before rules were kept, None if there is no version.
    """
    column = by or key
    if method == TIME:
        new_rule = Rule(TIME, [])
    elif column is not None:
        new_rule = Rule(HASH, [column])
    elif earlier and earlier.get("method") == HASH and earlier.get("form") == FORM:
        columns = earlier["columns"]
        absent = sorted(set(columns) - set(names))
        if not absent:
            return Rule(HASH, columns), ""
        return Rule(HASH, sorted(names)), (
            f"the split changes sides: column {', '.join(map(repr, absent))} is gone, whose values "
            "decided them; with data.key it would not"
        )
    else:
        new_rule = Rule(HASH, sorted(names))
    if earlier is None or dict(earlier) == new_rule.as_json():
        return new_rule, ""
    return new_rule, (
        "the split changes sides: the newest version was split by another rule. The champion has "
        "learned from rows that are held out now, so its score is too good this once"
    )


def holdout_rows(
    table: pd.DataFrame, split: Rule, share: float, time_column: str | None
) -> np.ndarray:
    """A mask of the held-out rows, of shape (rows,).

    "hash" draws by a hash of the rule's columns; "time" takes the newest `share` of the rows.
    Raises UserError if a column is missing or holds no times, or one side would be empty.
    """
    for column in (*split.columns, time_column):
        if column and column not in table.columns:
            raise UserError(f"column {column!r} is not in the data")
    if split.method == TIME:
        if time_column is None:
            raise UserError("split by time needs the setting data.timeColumn")
        check_times(table[time_column])
        order = table[time_column].rank(method="first", pct=True)
        mask = (order > 1 - share).to_numpy()
    else:
        mask = row_hashes(table, split.columns) % np.uint64(BUCKETS) < share * BUCKETS
    if mask.all() or not mask.any():
        raise UserError(
            f"the {split.method} split with a holdout of {share:g} leaves one side of {len(table)} "
            "rows empty; give more data or another split"
        )
    return mask


def check_times(values: pd.Series) -> None:
    """Raise UserError unless the column holds times, one in every row."""
    if not pd.api.types.is_datetime64_any_dtype(values):
        example = next(iter(values.dropna().tolist()), None)
        raise UserError(
            f"data.timeColumn {values.name!r} holds {example!r}, no time; write times as "
            f"2026-12-31T23:59:59, or set data.columns: {{{values.name}: time}}"
        )
    missing = int(values.isna().sum())
    if missing:
        raise UserError(
            f"data.timeColumn {values.name!r} is missing in {missing} of {len(values)} rows"
        )


def row_hashes(table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """A hash of each row's values in some columns, uint64 of shape (rows,).

    Missing values add nothing, and neither do columns that have none but missing ones.
    """
    total = np.zeros(len(table), np.uint64)
    for name in columns:
        codes, distinct = pd.factorize(table[name], use_na_sentinel=True)
        hashes = np.array([_hash(name, value) for value in distinct] + [0], np.uint64)
        total += hashes[codes]
    return _mixed(total)


def canonical(value: Any) -> str:
    """A value as text that is the same whichever type holds it.

    Numbers, and texts that are numbers, in 12 digits; truth values as 1 and 0; times, and texts
    that are ISO 8601, in microseconds since 1970.
    """
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (int, float, np.integer, np.floating)):
        return f"{float(value) + 0.0:.12g}"
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return _moment(pd.Timestamp(value))
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return str(int(text.lower() == "true"))
    if text[:1].isdigit() or text[:1] in "+-.":
        try:
            return f"{float(text) + 0.0:.12g}" if "_" not in text else text
        except ValueError:
            pass
        if text[4:5] == "-" and text[7:8] == "-":
            try:
                return _moment(pd.Timestamp(text))
            except ValueError:
                pass
    return text


def _moment(moment: pd.Timestamp) -> str:
    naive = moment.tz_convert(None) if moment.tzinfo else moment
    return f"@{(naive - pd.Timestamp(0)) // pd.Timedelta(microseconds=1)}"


def _hash(name: str, value: Any) -> int:
    digest = hashlib.blake2b(f"{name}\0{canonical(value)}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Splitmix64's finalizer: each bit of the result depends on all bits of the key."""
    keys = keys + _FACTOR
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        keys = (keys ^ (keys >> np.uint64(shift))) * np.uint64(factor)
    return keys ^ (keys >> np.uint64(31))
