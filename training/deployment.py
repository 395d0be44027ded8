"""A release as a whole: the record, then the endpoint; and back if the endpoint refuses it.

The record comes first, since of two releases at once only one can write it. An endpoint that
does not come to serve the version is followed by one more record that names the old version.
"""

from __future__ import annotations

from training import release, versions
from training.endpoint import Say, endpoint_of
from training.errors import UserError
from training.platform import Platform
from training.release import Release


def promote(
    platform: Platform,
    model: str,
    version: int,
    *,
    why: str,
    say: Say,
    by: str | None = None,
    kind: str = "promote",
) -> tuple[Release, bool]:
    """Release `version`; the record, and whether a running endpoint serves it now.

    Raises UserError for what `release.promote` refuses, and if the endpoint went back to the
    version before.
    """
    found = versions.manifest(platform.store, model, version)
    endpoint_of(platform).check(platform, found)
    record = release.promote(platform.store, model, version, why=why, by=by, kind=kind)
    return record, _deployed(platform, model, record, say)


def rollback(
    platform: Platform, model: str, *, why: str, say: Say, by: str | None = None
) -> tuple[Release, bool]:
    """Release the version before the present one; returns and raises as `promote`."""
    target = release.before(platform.store, model)
    return promote(platform, model, target, why=why, say=say, by=by, kind=release.ROLLBACK)


def _deployed(platform: Platform, model: str, record: Release, say: Say) -> bool:
    try:
        return endpoint_of(platform).deploy(platform, model, record.version, say)
    except UserError as error:
        if record.previous is not None:
            release.withdraw(platform.store, model, record, why=str(error))
        raise
