"""The table that a model's settings name: there, readable, and with the columns they speak of."""

from __future__ import annotations

from training.errors import UserError
from training.table_files import column_names, listed


def check(model: str, location: str, columns: dict[str, str | None]) -> None:
    """Raise UserError unless the table has the columns; `columns` names them by setting."""
    try:
        names = column_names(location)
    except UserError as error:
        raise UserError(f"mlops:data.location of model {model!r}: {error}") from None
    problems = [
        f"mlops:{setting} of model {model!r}: no column {column!r} in {location!r}; {listed(names)}"
        for setting, column in columns.items()
        if column is not None and column not in names
    ]
    if problems:
        raise UserError("\n".join(problems))
