"""The platform document on this computer: a file in the stack's folder."""

from __future__ import annotations

from typing import Any

import pulumi

from components.registry import RegistryShared
from components.targets.local.dynamic import PlatformDocument


def create_document(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The file; its deletion refuses first what must not be deleted."""
    PlatformDocument("platform", registry.store, content, opts)
