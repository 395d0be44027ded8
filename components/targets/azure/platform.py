"""The platform document on Azure: a blob in the store."""

from __future__ import annotations

from typing import Any

import pulumi

from components.capability import protected
from components.registry import RegistryShared
from components.targets.azure.dynamic import Document
from training.platform import DOCUMENT


def create_document(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The blob; protected as its store is, so that a destroy refuses at once."""
    Document(
        "platform",
        store=registry.store,
        key=DOCUMENT,
        content=content,
        opts=protected(opts, content["allow_model_deletion"]),
    )
