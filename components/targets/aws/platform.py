"""The platform document on AWS: an object in the store."""

from __future__ import annotations

from typing import Any, cast

import pulumi

from components.capability import protected
from components.registry import RegistryShared
from components.registry.aws import Foundation
from components.targets.aws.resources import json_object
from training.platform import DOCUMENT


def create_document(
    registry: RegistryShared, content: dict[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The object; protected as its store is, so that a destroy refuses at once."""
    bucket = cast(Foundation, registry).bucket
    protected_opts = protected(opts, content["allow_model_deletion"])
    json_object("platform", bucket, DOCUMENT, content, protected_opts)
