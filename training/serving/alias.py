"""The champion that a local stack's registry shows: read beside MLflow, to see a change by hand.

The release records decide what is served. An alias that somebody sets in MLflow changes nothing,
so it is told, and shown as it is again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

ALIAS = "champion"
SCHEME = "sqlite:///"


def aliased_version(registry_uri: str, model: str) -> int | None:
    """The version with the alias; None if there is none, or no database that can be read.

    Without MLflow's library, which takes seconds to import. The table is that of
    mlflow/store/model_registry/dbmodels/models.py (SqlRegisteredModelAlias).
    """
    if not registry_uri.startswith(SCHEME):
        return None
    path = registry_uri.removeprefix(SCHEME)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as database:
            row = database.execute(
                "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?",
                (model, ALIAS),
            ).fetchone()
    except sqlite3.Error:  # not made yet, or busy: the next look sees it
        return None
    return int(row[0]) if row else None
