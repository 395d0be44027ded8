"""The platform document on Google Cloud: an object in the store."""

from __future__ import annotations

from typing import Any, cast

import pulumi

from components.gcp_resources import document
from components.registry import RegistryShared
from components.registry.gcp import Foundation
from training.platform import DOCUMENT


def platform(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The object; it goes first and is protected as the store is, so a destroy refuses at once."""
    protect = pulumi.ResourceOptions(protect=not content["allow_model_deletion"])
    document(
        "platform",
        cast(Foundation, registry).bucket,
        DOCUMENT,
        content,
        pulumi.ResourceOptions.merge(opts, protect),
    )
