"""The follower: puts the newest released version in service, without a restart.

A new version is tried in a process of its own, then loaded and checked beside the old one. A
staged release gets the share of the requests that its steps say; in the end, and in any other
release at once, it takes the old one's place in one assignment. Requests under way end on the
version they began with. The version before stays loaded for a while, so that a rollback is one
assignment too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from training import compiled, predictor, release, versions
from training.errors import UserError
from training.release import Release
from training.serving import trial
from training.serving.endpoint import Candidate, Endpoint, InService, NotLoaded
from training.store import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
# A version that could not be loaded is tried again this often: its artifact may be repaired.
RETRY_SECONDS = 10.0
# Steps in which the version before still answers.
BESIDE = (release.BRING_UP, release.MIRROR, release.CANARY)


class Follower:
    """Follows the release records of one endpoint's model; `swapped` is told of each swap."""

    def __init__(self, store: Store, endpoint: Endpoint, swapped: Callable[[int], None]) -> None:
        self._store = store
        self._endpoint = endpoint
        self._swapped = swapped
        self._retry_at = 0.0
        self._drop_at = 0.0

    def check(self) -> None:
        """Look for a newer release or a new step of it; load, share and swap."""
        endpoint = self._endpoint
        if endpoint.standby and time.monotonic() >= self._drop_at:
            endpoint.standby = None
        newest = release.champion(self._store, endpoint.model)
        if newest is None or self._is_known(newest):
            return
        step = self._step(newest)
        try:
            if step["step"] in BESIDE:
                self._beside(newest, step)
            else:
                self._swap(self._loaded(newest))
        except Exception as error:
            self._refuse(newest, error)

    def _is_known(self, newest: Release) -> bool:
        active, failed = self._endpoint.in_service, self._endpoint.not_loaded
        if failed and failed.release == newest.number:
            return time.monotonic() < self._retry_at
        # An older one is the newest only where a record was damaged: what is in service stays.
        return active is not None and active.release >= newest.number

    def _step(self, newest: Release) -> dict[str, Any]:
        """The step that a release stands at; one that is not staged is in force at once."""
        if not newest.staged:
            return {"step": release.SHIFT}
        last = release.unfinished(self._store, self._endpoint.model, newest)
        return last or {"step": release.FINISHED}

    def _beside(self, newest: Release, step: dict[str, Any]) -> None:
        """Have the version loaded beside the one that answers, with its share of the requests."""
        endpoint = self._endpoint
        if endpoint.in_service is None and newest.previous is not None:
            # The server was started in the middle of a release.
            self._swap(self._load(self._record_of(newest.previous)))
        candidate = endpoint.candidate
        if candidate is None or candidate.loaded.release != newest.number:
            candidate = Candidate(self._loaded(newest))
        share, copies = (
            step["percent"] if step["step"] == name else 0
            for name in (release.CANARY, release.MIRROR)
        )
        if (candidate.percent, candidate.mirror_percent) != (share, copies):
            candidate = Candidate(candidate.loaded, share, copies)
        endpoint.candidate, endpoint.not_loaded = candidate, None

    def _swap(self, loaded: InService) -> None:
        """Let a version answer all requests; the one before is kept for a while."""
        endpoint = self._endpoint
        before, minutes = endpoint.in_service, endpoint.keep_minutes
        endpoint.in_service, endpoint.not_loaded = loaded, None
        endpoint.candidate = None
        previous = before if before and minutes and before.version != loaded.version else None
        endpoint.standby, self._drop_at = previous, time.monotonic() + 60 * minutes
        log.info("model %s: version %d is in service", endpoint.model, loaded.version)
        self._swapped(loaded.version)

    def _loaded(self, newest: Release) -> InService:
        """The version of a release: as it is in memory, or loaded now."""
        endpoint, candidate = self._endpoint, self._endpoint.candidate
        for version in (candidate and candidate.loaded, endpoint.standby, endpoint.in_service):
            if version and (version.version, version.digest) == (newest.version, newest.digest):
                return InService(version.predictor, version.version, newest.number, version.digest)
        return self._load(newest)

    def _load(self, newest: Release) -> InService:
        manifest = versions.manifest(self._store, self._endpoint.model, newest.version)
        if manifest["artifact"]["sha256"] != newest.digest:
            raise UserError(
                f"version {newest.version} is registered with SHA-256 "
                f"{manifest['artifact']['sha256']}, but {newest.digest} was released"
            )
        if not compiled.serves(manifest):
            versions.check_libraries(manifest)
        trial.assert_loads(self._store, manifest)
        loaded = predictor.load(self._store, manifest)
        return InService(loaded, newest.version, newest.number, newest.digest)

    def _record_of(self, version: int) -> Release:
        """The newest record that names a version."""
        records = release.history(self._store, self._endpoint.model)
        return next(record for record in reversed(records) if record.version == version)

    def _refuse(self, newest: Release, error: Exception) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        active, failed = self._endpoint.in_service, self._endpoint.not_loaded
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        self._endpoint.not_loaded = NotLoaded(newest.version, newest.number, reason)
        if failed is None or failed.release != newest.number:
            log.error(
                "model %s: version %d is not put in service (%s stays): %s",
                self._endpoint.model,
                newest.version,
                f"version {active.version}" if active else "none",
                reason,
                exc_info=None if isinstance(error, UserError) else error,
            )
