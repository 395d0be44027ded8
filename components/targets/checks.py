"""Checks of a stack's settings against its target, before any resource is touched."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib import util
from typing import Any

from components import targets
from components.scope import StackScope
from components.setting_types import Section
from components.settings import Model, Settings
from components.targets.refusals import refused
from training.errors import UserError


def check(scope: StackScope, config: Mapping[str, str]) -> None:
    """Raise UserError for all settings that the stack's target lacks or its service would refuse.

    `config` is the stack's whole config, the provider's own keys (such as ``aws:region``) among it.
    """
    settings = scope.settings
    _check_sdk(targets.load(settings.target))
    problems = [*_exclusive(settings)]
    for model in settings.models:
        problems += _blind_watches(targets.load(settings.target), model)
    target_checks = importlib.import_module(f"components.targets.{settings.target}.checks")
    problems += target_checks.problems(scope, config)
    if problems:
        raise UserError("\n".join(str(problem) for problem in problems))


def _check_sdk(target: targets.Target) -> None:
    if target.module is not None and util.find_spec(target.module) is None:
        raise UserError(
            f"target {target.name!r} needs {target.sdk}, which is not installed: "
            f"make .venv/.{target.name}, or pip install -r requirements/{target.name}.txt"
        )


def _exclusive(settings: Settings) -> Iterator[UserError]:
    """The settings that only other targets have, so that none is silently left out."""
    exclusive = targets.load(settings.target).exclusive
    owners: dict[str, list[str]] = {}
    for target in targets.every():
        for key in target.exclusive - exclusive:
            owners.setdefault(key, []).append(repr(target.name))

    def refuse(section: Section, model: Model | None = None) -> Iterator[UserError]:
        # A default is nobody's wish.
        values = section.model_dump(by_alias=True, exclude_defaults=True)
        for key, having in sorted(owners.items()):
            value: Any = values
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if value:
                have = "has" if len(having) == 1 else "have"
                reason = f"target {settings.target!r} has none, only {', '.join(having)} {have}"
                yield refused(key, value, reason, model)

    yield from refuse(settings)
    for model in settings.models:
        yield from refuse(model, model)


def _blind_watches(target: targets.Target, model: Model) -> Iterator[UserError]:
    """A watch of new versions that would see nothing."""
    endpoint, delay = model.endpoint, target.signal_minutes
    if endpoint.canary_minutes and endpoint.canary_minutes <= delay:
        reason = (
            f"target {target.name!r} shows what a new version answers after {delay:g} minutes; "
            f"allowed: more than {delay:g}, or 0 for no canary"
        )
        yield refused("endpoint.canaryMinutes", endpoint.canary_minutes, reason, model)
