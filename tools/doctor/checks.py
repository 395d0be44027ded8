"""The result of a check, and the checks that every target has."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from components import targets
from components.config import NAMESPACE, merged, own_keys
from tools.init.stackfile import check as check_settings
from training.errors import UserError

GOOD, BAD, OPEN = "ok", "missing", "unknown"
SETTINGS = "settings"
SECONDS = 20


@dataclass(frozen=True)
class Check:
    """One thing that is needed: `ok`, `missing`, or `unknown` if it could not be found out."""

    name: str
    state: str
    found: str
    todo: str = ""


@dataclass(frozen=True)
class Stack:
    """The stack that is looked at, with the config of its file."""

    root: Path
    name: str
    config: Mapping[str, Any]

    @property
    def target(self) -> str:
        """The target that it runs on."""
        return str(self.config.get("mlops:target", "local"))

    def sections(self, *keys: str) -> Iterator[tuple[dict[str, Any], ...]]:
        """The settings of each model under these keys, over those of the stack."""
        models = self.config.get("mlops:models")
        for model in models.values() if isinstance(models, dict) else [{}]:
            yield tuple(
                {**(self.config.get(f"mlops:{key}") or {}), **((model or {}).get(key) or {})}
                for key in keys
            )


def read(root: Path, name: str) -> Stack:
    """A stack by the name of its file; raises UserError."""
    file = root / "stacks" / f"Pulumi.{name}.yaml"
    if not file.exists():
        raise UserError(
            f"STACK: {name!r} has no file {file.relative_to(root)}; make it: mlops init"
        )
    content = yaml.safe_load(file.read_text()) or {}
    return Stack(root, name, _under_one_namespace(content.get("config", {}), _project(root)))


def _project(root: Path) -> str:
    return yaml.safe_load((root / "Pulumi.yaml").read_text())["name"]


def _under_one_namespace(config: Mapping[str, Any], project: str) -> dict[str, Any]:
    """The config with all settings under ``mlops:``, also where the project has another name."""
    settings: dict[str, Any] = {}
    for namespace in dict.fromkeys((NAMESPACE, project)):
        prefix = f"{namespace}:"
        section = {
            key.removeprefix(prefix): config[key] for key in config if key.startswith(prefix)
        }
        settings = merged(settings, section)
    foreign = {key: config[key] for key in config if key not in own_keys(config, project)}
    return {**foreign, **{f"{NAMESPACE}:{key}": value for key, value in settings.items()}}


def common(stack: Stack) -> Iterator[Check]:
    """Engine, SDK, settings and state."""
    yield _engine()
    yield _sdk(stack.target)
    yield _settings(stack)
    yield _state(stack)


def attempt(name: str, todo: str, find: Callable[[], str]) -> Check:
    """A check that asks a service: `missing` with what it answered if it refuses."""
    try:
        return Check(name, GOOD, find())
    except Exception as error:
        # Each SDK has its own errors; whatever it says is what the user has to see.
        message = " ".join(str(error).split()) or type(error).__name__
        return Check(name, BAD, message[:200], todo)


def _engine() -> Check:
    path = shutil.which("pulumi")
    if path is None:
        return Check("engine", BAD, "no pulumi on PATH", "make setup && source tools/activate")
    process = subprocess.run([path, "version"], capture_output=True, text=True, timeout=SECONDS)
    return Check("engine", GOOD, f"{process.stdout.strip()} ({path})")


def _sdk(target: str) -> Check:
    exists = target in targets.names()
    name = (targets.load(target).sdk if exists else None) or "pulumi"
    try:
        return Check("SDK", GOOD, f"{name} {metadata.version(name)}")
    except metadata.PackageNotFoundError:
        return Check("SDK", BAD, f"{name} is not installed", f"make .venv/.{target}")


def _settings(stack: Stack) -> Check:
    try:
        check_settings(stack.config, stack.name)
    except UserError as error:
        return Check(SETTINGS, BAD, " ".join(str(error).split()), "mend the stack file")
    return Check(SETTINGS, GOOD, f"stacks/Pulumi.{stack.name}.yaml")


def _state(stack: Stack) -> Check:
    todo = f"pulumi login, then pulumi stack init {stack.name}"
    process = subprocess.run(
        ["pulumi", "stack", "ls", "--json", "--non-interactive"],
        cwd=stack.root,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    backend = os.environ.get("PULUMI_BACKEND_URL", "Pulumi Cloud")
    if process.returncode:
        return Check("state", BAD, " ".join(process.stderr.split())[:200], todo)
    if f'"{stack.name}"' not in process.stdout:
        return Check("state", BAD, f"no stack {stack.name!r} in {backend}", todo)
    return Check("state", GOOD, backend)
