"""The endpoint of a model: brought to the version that a release names, and verified there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from training.backends import backend
from training.versions import Manifest

if TYPE_CHECKING:
    from training.platform import Platform

# Told what is being done, for a line of progress.
Say = Callable[[str], None]


class Endpoints(Protocol):
    """A back end is a module per target with these functions."""

    def health(self, platform: Platform, model: str) -> dict[str, Any] | None:
        """``{"version", "url", "in_service"}`` as the service says; None if there is none."""
        ...

    def check(self, platform: Platform, manifest: Manifest) -> None:
        """Raise UserError if the endpoint could not load the version."""
        ...

    def deploy(self, platform: Platform, model: str, version: int, say: Say) -> bool:
        """Bring the endpoint to `version`: canary, watch, shift, verify what is served.

        Can be repeated; an endpoint that serves the version already is left alone. False if no
        endpoint is running. Raises UserError, with the old version in service again, if the
        canary raises an alarm or another version is served in the end.
        """
        ...


def endpoint_of(platform: Platform) -> Endpoints:
    """The back end of the stack's target."""
    return backend("endpoint", platform.target)
