"""Identity: the roles of the code host's workflows, assumed without a key (OIDC).

Three roles, each with what its job calls and no more: `preview` reads, `deploy` brings the stack
up, `promote` releases a version. The roles of the platform's own actors (steps, endpoint,
schedules) stand with the capability that they act for.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability, NoOutputs
from components.endpoint import Endpoint
from components.pipeline import Pipeline
from components.registry import Registry
from components.settings import Settings


@dataclass(frozen=True)
class IdentityArgs:
    """Arguments of the roles of the code host's jobs."""

    settings: Settings
    registry: Registry
    pipeline: Pipeline
    endpoint: Endpoint


@dataclass(frozen=True)
class IdentityShared:
    """Of the whole stack: the roles by job (preview, deploy, promote); none without a host."""

    roles: pulumi.Output[dict[str, str]]


class Identity(Capability[IdentityShared, NoOutputs]):
    """The principals that may act on the stack from outside; the same for all its models.

    What it makes on a target stands in `components/identity/<target>.py`.
    """
