"""Version control for models: the artifact store and the model registry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability
from components.settings import Settings


@dataclass(frozen=True)
class RegistryArgs:
    """Arguments of the registry."""

    settings: Settings


@dataclass(frozen=True)
class RegistryShared:
    """Of the whole stack: the artifact store's and the registry's address."""

    store: pulumi.Output[str]
    registry: pulumi.Output[str]


@dataclass(frozen=True)
class RegistryModel:
    """Of one model: its entry in the registry, and its folder in the store."""

    entry: pulumi.Output[str]
    folder: pulumi.Output[str]


class Registry(Capability[RegistryShared, RegistryModel]):
    """Keeps versions, manifests, release records and captures; one entry per model.

    What it makes on a target stands in `components/registry/<target>.py`.
    """
