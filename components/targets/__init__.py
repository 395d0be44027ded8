"""What a target says of settings: a module per target with ``check(settings, given)``.

It raises UserError for what the target lacks, so that nothing is left out silently, and for what
its service would refuse, before any resource is touched. `given` is the stack's whole config, the
provider's own keys (such as ``aws:region``) among it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING

from components.targets.refusals import refused

if TYPE_CHECKING:
    from components.settings import Settings

# Settings that one target alone has: of a stack by key, of a model by section and key.
ONLY_OF_STACK = {"ownsJobLogs": "aws", "registry.shared": "azure"}
ONLY_ON = {
    ("endpoint", "mirrorPercent"): "azure",
    ("endpoint", "port"): "local",
    ("compute", "serverless"): "azure",
}


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Let the target of `settings` look at them."""
    stack = settings.model_dump(by_alias=True)
    for key, target in ONLY_OF_STACK.items():
        value = reduce(getitem, key.split("."), stack)
        if value and settings.target != target:
            raise refused(key, value, _only(settings, target))
    for model in settings.models:
        for (section, key), target in ONLY_ON.items():
            value = getattr(model, section).model_dump(by_alias=True)[key]
            if value and settings.target != target:
                raise refused(f"{section}.{key}", value, _only(settings, target), model)
    importlib.import_module(f"components.targets.{settings.target}").check(settings, given)


def _only(settings: Settings, target: str) -> str:
    return f"target {settings.target!r} has none, only {target!r} has"
