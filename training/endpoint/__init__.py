"""The endpoint of a model, as a release sees it: fleets that serve one version each, and shares.

A fleet is what the service calls a deployment, a deployed model, or the instances of an endpoint
configuration; on `local` it is a loaded version. The procedure of a release stands once, in
`training.deployment`; a target says here how each of its steps is done there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from training.backends import backend
from training.errors import UserError
from training.release import Release
from training.traffic import Record
from training.versions import Manifest

if TYPE_CHECKING:
    from training.platform import Platform

# Told what is being done, for a line of progress.
Say = Callable[[str], None]


# Settings that the document of a stack lacks which was brought up before there were any.
DEFAULTS: Mapping[str, Any] = {
    "canary_percent": 0,
    "canary_minutes": 0,
    "canary_min_requests": 20,
    "canary_wait_minutes": 0,
    "mirror_percent": 0,
    "keep_previous_minutes": 0,
    "max_error_share": 0.01,
    "max_latency_ms": 500,
    "alarms": (),
}


class RefusedError(UserError):
    """The version is not fit to serve, or the service will not have it: it is to be taken back."""


class UnclearError(UserError):
    """Too little was seen in the time there is; says nothing of the version."""


@dataclass(frozen=True)
class Standing:
    """The present state of an endpoint.

    Args:
        fleets: The version that each fleet serves, of those able to; by the fleet's name.
        shares: Percent of the requests, by the fleet's name; fleets without any are left out.
    """

    fleets: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)

    @property
    def main_fleet(self) -> str | None:
        """The fleet that gets most requests; None if none gets any."""
        return max(self.shares, key=lambda name: self.shares[name], default=None)


@dataclass(frozen=True)
class Signals:
    """Answers of one fleet since a moment: how many, how many failed, their 95th percentile."""

    requests: int = 0
    errors: int = 0
    latency_p95_ms: float | None = None


class Rollout(Protocol):
    """The endpoint of one model while a release changes it; every method can be repeated.

    Errors: RefusedError is a verdict on the version. Whatever else is raised is none: the release
    is left as it is, and can be carried on.
    """

    # The settings: the model's ``endpoint.json``.
    part: Mapping[str, Any]

    def stand(self) -> Standing:
        """The present state of the endpoint."""
        ...

    def fleet(self, record: Release, standing: Standing) -> str:
        """The name of the fleet for a release: one that is able to serve it, or a new one."""
        ...

    def interrupt(self, fleet: str) -> None:
        """End what other releases left under way, so that `fleet` can get the requests."""
        ...

    def bring_up(self, fleet: str, manifest: Manifest) -> None:
        """Make the fleet and wait until it can serve; it gets no requests yet."""
        ...

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        """Send the fleet copies of so many percent of the requests, whose answers nobody gets."""
        ...

    def canary(self, fleet: str, before: str, percent: int) -> None:
        """Let the fleet answer so many percent of the requests."""
        ...

    def signals(self, fleet: str, since: datetime) -> Signals:
        """Requests, errors and latency of the fleet since then, as far as the service shows them.

        Raises RefusedError if the service itself took the fleet back.
        """
        ...

    def shift(self, fleet: str, before: str | None) -> None:
        """Let the fleet answer all requests, and wait until it does."""
        ...

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        """The endpoint's answer to a request of JSON; RefusedError if the model fails."""
        ...

    def remove(self, fleet: str) -> None:
        """Take away a fleet that gets no requests."""
        ...

    def show(self, version: int) -> None:
        """Show in the service's registry which version is the champion."""
        ...


class Endpoints(Protocol):
    """A back end is a module per target with these functions."""

    def health(self, platform: Platform, model: str) -> dict[str, Any] | None:
        """``{"version", "url", "in_service"}`` as the service says; None if there is none."""
        ...

    def traffic(self, platform: Platform, model: str) -> list[Record]:
        """The requests of the last day by quarters of an hour, oldest first, as far as is told."""
        ...

    def log_address(self, platform: Platform, model: str) -> str:
        """The address of the endpoint's log, for people: a page of the console, or a folder."""
        ...

    def check(self, platform: Platform, manifest: Manifest) -> None:
        """Raise UserError if the endpoint could not load the version."""
        ...

    def rollout(self, platform: Platform, model: str, say: Say) -> Rollout | None:
        """The endpoint, to be changed by a release; None if no endpoint is running."""
        ...


def endpoint_of(platform: Platform) -> Endpoints:
    """The back end of the stack's target."""
    return backend("endpoint", platform.target)
