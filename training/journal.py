"""Numbered, immutable records in the artifact store.

Release records, retraining admissions, leases and drift checks are all journals. A record is
written with the store's create-only-if-absent condition under the next free number, so of two
writers at once one wins and the other learns of it; no lock and no database is needed, and the
history behaves the same on every target.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from training.store import ObjectExistsError, Store

Record = TypeVar("Record")


class JournalMovedError(Exception):
    """Somebody else appended since the caller last looked."""


log = logging.getLogger(__name__)

# Names of records; what else is in the folder (a copy, an editor's file) is none.
_NAME = re.compile(r"(\d{6,})\.json")
# More writers at once than this are not waited for.
MOST_TRIES = 1000
_WARNED_KEYS: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Journal:
    """Records ``<prefix>/000001.json``, ``000002.json``, ... of JSON objects.

    A record that cannot be read (half written by another program, damaged, without one of the
    `required` fields) is passed over and told once in the log; its number is not given again.
    """

    store: Store
    prefix: str
    required: tuple[str, ...] = ()

    def numbers(self) -> list[int]:
        """The numbers of all records, readable or not, oldest first."""
        below = len(self.prefix) + 1
        names = (_NAME.fullmatch(key[below:]) for key in self.store.keys(self.prefix))
        return sorted(int(match[1]) for match in names if match)

    def read(self, number: int) -> dict[str, Any]:
        """The record `number`, with its number in it; raises KeyError where there is none.

        One that cannot be read counts as none.
        """
        key = self._key(number)
        try:
            record = json.loads(self.store.read(key))
        except ValueError as error:
            self._tell(key, f"it is not JSON ({error})")
            raise KeyError(key) from None
        if not isinstance(record, dict):
            self._tell(key, "it is not a JSON object")
            raise KeyError(key)
        missing = [name for name in self.required if name not in record]
        if missing:
            self._tell(key, f"it has no {', '.join(missing)}")
            raise KeyError(key)
        return {**record, "number": number}

    def records(self) -> list[dict[str, Any]]:
        """All readable records, oldest first."""
        return list(self._readable(self.numbers()))

    def last(self) -> dict[str, Any] | None:
        """The newest readable record."""
        return next(self.newest_first(), None)

    def newest_first(self) -> Iterator[dict[str, Any]]:
        """All readable records, newest first; each is read once it is asked for."""
        return self._readable(reversed(self.numbers()))

    def newer(self, number: int) -> Iterator[dict[str, Any]]:
        """The readable records after the record `number`, oldest first."""
        return self._readable(n for n in self.numbers() if n > number)

    def append(self, record: dict[str, Any], after: int | None = None) -> dict[str, Any]:
        """Write the next record and return it with its number.

        With `after`, the number of the record that the caller's decision rests on (0 for
        none), the write only succeeds if that is still the newest readable one; raises
        JournalMovedError.
        """
        for _ in range(MOST_TRIES):
            numbers = self.numbers()
            if after is not None and any(self._readable(n for n in numbers if n > after)):
                raise JournalMovedError(f"{self.prefix}: record {after} is not the newest")
            number = max([*numbers, after or 0]) + 1
            try:
                return self.create(number, record)
            except JournalMovedError:
                if after is not None:
                    raise
        raise JournalMovedError(f"{self.prefix}: {MOST_TRIES} others wrote at the same moment")

    def create(self, number: int, record: dict[str, Any]) -> dict[str, Any]:
        """Write the record `number`; raises JournalMovedError where there is one."""
        try:
            self.store.create(self._key(number), json.dumps(record, indent=1).encode())
        except ObjectExistsError:
            raise JournalMovedError(f"{self.prefix}: record {number} exists") from None
        return {**record, "number": number}

    def _readable(self, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
        for number in numbers:
            with suppress(KeyError):
                yield self.read(number)

    def _tell(self, key: str, reason: str) -> None:
        if (self.store.uri, key) not in _WARNED_KEYS:
            _WARNED_KEYS.add((self.store.uri, key))
            log.warning("%s in %s is passed over: %s", key, self.store.uri, reason)

    def _key(self, number: int) -> str:
        return f"{self.prefix}/{number:06d}.json"


def known_fields(record_type: type[Record], record: dict[str, Any]) -> Record:
    """The record as a dataclass, without fields that a newer version of this program added."""
    names = {field.name for field in fields(record_type)}  # type: ignore[arg-type]
    return record_type(**{name: value for name, value in record.items() if name in names})


def required_fields(record_type: type) -> tuple[str, ...]:
    """The fields of a dataclass that have no default, but for the number: those of a journal."""
    return tuple(
        field.name
        for field in fields(record_type)
        if field.default is MISSING and field.default_factory is MISSING and field.name != "number"
    )
