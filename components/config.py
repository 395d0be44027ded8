"""The only reader of stack config: from text to settings that the stack's target takes.

Every error names the key, the value and what is allowed, and comes before any resource is
touched.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components import sdk
from components.scope import StackScope
from components.settings import Model, Settings
from components.targets import checks
from components.targets.refusals import refused
from training.errors import UserError

# The project as it comes; a renamed one has its own name beside it.
NAMESPACE = "mlops"
# Beside the folders of the stacks, `.mlops` holds these.
RESERVED_NAMES = ("code", "data", "state")
# Settings that a stack that is up cannot change, by the outputs that have them.
FIXED = ("target", "prefix")
PER_MODEL = frozenset(
    field.alias for name, field in Model.model_fields.items() if name != "name" and field.alias
)


def load() -> Settings:
    """The settings of the stack that is being brought up.

    Raises RunError before any resource is touched: for settings that are not allowed, and for ones
    that would make another stack of the one that is up.
    """
    config, project, stack = sdk.configuration(), pulumi.get_project(), pulumi.get_stack()
    try:
        _refuse_secrets([key for key in own_keys(config, project) if sdk.is_secret(key)])
        _refuse_stack(stack)
        settings = parse(own_settings(config, project))
        checks.check(StackScope(settings, stack), config)
        check_unchanged(settings, sdk.stack_outputs(), stack)
    except UserError as error:
        raise pulumi.RunError(f"bad settings\n{error}") from None
    sdk.save_time()
    return settings


def own_keys(config: Mapping[str, str], project: str = NAMESPACE) -> list[str]:
    """The keys of `config` that are settings of the platform.

    They stand under ``mlops:`` in the stack files that come with the platform, and under the
    project's own name where somebody has renamed it and uses ``pulumi config set``.
    """
    return [key for key in config if key.partition(":")[0] in (NAMESPACE, project)]


def own_settings(config: Mapping[str, str], project: str = NAMESPACE) -> dict[str, str]:
    """The platform's settings in `config` as text; the project's own namespace counts first."""
    settings: dict[str, str] = {}
    for namespace in dict.fromkeys((NAMESPACE, project)):
        for key in own_keys(config, project):
            if key.startswith(f"{namespace}:"):
                name = key.partition(":")[2]
                before, value = _value(settings.get(name, "")), _value(config[key])
                if isinstance(before, dict) and isinstance(value, dict):
                    settings[name] = json.dumps(merged(before, value))
                else:
                    settings[name] = config[key]
    return settings


def check_unchanged(settings: Settings, outputs: Mapping[str, Any], stack: str) -> None:
    """Raise UserError for a setting that differs from what the stack's `outputs` tell."""
    for key in FIXED:
        value = getattr(settings, key)
        if outputs.get(key, value) != value:
            reason = (
                f"stack {stack!r} is up with {outputs[key]!r}; destroy it, or make another stack"
            )
            raise refused(key, value, reason)


def parse(config: Mapping[str, str]) -> Settings:
    """Settings from config values as Pulumi hands them over: text, objects as JSON.

    The settings of a model can stand at the top, for all models, or under ``models: {NAME:}``,
    for one; the nearer one counts, key by key. Raises UserError.
    """
    values = {key: _value(text) for key, text in config.items()}
    sections = values.pop("models", None)
    named_sections = sections if isinstance(sections, dict) else {}
    wrong = _misplaced(values, sections, named_sections)
    name = values.pop("model", "model")
    common = {key: values.pop(key) for key in list(values) if key in PER_MODEL}
    named = list(named_sections.items()) or [(name, None)]
    models = [_model(key, common, section) for key, section in named]
    try:
        settings = Settings.model_validate({**values, "models": models})
    except ValidationError as error:
        names = list(named_sections) or None
        lines = [
            _sentence(detail, names)
            for detail in error.errors()
            # What a model lacks may stand in `models`, which is no map.
            if named_sections or sections is None or detail["loc"][0] != "models"
        ]
        raise _refusal([*wrong, *lines]) from None
    if wrong:
        raise _refusal(wrong)
    return settings


def _misplaced(
    values: Mapping[str, Any], sections: Any, named_sections: Mapping[str, Any]
) -> list[str]:
    """What is wrong with where the models' names stand; `sections` may be anything."""
    wrong = []
    if sections is not None and not named_sections:
        wrong.append(f"mlops:models: {sections!r} is not allowed: give a map of names to settings")
    if sections is not None and "model" in values:
        wrong.append("mlops:model: not allowed beside mlops:models, whose keys are the names")
    return wrong + [
        f"mlops:models.{name}.name: not allowed: the model's key is its name"
        for name, section in named_sections.items()
        if isinstance(section, dict) and "name" in section
    ]


def _model(name: Any, common: Mapping[str, Any], section: Any) -> Any:
    """The values of one model: its `section`, over the `common` ones.

    What is no section is left as it is, to be refused with everything else.
    """
    if section is None:
        section = {}
    if not isinstance(section, dict):
        return section
    return {**merged(common, section), "name": name}


def _allowed_keys(path: Sequence[int | str]) -> set[str]:
    """The keys allowed at `path`, the place of a section in `Settings`."""
    section: Any = Settings
    for part in path:
        if isinstance(part, int):
            section = Model
        else:
            section = next(f.annotation for f in section.model_fields.values() if f.alias == part)
    names = {field.alias for field in section.model_fields.values()}
    return names | PER_MODEL | {"model"} if section is Settings else names - {"name"}


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in "{[" else text
    except json.JSONDecodeError:
        return text


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over`, which count; sections are merged key by key."""
    result = dict(base)
    for key, value in over.items():
        are_sections = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if are_sections else value
    return result


def _refuse_secrets(keys: Sequence[str]) -> None:
    """Refuse secret values: they would stand decrypted in the state and in the store."""
    if keys:
        raise UserError(
            f"{keys[0]}: a secret is not allowed: the platform writes its settings down; "
            "for a webhook with a secret in its URL give env:NAME, a variable of the server"
        )


def _refuse_stack(name: str) -> None:
    if name in RESERVED_NAMES:
        raise UserError(f"stack {name!r}: allowed is any name but code, data and state")


def _refusal(lines: Sequence[str]) -> UserError:
    return UserError("\n".join(f"  {line}" for line in lines))


def _sentence(detail: ErrorDetails, names: Sequence[str] | None) -> str:
    """What is wrong with one setting; `names` are the models' if they stand under ``models:``."""
    path = list(detail["loc"])
    key = f"{NAMESPACE}:{_key(path, names)}"
    if detail["type"] == "missing":
        return f"{key}: not set; it has no default"
    if detail["type"] == "extra_forbidden":
        return f"{key}: unknown setting; {_suggestion(path)}"
    reason = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "model_type":
        reason = "give a map of settings"
    return f"{key}: {detail['input']!r} is not allowed: {reason[:1].lower()}{reason[1:]}"


def _key(path: Sequence[int | str], names: Sequence[str] | None) -> str:
    parts = list(path)
    if parts[0] == "models":
        number, inside = int(parts[1]), parts[2:]
        if names is not None:
            parts = ["models", names[number], *inside]
        else:
            parts = ["model"] if inside == ["name"] else inside
    return ".".join(map(str, parts))


def _suggestion(path: Sequence[int | str]) -> str:
    keys = sorted(_allowed_keys(path[:-1]))
    near = difflib.get_close_matches(str(path[-1]), keys, 1)
    return f"did you mean {near[0]}?" if near else f"allowed: {', '.join(keys)}"
