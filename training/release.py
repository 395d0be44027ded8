"""Release records: which version is the champion, since when, by whom and why.

The newest record *is* the champion. Promotion and rollback each append one record, so going
back is as quick as going forward and nothing is ever rewritten. Two promotions at once: one
wins, the other is told.
"""

from __future__ import annotations

import getpass
from dataclasses import asdict, dataclass

from training import clock, versions
from training.errors import UserError
from training.journal import Journal, JournalMovedError
from training.store import Store

ROLLBACK = "rollback"


@dataclass(frozen=True)
class Release:
    """One release record; `previous` is the champion before it, None for the first."""

    number: int
    kind: str
    version: int
    digest: str
    previous: int | None
    by: str
    why: str
    when: str

    def as_json(self) -> dict[str, object]:
        """The record as plain data."""
        return asdict(self)


def history(store: Store, model: str) -> list[Release]:
    """All releases of `model`, oldest first."""
    return [Release(**record) for record in _journal(store, model).records()]


def champion(store: Store, model: str) -> Release | None:
    """The newest release of `model`; None before the first."""
    newest = _journal(store, model).last()
    return Release(**newest) if newest else None


def promote(
    store: Store,
    model: str,
    version: int,
    *,
    why: str,
    by: str | None = None,
    kind: str = "promote",
) -> Release:
    """Make `version` the champion.

    Raises UserError if there is no such version, it is the champion already, its artifact is
    damaged or cannot be loaded here, or another release came in between.
    """
    current = champion(store, model)
    if current and current.version == version:
        raise UserError(
            f"version {version} of model {model!r} is the champion already, since {current.when}"
        )
    found = versions.manifest(store, model, version)
    versions.check_whole(store, found)
    record = {
        "kind": kind,
        "version": version,
        "digest": found["artifact"]["sha256"],
        "previous": current.version if current else None,
        "by": by or getpass.getuser(),
        "why": why,
        "when": clock.text(clock.now()),
    }
    try:
        written = _journal(store, model).append(record, after=current.number if current else 0)
    except JournalMovedError:
        winner = champion(store, model)
        made = f"version {winner.version} by {winner.by}" if winner else "another version"
        raise UserError(
            f"version {version} of model {model!r} was not released: {made} was released at "
            "the same moment; look at the history and say it again if you still want it"
        ) from None
    return Release(**written)


def rollback(store: Store, model: str, *, why: str, by: str | None = None) -> Release:
    """Make the version that was champion before the present one the champion again.

    Raises UserError if there is no earlier version, and what `promote` raises.
    """
    return promote(store, model, before(store, model), why=why, by=by, kind=ROLLBACK)


def before(store: Store, model: str) -> int:
    """The version that a rollback goes to.

    Rolling back twice goes two releases back, not to and fro. Raises UserError if there is no
    earlier version.
    """
    records = history(store, model)
    if not records:
        raise UserError(f"model {model!r} has no release yet: nothing to roll back")
    current = records[-1].version
    forward = [r for r in records if r.version == current and r.kind != ROLLBACK]
    target = forward[-1].previous
    if target is None:
        raise UserError(
            f"model {model!r} has no version released before version {current}: "
            "nothing to roll back to"
        )
    return target


def withdraw(store: Store, model: str, record: Release, *, why: str) -> None:
    """Take back a release that the endpoint refused; one that was overtaken already is left."""
    assert record.previous is not None, "a first release has nothing to go back to"
    current = champion(store, model)
    if current and current.number == record.number:
        promote(store, model, record.previous, why=why, by=record.by, kind=ROLLBACK)


def _journal(store: Store, model: str) -> Journal:
    return Journal(store, f"models/{model}/releases")
