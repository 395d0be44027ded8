"""Settings of a stack for the tests: the fewest that there can be, with changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components import config
from components.settings import Settings
from training.errors import UserError

GOOD = {"data": json.dumps({"location": "x.csv", "target": "y"})}


def parse(**changes: object) -> Settings:
    """The settings with `changes` at the top; what is no text is given as JSON."""
    config_values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in changes.items()}
    return config.parse({**GOOD, **config_values})


def refusal(**changes: object) -> list[str]:
    """The lines of the error for `changes`."""
    with pytest.raises(UserError) as error:
        parse(**changes)
    return str(error.value).splitlines()


def changed(key: str, value: object) -> dict[str, Any]:
    """The change that sets a dotted `key`: the sections around it, and what `data` has to have."""
    name, *inside = key.split(".")
    section = value
    for part in reversed(inside):
        section = {part: section}
    if name == "data" and isinstance(section, dict):
        section = {**json.loads(GOOD["data"]), **section}
    return {name: section}


def read(settings: Settings, key: str) -> object:
    """The value at a dotted `key`, of the stack or of its first model."""
    document = settings.model_dump(by_alias=True)
    values: Any = {**document["models"][0], **document}
    for part in key.split("."):
        values = values[part]
    return values
