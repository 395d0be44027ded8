"""Records of a stack's journals, each read once: they never change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from training import release, versions
from training.journal import Journal
from training.monitoring import drift_checks
from training.platform import Platform

# Records of a journal in a cloud are read so many at a time.
READERS = 16


class Records:
    """Reads the journals of a stack's models; safe to use from any thread."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # By the journal's prefix and the record's number.
        self._records: dict[str, dict[int, dict[str, Any]]] = {}

    def of(self, journal: Journal) -> list[dict[str, Any]]:
        """All records of a journal that can be read, oldest first."""
        records = self._records.setdefault(journal.prefix, {})
        numbers = journal.numbers()
        missing = [number for number in numbers if number not in records]
        if self._platform.target == "local" or len(missing) < 2:
            records_read = map(partial(_readable, journal), missing)
        else:  # a request each
            with ThreadPoolExecutor(READERS) as pool:
                records_read = list(pool.map(partial(_readable, journal), missing))
        for number, record in zip(missing, records_read, strict=True):
            if record is not None:
                records[number] = record
        return [records[number] for number in numbers if number in records]

    def releases(self, model: str) -> list[dict[str, Any]]:
        """All releases of a model, oldest first."""
        return self.of(release.journal(self._platform.store, model))

    def checks(self, model: str) -> list[dict[str, Any]]:
        """All drift checks of a model, oldest first."""
        return self.of(drift_checks(self._platform.store, model))

    def manifests(self, model: str) -> dict[int, dict[str, Any]]:
        """The manifests of all versions that can be read, by their numbers."""
        store = self._platform.store
        records = self.of(versions.journal(store, model))
        return {m["version"]: m for m in versions.readable(store, model, records)}

    def waiting(self, model: str, releases: list[dict[str, Any]]) -> list[int]:
        """Versions that wait for approval, after these releases."""
        return release.waiting([r["version"] for r in releases], self.manifests(model))


def _readable(journal: Journal, number: int) -> dict[str, Any] | None:
    """The record `number`; None if another process is writing it, or it is damaged."""
    with suppress(KeyError):
        return journal.read(number)
    return None
