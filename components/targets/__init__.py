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
    from components.sections import Section
    from components.settings import Model, Settings

# Settings that one target alone has: of a stack, and of a model.
ONLY_OF_STACK = {"ci.github.provider": "aws", "ownsJobLogs": "aws", "registry.shared": "azure"}
ONLY_OF_MODEL = {
    "endpoint.mirrorPercent": "azure",
    "endpoint.port": "local",
    "compute.serverless": "azure",
}


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Let the target of `settings` look at them."""
    _check_only(settings, ONLY_OF_STACK, settings)
    for model in settings.models:
        _check_only(settings, ONLY_OF_MODEL, model, model)
    importlib.import_module(f"components.targets.{settings.target}").check(settings, given)


def _check_only(
    settings: Settings, only: Mapping[str, str], section: Section, model: Model | None = None
) -> None:
    given = section.model_dump(by_alias=True)
    for key, target in only.items():
        value = reduce(getitem, key.split("."), given)
        if value and settings.target != target:
            why = f"target {settings.target!r} has none, only {target!r} has"
            raise refused(key, value, why, model)
