"""Runs the Pulumi engine and reads what it would do from its event log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class EngineError(Exception):
    """The engine failed before it could say anything of resources; the text is why."""


def make_stack(folder: Path, stack: str, environment: Mapping[str, str]) -> None:
    """A new, empty stack; raises EngineError."""
    _run(folder, ("stack", "init", stack), environment)


def up(folder: Path, stack: str, environment: Mapping[str, str], log: Path) -> list[Event]:
    """Bring a stack up, and what happened."""
    command = ("up", "--yes", "--skip-preview", "--stack", stack)
    return _logged(folder, command, environment, log)


def export(folder: Path, stack: str, environment: Mapping[str, str], file: Path) -> None:
    """Write a stack's state to a file, with what the engine takes for a secret."""
    command = ("stack", "export", "--show-secrets", "--stack", stack, "--file", str(file))
    _run(folder, command, environment)


def preview(
    folder: Path,
    stack: str,
    environment: Mapping[str, str],
    log: Path,
    options: Sequence[str] = (),
) -> list[Event]:
    """The events of a preview, also if a policy or an error ends it."""
    return _logged(folder, ("preview", "--stack", stack, *options), environment, log)


def watched(folder: Path, command: Sequence[str], yes: bool, log: Path) -> int:
    """Run a command as the user would, with what it prints and asks: its exit code."""
    options = ["--event-log", str(log), *(["--yes", "--skip-preview"] if yes else [])]
    # Standard output is for the report alone.
    return subprocess.run(
        ["pulumi", *command, *options],
        cwd=folder,
        env={**os.environ, "PULUMI_DEBUG_COMMANDS": "true"},
        stdout=sys.stderr,
    ).returncode


def read(log: Path) -> list[Event]:
    """The events of a log, none if there is no log."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [json.loads(line) for line in lines if line.strip()]


def errors(log: Iterable[Event]) -> tuple[str, ...]:
    """The errors in an event log, each once."""
    diagnostics = (event.get("diagnosticEvent", {}) for event in log)
    messages = (
        diagnostic["message"].strip()
        for diagnostic in diagnostics
        if diagnostic.get("severity") == "error"
    )
    return tuple(dict.fromkeys(messages))


def reasons(log: Iterable[Event]) -> dict[str, str]:
    """The engine's message for each resource that failed, by its URN, on one line."""
    diagnostics = (event.get("diagnosticEvent", {}) for event in log)
    errors = (
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.get("severity") == "error" and diagnostic.get("urn")
    )
    return {diagnostic["urn"]: " ".join(diagnostic["message"].split()) for diagnostic in errors}


def failures(log: Iterable[Event]) -> set[str]:
    """The URNs of what could not be made, changed or deleted."""
    resources = (event.get("resOpFailedEvent", {}).get("metadata", {}) for event in log)
    return {resource["urn"] for resource in resources if "urn" in resource}


def isolated(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """An environment without the caller's stacks, state, secrets and cloud credentials."""
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PULUMI_", "AWS_", "ARM_", "AZURE_", "GOOGLE_", "MLOPS_"))
    }
    state, home = folder / "state", folder / "engine"
    state.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    # The engine logs all it does, encrypted, in this folder, which takes a quarter of a preview. It
    # goes on where it can't make one.
    (home / "logs").touch()
    return {
        **inherited,
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(home),
        # The state is for previews of this process alone: once, at the end, is enough.
        "PULUMI_EXPERIMENTAL": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        **more,
    }


def _logged(
    folder: Path, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> list[Event]:
    # The event log is what the Automation API reads: the same flag, behind the same switch.
    options = ("--event-log", str(log))
    try:
        _run(folder, (*command, *options), {**environment, "PULUMI_DEBUG_COMMANDS": "true"})
    except EngineError:
        if not log.exists():
            raise
    return read(log)


def _run(folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    process = subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=folder,
        # The program's own modules come before those of the checkout that runs this.
        env={**environment, "PYTHONPATH": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if process.returncode:
        raise EngineError(process.stdout.strip())
