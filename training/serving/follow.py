"""The follower: puts the newest released version in service, without a restart.

The new version is loaded and checked beside the old one, then takes its place in one
assignment; requests under way end on the version they began with.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from training import predictor, release, versions
from training.errors import UserError
from training.release import Release
from training.serving.endpoint import Endpoint, InService, NotLoaded
from training.store import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
# A version that could not be loaded is tried again this often: its artifact may be repaired.
RETRY_SECONDS = 10.0


class Follower:
    """Follows the release records of one endpoint's model; `swapped` is told of each swap."""

    def __init__(self, store: Store, endpoint: Endpoint, swapped: Callable[[int], None]) -> None:
        self._store = store
        self._endpoint = endpoint
        self._swapped = swapped
        self._retry_at = 0.0

    def check(self) -> None:
        """Look for a newer release; load it and swap."""
        newest = release.champion(self._store, self._endpoint.model)
        if newest is None or self._is_known(newest):
            return
        try:
            loaded = self._load(newest)
        except Exception as error:
            self._keep(newest, error)
            return
        self._endpoint.in_service, self._endpoint.not_loaded = loaded, None
        log.info("model %s: version %d is in service", self._endpoint.model, newest.version)
        self._swapped(newest.version)

    def _is_known(self, newest: Release) -> bool:
        active, failed = self._endpoint.in_service, self._endpoint.not_loaded
        if failed and failed.release == newest.number:
            return time.monotonic() < self._retry_at
        return active is not None and active.release == newest.number

    def _load(self, newest: Release) -> InService:
        manifest = versions.manifest(self._store, self._endpoint.model, newest.version)
        if manifest["artifact"]["sha256"] != newest.digest:
            raise UserError(
                f"version {newest.version} is registered with SHA-256 "
                f"{manifest['artifact']['sha256']}, but {newest.digest} was released"
            )
        loaded = predictor.load(self._store, manifest)
        return InService(loaded, newest.version, newest.number, newest.digest)

    def _keep(self, newest: Release, error: Exception) -> None:
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
