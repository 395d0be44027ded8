"""What a change to each setting changes, by target: the table of `test_changes`.

In the tables ``{m}`` stands for the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Resource ("Type name") to the operation.
Steps = dict[str, str]


@dataclass(frozen=True)
class Changes:
    """New values of settings, each with the steps that a preview has to have, and no others."""

    model: dict[str, tuple[Any, Steps]]
    stack: dict[str, tuple[Any, Steps]]
    # Settings of the stack that mean more beside others.
    alone: frozenset[str] = frozenset()
    # What one more model changes of what was there.
    one_more: Steps = field(default_factory=dict)


def updated(*names: str) -> Steps:
    """These resources change in place."""
    return dict.fromkeys(names, "update")


def created(*names: str) -> Steps:
    """These resources are made."""
    return dict.fromkeys(names, "create")


def deleted(*names: str) -> Steps:
    """These resources go."""
    return dict.fromkeys(names, "delete")


def replaced(*names: str) -> Steps:
    """These resources are made anew."""
    return dict.fromkeys(names, "replace")
