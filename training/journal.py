"""Numbered, immutable records in the artifact store.

Release records, retraining admissions, leases and drift checks are all journals. A record is
written with the store's create-only-if-absent condition under the next free number, so of two
writers at once one wins and the other learns of it; no lock and no database is needed, and the
history behaves the same on every target.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from training.store import ObjectExistsError, Store


class JournalMovedError(Exception):
    """Somebody else appended since the caller last looked."""


@dataclass(frozen=True)
class Journal:
    """Records ``<prefix>/000001.json``, ``000002.json``, ... of JSON objects."""

    store: Store
    prefix: str

    def numbers(self) -> list[int]:
        """The numbers of all records, oldest first."""
        names = (key.rsplit("/", 1)[-1] for key in self.store.keys(self.prefix))
        return sorted(int(name[:-5]) for name in names if name.endswith(".json"))

    def read(self, number: int) -> dict[str, Any]:
        """The record `number`, with its number in it; raises KeyError where there is none."""
        return {"number": number, **json.loads(self.store.read(self._key(number)))}

    def records(self) -> list[dict[str, Any]]:
        """All records, oldest first."""
        return [self.read(number) for number in self.numbers()]

    def last(self) -> dict[str, Any] | None:
        """The newest record."""
        numbers = self.numbers()
        return self.read(numbers[-1]) if numbers else None

    def append(self, record: dict[str, Any], after: int | None = None) -> dict[str, Any]:
        """Write the next record and return it with its number.

        With `after`, the number of the record that the caller's decision rests on (0 for
        none), the write only succeeds if that is still the newest; raises JournalMovedError.
        """
        while True:
            number = (max(self.numbers(), default=0) if after is None else after) + 1
            try:
                self.store.create(self._key(number), json.dumps(record, indent=1).encode())
            except ObjectExistsError:
                if after is not None:
                    raise JournalMovedError(f"{self.prefix}: record {number} exists") from None
                continue
            return {"number": number, **record}

    def _key(self, number: int) -> str:
        return f"{self.prefix}/{number:06d}.json"
