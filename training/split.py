"""Train and holdout: stable, so that a row once held out is never trained on by a later version.

That is what makes it fair to score champion and challenger on the same holdout.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from training.errors import UserError

HASH, TIME = "hash", "time"
METHODS = (HASH, TIME)
BUCKETS = 10_000


def holdout_rows(
    table: pd.DataFrame, method: str, share: float, by: str | None, time_column: str | None
) -> np.ndarray:
    """A mask of the held-out rows, of shape (rows,).

    "hash" draws by a hash of the row, or of column `by` so that rows that belong together (one
    day, one customer) stay on one side; "time" takes the newest `share` of the rows. Raises
    UserError if a column is missing or one side would be empty.
    """
    for column in (by, time_column):
        if column and column not in table.columns:
            raise UserError(f"column {column!r} is not in the data")
    if method == TIME:
        if time_column is None:
            raise UserError("split by time needs the setting data.timeColumn")
        order = table[time_column].rank(method="first", pct=True)
        mask = (order > 1 - share).to_numpy()
    else:
        mask = _buckets(table, by) < share * BUCKETS
    if mask.all() or not mask.any():
        raise UserError(
            f"the {method} split with a holdout of {share:g} leaves one side of {len(table)} "
            "rows empty; give more data or another split"
        )
    return mask


def _buckets(table: pd.DataFrame, by: str | None) -> np.ndarray:
    if by is None:
        return pd.util.hash_pandas_object(table, index=False).to_numpy() % BUCKETS
    values = table[by].astype(str)
    return values.map({value: _bucket(value) for value in values.unique()}).to_numpy()


def _bucket(value: str) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big") % BUCKETS
