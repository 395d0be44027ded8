"""Names and tags of what a stack makes on a cloud: the same on all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from components.settings import Model, Settings


def prefix(settings: Settings) -> str:
    """What the names of everything in a stack begin with."""
    return f"{settings.prefix}-{pulumi.get_stack()}"


def name(settings: Settings, model: Model, part: str | None = None) -> str:
    """The name of something that one model has of its own."""
    return "-".join([prefix(settings), model.name, *([part] if part else [])])


def tags(settings: Settings, model: Model | None = None) -> dict[str, str]:
    """The tags of a resource: the project and the stack, the model's name, and the settings'.

    On Google Cloud they are its labels.
    """
    own = {"project": settings.prefix, "stack": pulumi.get_stack()}
    return {**settings.tags, **own, **({"model": model.name} if model else {})}
