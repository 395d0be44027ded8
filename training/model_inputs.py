"""The input columns of a model, and the frame of them that its estimator takes.

Whatever serves a model needs this, in containers that have no Arrow too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

NUMERIC, CATEGORICAL, BOOLEAN, DATETIME = "numeric", "categorical", "boolean", "datetime"
IGNORED = "ignored"
CLASSIFICATION, REGRESSION = "classification", "regression"
TASKS = (CLASSIFICATION, REGRESSION)


@dataclass(frozen=True)
class Column:
    """An input column of a model; `kind` is numeric, categorical or boolean."""

    name: str
    kind: str


def model_frame(table: pd.DataFrame, columns: list[Column]) -> pd.DataFrame:
    """The input columns in order, as an estimator takes them: floats, and text or None."""
    import pandas as pd  # a server of compiled versions does without it

    return pd.DataFrame({c.name: _typed(table[c.name], c) for c in columns}, index=table.index)


def _typed(values: pd.Series, column: Column) -> Any:
    if column.kind in (NUMERIC, BOOLEAN):
        import pandas as pd

        return pd.to_numeric(values).astype("float64")
    text = values.astype(object)
    return text.where(text.notna(), None).map(lambda v: None if v is None else str(v))
