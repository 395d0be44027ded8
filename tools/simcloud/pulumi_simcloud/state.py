"""The state of a simulated cloud: one SQLite file, shared by any number of processes."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = "cloud.sqlite"
TABLES = """
CREATE TABLE IF NOT EXISTS resources (
  token TEXT, id TEXT, urn TEXT, serial TEXT, inputs TEXT, outputs TEXT, uses TEXT,
  PRIMARY KEY (token, id));
CREATE TABLE IF NOT EXISTS names (token TEXT, name TEXT, why TEXT, PRIMARY KEY (token, name));
CREATE TABLE IF NOT EXISTS objects (
  store TEXT, key TEXT, body BLOB, PRIMARY KEY (store, key));
CREATE TABLE IF NOT EXISTS faults (
  number INTEGER PRIMARY KEY, operation TEXT, target TEXT, effect TEXT, nth INTEGER,
  times INTEGER, seconds REAL, seen INTEGER DEFAULT 0, hits INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS attempts (
  serial TEXT, about TEXT, count INTEGER, PRIMARY KEY (serial, about));
CREATE TABLE IF NOT EXISTS facts (kind TEXT, name TEXT, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY, operation TEXT, token TEXT, name TEXT);
"""


@dataclass
class Row:
    """One resource that exists: what was asked for, what the cloud says, what it refers to."""

    token: str
    id: str
    urn: str
    serial: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    uses: list[list[str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return self.token, self.id


@lru_cache(4096)
def _value(text: str) -> Any:
    """A value that is kept as JSON; each operation looks at all of them."""
    return json.loads(text)


class Transaction:
    """Reads and writes of one operation; nobody else writes meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection

    def rows(self, token: str | None = None) -> list[Row]:
        """Every resource, or those of a type, oldest first.

        Their values are shared, so never changed in place.
        """
        lines = self.sql.execute(
            "SELECT * FROM resources WHERE token = ifnull(?, token) ORDER BY rowid", (token,)
        )
        return [Row(*line[:4], *map(_value, line[4:])) for line in lines]

    def row(self, token: str, identity: str) -> Row | None:
        """One resource, None if it doesn't exist."""
        line = self.sql.execute(
            "SELECT * FROM resources WHERE token = ? AND id = ?", (token, identity)
        ).fetchone()
        return Row(*line[:4], *map(json.loads, line[4:])) if line else None

    def count(self, urn: str) -> int:
        """How many resources of one URN exist."""
        line = self.sql.execute("SELECT count(*) FROM resources WHERE urn = ?", (urn,)).fetchone()
        return line[0]

    def put(self, row: Row) -> None:
        """Writes a resource, in place of the one with the same type and id."""
        self.sql.execute(
            "INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (token, id) DO UPDATE"
            " SET urn = excluded.urn, inputs = excluded.inputs, outputs = excluded.outputs,"
            " uses = excluded.uses",
            (*row.key, row.urn, row.serial, *map(json.dumps, (row.inputs, row.outputs, row.uses))),
        )

    def remove(self, token: str, identity: str) -> None:
        """Deletes a resource."""
        self.sql.execute("DELETE FROM resources WHERE token = ? AND id = ?", (token, identity))

    def log(self, operation: str, token: str, name: str) -> int:
        """Notes an operation that takes effect: its number, never used again."""
        line = self.sql.execute(
            "INSERT INTO journal (operation, token, name) VALUES (?, ?, ?)",
            (operation, token, name),
        )
        return line.lastrowid or 0

    def attempt(self, serial: str, about: str) -> int:
        """Counts an attempt to use a resource, by its serial: how many there were with this."""
        self.sql.execute(
            "INSERT INTO attempts VALUES (?, ?, 1)"
            " ON CONFLICT (serial, about) DO UPDATE SET count = count + 1",
            (serial, about),
        )
        return self.sql.execute(
            "SELECT count FROM attempts WHERE serial = ? AND about = ?", (serial, about)
        ).fetchone()[0]

    def state_fact(self, kind: str, name: str) -> None:
        """Keeps that something is so here: an `agent` is there, a `provider` registered."""
        self.sql.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (kind, name))

    def facts(self, kind: str) -> frozenset[str]:
        """The names of one kind that were kept."""
        lines = self.sql.execute("SELECT name FROM facts WHERE kind = ?", (kind,))
        return frozenset(name for (name,) in lines)

    def name_conflict(self, token: str, name: str) -> str | None:
        """The reason that a name is taken by something that isn't in this cloud's resources."""
        line = self.sql.execute(
            "SELECT why FROM names WHERE token = ? AND name = ?", (token, name)
        ).fetchone()
        return line[0] if line else None

    def take(self, token: str, name: str, reason: str) -> None:
        """Takes a name away from later creates."""
        self.sql.execute("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", (token, name, reason))

    def release(self, token: str, name: str) -> None:
        """Makes a taken name free again."""
        self.sql.execute("DELETE FROM names WHERE token = ? AND name = ?", (token, name))

    def objects(self, store: str) -> list[str]:
        """Keys of the objects in a bucket or container."""
        lines = self.sql.execute("SELECT key FROM objects WHERE store = ? ORDER BY key", (store,))
        return [key for (key,) in lines]

    def write_object(self, store: str, key: str, body: bytes) -> None:
        """Puts an object into a bucket or container."""
        self.sql.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (store, key, body))

    def read_object(self, store: str, key: str) -> bytes | None:
        """An object's content, None if there is none."""
        line = self.sql.execute(
            "SELECT body FROM objects WHERE store = ? AND key = ?", (store, key)
        ).fetchone()
        return line[0] if line else None

    def drop_objects(self, store: str, key: str | None = None) -> None:
        """Deletes one object, or all of a store's."""
        self.sql.execute(
            "DELETE FROM objects WHERE store = ? AND key = ifnull(?, key)", (store, key)
        )


class State:
    """A cloud's state in a folder; every cloud has a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / FILE
        # Of transactions that are over; to open one takes longer than to read a resource.
        self._connections: list[sqlite3.Connection] = []
        weakref.finalize(self, _close, self._connections)
        with self.transaction() as transaction:
            transaction.sql.executescript(TABLES)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that is kept on a normal exit and undone on an exception."""
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield Transaction(connection)
            if connection.in_transaction:
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._connections.append(connection)

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._connections.pop()
        except IndexError:
            # One thread after another uses it.
            connection = sqlite3.connect(
                self.file, timeout=60, isolation_level=None, check_same_thread=False
            )
            # A lost write after a power cut is of no account here; the speed of a destroy is.
            connection.execute("PRAGMA synchronous = OFF")
            return connection


def _close(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()
