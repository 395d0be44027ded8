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
from training.endpoint import DELAY_MINUTES

if TYPE_CHECKING:
    from components.sections import Section
    from components.settings import Model, Settings

# Settings that one target alone has: of a stack, and of a model.
ONLY_OF_STACK = {"ci.github.provider": "aws", "ownsJobLogs": "aws", "registry.shared": "azure"}
ONLY_OF_MODEL = {
    "endpoint.port": "local",
    "compute.serverless": "azure",
}
# The services of AWS and Google copy no requests beside an endpoint's own.
MIRRORS = ("local", "azure")


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Let the target of `settings` look at them."""
    _check_only(settings, ONLY_OF_STACK, settings)
    for model in settings.models:
        _check_only(settings, ONLY_OF_MODEL, model, model)
        _check_release(settings.target, model)
    importlib.import_module(f"components.targets.{settings.target}").check(settings, given)


def _check_release(target: str, model: Model) -> None:
    """Raise UserError for a watch that would see nothing, or that the service cannot keep."""
    given, delay = model.endpoint, DELAY_MINUTES[target]
    if given.canary_minutes and given.canary_minutes <= delay:
        why = (
            f"what a new version answers is shown after {delay} minutes on target {target!r}; "
            f"allowed: more than {delay}, or 0 for no canary"
        )
        raise refused("endpoint.canaryMinutes", given.canary_minutes, why, model)
    if given.canary_wait_minutes and target == "aws":
        why = "SageMaker shifts the traffic by itself when the canary's time is over"
        raise refused("endpoint.canaryWaitMinutes", given.canary_wait_minutes, why, model)
    if given.mirror_percent and target not in MIRRORS:
        why = f"target {target!r} copies no requests, only {' and '.join(MIRRORS)} do"
        raise refused("endpoint.mirrorPercent", given.mirror_percent, why, model)


def _check_only(
    settings: Settings, only: Mapping[str, str], section: Section, model: Model | None = None
) -> None:
    given = section.model_dump(by_alias=True)
    for key, target in only.items():
        value = reduce(getitem, key.split("."), given)
        if value and settings.target != target:
            why = f"target {settings.target!r} has none, only {target!r} has"
            raise refused(key, value, why, model)
