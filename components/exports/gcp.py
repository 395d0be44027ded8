"""The platform document on Google Cloud: an object in the store."""

from __future__ import annotations

from typing import Any, cast

import pulumi

from components.exports import protected
from components.gcp_resources import document
from components.registry import RegistryShared
from components.registry.gcp import Foundation
from training.platform import DOCUMENT


def platform(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The object."""
    bucket = cast(Foundation, registry).bucket
    document("platform", bucket, DOCUMENT, content, protected(content, opts))
