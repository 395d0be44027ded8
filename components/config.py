"""The only reader of stack config: from text to settings that the stack's target takes.

Every error names the key, the value and what is allowed, and comes before any resource is
touched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pydantic import ValidationError

from components import standing, targets
from components.settings import Model, Settings
from components.targets.refusals import refused
from components.wording import sentences
from training.errors import UserError

NAMESPACE = "mlops"
# Beside the folders of the stacks, `.mlops` holds these.
TAKEN = ("code", "data", "state")
# What a stack that is up keeps, by the outputs that tell it: with another one it is another stack.
KEPT = ("target", "prefix")
PER_MODEL = frozenset(
    field.alias for name, field in Model.model_fields.items() if name != "name" and field.alias
)


def load() -> Settings:
    """The settings of the stack that is being brought up; raises RunError for bad ones."""
    from pulumi.runtime.config import CONFIG, is_config_secret

    given = CONFIG.get()
    config = {
        key.removeprefix(f"{NAMESPACE}:"): value
        for key, value in given.items()
        if key.startswith(f"{NAMESPACE}:")
    }
    try:
        _refuse_secrets([key for key in config if is_config_secret(f"{NAMESPACE}:{key}")])
        _refuse_stack(pulumi.get_stack())
        settings = parse(config)
        targets.check(settings, given)
    except UserError as error:
        raise pulumi.RunError(f"bad settings\n{error}") from None
    return settings


async def refuse_another(settings: Settings) -> None:
    """Raise RunError if these settings would make another stack out of the one that is up.

    Nearly everything would be replaced, what holds the versions among it, and not everything can
    be: a service deletes nothing that is in use. So this comes before any resource is touched.
    """
    try:
        check_kept(settings, await standing.outputs(), pulumi.get_stack())
    except UserError as error:
        raise pulumi.RunError(f"bad settings\n{error}") from None


def check_kept(settings: Settings, outputs: Mapping[str, Any], stack: str) -> None:
    """Raise UserError for a setting that differs from what the stack's `outputs` tell."""
    for key in KEPT:
        given = getattr(settings, key)
        if outputs.get(key, given) != given:
            why = f"stack {stack!r} is up with {outputs[key]!r}; destroy it, or make another stack"
            raise refused(key, given, why)


def parse(config: Mapping[str, str]) -> Settings:
    """Settings from config values as Pulumi hands them over: text, objects as JSON.

    The settings of a model can stand at the top, for all models, or under ``models: {NAME:}``,
    for one; the nearer one counts, key by key. Raises UserError.
    """
    given = {key: _value(text) for key, text in config.items()}
    own = given.pop("models", None)
    if own is not None and "model" in given:
        raise UserError("mlops:model: not allowed beside mlops:models, whose keys are the names")
    name = given.pop("model", "model")
    if own is not None and (not isinstance(own, dict) or not own):
        raise UserError(f"mlops:models: {own!r} is not allowed: give a map of names to settings")
    common = {key: given.pop(key) for key in list(given) if key in PER_MODEL}
    merged = [
        {**_merged(common, section or {}), "name": key}
        for key, section in (own or {name: {}}).items()
    ]
    try:
        return Settings.model_validate({**given, "models": merged})
    except ValidationError as error:
        raise UserError(sentences(error, NAMESPACE, list(own) if own else None, _allowed)) from None


def _allowed(path: Sequence[int | str]) -> set[str]:
    """The keys allowed at `path`, the place of a section in `Settings`."""
    section: Any = Settings
    for part in path:
        if isinstance(part, int):
            section = Model
        elif part != "models":
            section = next(f.annotation for f in section.model_fields.values() if f.alias == part)
    names = {field.alias for field in section.model_fields.values()}
    return names | PER_MODEL | {"model"} if section is Settings else names - {"name"}


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in "{[" else text
    except json.JSONDecodeError:
        return text


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _refuse_secrets(keys: Sequence[str]) -> None:
    """What is decrypted here would stand in plain in the state and in the store."""
    if keys:
        raise UserError(
            f"mlops:{keys[0]}: a secret is not allowed: the platform writes its settings down; "
            "for a webhook with a secret in its URL give env:NAME, a variable of the server"
        )


def _refuse_stack(name: str) -> None:
    if name in TAKEN:
        raise UserError(f"stack {name!r}: allowed is any name but code, data and state")
