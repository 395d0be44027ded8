"""Writes a stack file that the program accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from components.config import own_settings, parse
from components.scope import StackScope
from components.targets import checks
from tools.init.questions import questions_for
from training.errors import UserError

HEADER = """\
# Made by mlops init. Every setting, its default and what is allowed: components/settings.py
"""


def config(target: str, answers: Mapping[str, str]) -> dict[str, Any]:
    """The config of a stack from answers by flag; raises UserError for what is missing."""
    settings: dict[str, Any] = {"mlops:target": target}
    missing = []
    for question in questions_for(target):
        answer = answers.get(question.flag, "").strip() or question.default
        if answer:
            value = [part.strip() for part in answer.split(",")] if question.several else answer
            _put(settings, question.key, value)
        elif question.required:
            missing.append(f"--{question.flag}: {question.text}")
    if missing:
        raise UserError("not given:\n  " + "\n  ".join(missing))
    return settings


def check(settings: Mapping[str, Any], stack: str) -> None:
    """Let the program's own settings look at the config of `stack`; raises UserError."""
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    checks.check(StackScope(parse(own_settings(texts)), stack), texts)


def write(root: Path, stack: str, settings: Mapping[str, Any], replace: bool) -> Path:
    """Write the file of a stack; raises UserError if there is one already."""
    file = root / "stacks" / f"Pulumi.{stack}.yaml"
    if file.exists() and not replace:
        raise UserError(f"--stack: {file.relative_to(root)} exists; --force replaces it")
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEADER + yaml.safe_dump({"config": dict(settings)}, sort_keys=False))
    return file


def _put(settings: dict[str, Any], key: str, value: Any) -> None:
    if ":" in key:
        settings[key] = value
        return
    section, _, name = key.partition(".")
    if name:
        settings.setdefault(f"mlops:{section}", {})[name] = value
    else:
        settings[f"mlops:{section}"] = value
