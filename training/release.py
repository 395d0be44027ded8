"""Release records: which version is the champion, since when, by whom and why.

The newest record *is* the champion. Promotion and rollback each append one record, so going
back is as quick as going forward and nothing is ever rewritten. Two promotions at once: one
wins, the other is told.

A staged release brings its version in step by step; its steps are a journal of their own
(`steps`), so that whoever comes later knows how far it got.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training import clock, versions
from training.caller import caller
from training.errors import UserError
from training.journal import Journal, JournalMovedError, known_fields, required_fields
from training.store import Store

PROMOTE, ROLLBACK = "promote", "rollback"
# Before the run's name, where a pipeline released a version.
BY_RUN = "pipeline run "

# The steps of a release. The last three end it: the version is served, was taken back, or could
# not be served and there is no version to go back to.
BRING_UP, MIRROR, CANARY, SHIFT, VERIFY = "bring-up", "mirror", "canary", "shift", "verify"
FINISHED, WITHDRAWN, REFUSED = "finished", "withdrawn", "refused"
ENDS = (FINISHED, WITHDRAWN, REFUSED)
# After the end: the version before is not kept able to serve any longer.
TIDIED = "tidied"


@dataclass(frozen=True)
class Release:
    """One release record.

    `previous` is the champion before it, None for the first. A `staged` release has steps before
    its version gets all requests; another one is in force with its record.
    """

    number: int
    kind: str
    version: int
    digest: str
    previous: int | None
    by: str
    why: str
    when: str
    staged: bool = False

    def as_json(self) -> dict[str, object]:
        """The record as plain data; how its version is brought in stands in its steps."""
        return {name: value for name, value in asdict(self).items() if name != "staged"}


def history(store: Store, model: str) -> list[Release]:
    """All releases of `model`, oldest first; records that cannot be read are left out."""
    return [known_fields(Release, record) for record in journal(store, model).records()]


def champion(store: Store, model: str) -> Release | None:
    """The newest release of `model`; None before the first."""
    newest = journal(store, model).last()
    return known_fields(Release, newest) if newest else None


def steps(store: Store, model: str, number: int) -> Journal:
    """The journal of release `number`: records of a step, when it began, and its details."""
    return Journal(store, f"models/{model}/release-steps/{number:06d}")


def unfinished(store: Store, model: str, record: Release) -> dict[str, Any] | None:
    """The step that a staged release stands at; None of one that is over or never had steps."""
    if not record.staged:
        return None
    last = steps(store, model, record.number).last()
    if last is None:
        return {"step": BRING_UP, "when": record.when}
    return None if last["step"] in (*ENDS, TIDIED) else last


def promote(
    store: Store,
    model: str,
    version: int,
    *,
    why: str,
    by: str | None = None,
    kind: str = PROMOTE,
    staged: bool = False,
    whole: bool = False,
    after: int | None = None,
) -> Release:
    """Make `version` the champion.

    `whole` says that its artifact was checked already, `after` is the number of the release that
    the decision rests on, 0 for none. Raises UserError if there is no such version, it is the
    champion already, its artifact is damaged, or another release came in between.
    """
    current = champion(store, model)
    if after is not None and after != (current.number if current else 0):
        raise UserError(_overtaken(store, model, version, "meanwhile"))
    if current and current.version == version:
        raise UserError(
            f"version {version} of model {model!r} is the champion already, since {current.when}; "
            "to bring the endpoint to it: mlops promote --resume"
        )
    manifest = versions.manifest(store, model, version)
    if not whole:
        versions.check_whole(store, manifest)
    try:
        return _append(store, model, manifest, current, why, by, kind, staged)
    except JournalMovedError:
        raise UserError(_overtaken(store, model, version, "at the same moment")) from None


def _overtaken(store: Store, model: str, version: int, at: str) -> str:
    winner = champion(store, model)
    winner_text = f"version {winner.version} by {winner.by}" if winner else "another version"
    return (
        f"version {version} of model {model!r} was not released: {winner_text} was released "
        f"{at}; look at the history and say it again if you still want it"
    )


def rollback(
    store: Store,
    model: str,
    *,
    why: str,
    by: str | None = None,
    whole: bool = False,
    after: int | None = None,
) -> Release:
    """Make the version that was champion before the present one the champion again.

    Raises UserError if there is no earlier version, and what `promote` raises.
    """
    target = before(store, model)
    return promote(store, model, target, why=why, by=by, kind=ROLLBACK, whole=whole, after=after)


def before(store: Store, model: str) -> int:
    """The version that a rollback goes to.

    Rolling back twice goes two releases back, not to and fro. Raises UserError if there is no
    earlier version.
    """
    records = history(store, model)
    if not records:
        raise UserError(f"model {model!r} has no release yet: nothing to roll back")
    target = rollback_target(records)
    if target is None:
        raise UserError(
            f"model {model!r} has no version released before version {records[-1].version}: "
            "nothing to roll back to"
        )
    return target


def rollback_target(records: Sequence[Release]) -> int | None:
    """The version that a rollback after these releases goes to; None if there is none."""
    if not records:
        return None
    current = records[-1].version
    forward = [r for r in records if r.version == current and r.kind != ROLLBACK]
    return forward[-1].previous


def waiting(released: Sequence[int], registered: Iterable[int]) -> list[int]:
    """The versions that wait for somebody's approval: newer than the champion, never released.

    `released` are the versions of all releases, oldest first; the last is the champion.
    """
    newest = released[-1] if released else 0
    return [version for version in registered if version > newest and version not in released]


def withdraw(store: Store, model: str, record: Release, *, why: str) -> Release | None:
    """Take back a release that is not fit to serve; one that was overtaken already is left.

    Returns the record that names the version before; None of a release that is not the newest.
    """
    assert record.previous is not None, "a first release has nothing to go back to"
    manifest = versions.manifest(store, model, record.previous)
    try:
        return _append(store, model, manifest, record, why, record.by, ROLLBACK, False)
    except JournalMovedError:
        return None


def _append(
    store: Store,
    model: str,
    manifest: versions.Manifest,
    current: Release | None,
    why: str,
    by: str | None,
    kind: str,
    staged: bool,
) -> Release:
    """Write the next record; raises JournalMovedError unless `current` is still the newest."""
    record = {
        "kind": kind,
        "version": manifest["version"],
        "digest": manifest["artifact"]["sha256"],
        "previous": current.version if current else None,
        "by": by or caller(),
        "why": why,
        "when": clock.text(clock.now()),
        "staged": staged,
    }
    after = current.number if current else 0
    return Release(**journal(store, model).append(record, after=after))


def journal(store: Store, model: str) -> Journal:
    """The records of all releases of `model`."""
    return Journal(store, f"models/{model}/releases", required_fields(Release))
