"""The platform document on Azure: a blob in the store."""

from __future__ import annotations

from typing import Any

import pulumi

from components.azure_blobs import Document
from components.exports import protected
from components.registry import RegistryShared
from training.platform import DOCUMENT


def platform(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The blob."""
    Document(
        "platform",
        store=registry.store,
        key=DOCUMENT,
        content=content,
        opts=protected(content, opts),
    )
