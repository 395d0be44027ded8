"""Defaults of settings on a target: what holds where the stack file is silent."""

from __future__ import annotations

import importlib
from typing import Any

from pydantic.fields import FieldInfo

from components import targets
from components.setting_types import Section
from components.settings import Model, Settings

# Settings without a default of their own, by the constant of the target's machines that is it.
MACHINES = {("endpoint", "instanceType"): "ENDPOINT", ("compute", "instanceType"): "COMPUTE"}


def default(path: str, target: str) -> Any:
    """The default of the setting ``mlops:SECTION.NAME`` on `target`; None if there is none."""
    parts = path.partition(":")[2].split(".")
    if parts[0] == "models":
        parts = parts[2:]
    machine = MACHINES.get(tuple(parts[-2:]))  # type: ignore[arg-type]
    if machine and target in targets.names():
        return getattr(_machines(target), machine, None)
    section: Any = Model if parts[0] in _fields(Model) else Settings
    value: Any = None
    for part in parts:
        if not (isinstance(section, type) and issubclass(section, Section)):
            return None
        field = _fields(section).get(part)
        if field is None or field.is_required():
            return None
        section, value = field.annotation, field.default
    return None if isinstance(value, Section) else value


def _fields(section: type[Section]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in section.model_fields.items()}


def _machines(target: str) -> Any:
    """The machines of a target; None of one that has none, as this computer."""
    try:
        return importlib.import_module(f"components.targets.{target}.machines")
    except ModuleNotFoundError:
        return None
