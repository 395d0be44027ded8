"""Numbered, immutable records in the artifact store.

Release records, retraining admissions, leases and drift checks are all journals. A record is
written with the store's create-only-if-absent condition under the next free number, so of two
writers at once one wins and the other learns of it; no lock and no database is needed, and the
history behaves the same on every target.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from training.errors import UserError
from training.store import ObjectExistsError, Store

# What is not called so is no record, such as a copy or a note that somebody put beside them.
NAME = re.compile(r"(\d{6,})\.json")
# More writers than this at the same moment are none: the store says that what it lists is there
# and that it is not.
ATTEMPTS = 100


class JournalMovedError(Exception):
    """Somebody else appended since the caller last looked."""


@dataclass(frozen=True)
class Journal:
    """Records ``<prefix>/000001.json``, ``000002.json``, ... of JSON objects."""

    store: Store
    prefix: str

    def numbers(self) -> list[int]:
        """The numbers of all records, oldest first."""
        below = len(self.prefix) + 1
        names = (NAME.fullmatch(key[below:]) for key in self.store.keys(self.prefix))
        return sorted(int(name[1]) for name in names if name)

    def read(self, number: int) -> dict[str, Any]:
        """The record `number`, with its number in it.

        Raises KeyError where there is none, and UserError where there is something else.
        """
        content = self.store.read(self._key(number))
        try:
            return {"number": number, **json.loads(content)}
        except (ValueError, TypeError):
            raise UserError(
                f"{self._key(number)} in {self.store.uri} is damaged: {len(content)} bytes that "
                "are no record; bring it back from a copy, or delete it"
            ) from None

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
        for _ in range(ATTEMPTS):
            number = (max(self.numbers(), default=0) if after is None else after) + 1
            try:
                self.store.create(self._key(number), json.dumps(record, indent=1).encode())
            except ObjectExistsError:
                if after is not None:
                    raise JournalMovedError(f"{self.prefix}: record {number} exists") from None
                continue
            return {"number": number, **record}
        raise JournalMovedError(f"{self.prefix}: {ATTEMPTS} writers came first, one by one")

    def _key(self, number: int) -> str:
        return f"{self.prefix}/{number:06d}.json"
