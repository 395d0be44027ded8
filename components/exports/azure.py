"""The platform document on Azure: a blob in the store."""

from __future__ import annotations

from typing import Any

import pulumi

from components.azure_resources import Document
from components.registry import RegistryShared
from training.platform import DOCUMENT


def platform(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The blob; it goes first and is protected as the store is, so a destroy refuses at once."""
    protect = pulumi.ResourceOptions(protect=not content["allow_model_deletion"])
    Document(
        "platform",
        store=registry.store,
        key=DOCUMENT,
        content=content,
        opts=pulumi.ResourceOptions.merge(opts, protect),
    )
