"""What a target says of settings: a module per target with ``check(settings, given)``.

It raises UserError for what the target lacks, so that nothing is left out silently, and for what
its service would refuse, before any resource is touched. `given` is the stack's whole config, the
provider's own keys (such as ``aws:region``) among it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.settings import Settings


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Let the target of `settings` look at them."""
    importlib.import_module(f"components.targets.{settings.target}").check(settings, given)
