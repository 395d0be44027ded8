"""Previews stacks: against a base revision on a simulated cloud, or against their real state."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.preview import checkout, engine
from tools.preview.assemble import assembled, policies
from tools.preview.base import Base
from tools.preview.model import StackPreview
from tools.progress import step
from training.errors import UserError

# What the engine says of a stack that was never made, as pulumi's own automation reads it:
# https://github.com/pulumi/pulumi/blob/v3.225.0/sdk/python/lib/pulumi/automation/errors.py
MISSING = re.compile("no stack named.*found")
NOTHING = "nothing, as the stack is not there yet; on a simulated cloud"


def against_base(root: Path, stacks: Sequence[str], base: str) -> list[StackPreview]:
    """The working tree against a base revision that is up on a simulated cloud.

    No credentials are needed, and none in the environment is used. Raises UserError for a stack
    or a revision that does not exist.
    """
    commit = checkout.resolve(root, base)
    against = f"{base} ({commit[:7]}), on a simulated cloud"
    previews = []
    for stack in stacks:
        _check_stack(root, stack)
        with (
            tempfile.TemporaryDirectory(prefix="mlops-preview-") as folder,
            Base(root, stack, commit, against, Path(folder).resolve()) as up,
        ):
            previews.append(up.preview())
    return previews


def against_state(root: Path, stacks: Sequence[str], options: Sequence[str]) -> list[StackPreview]:
    """The working tree against what is really there, with the caller's credentials."""
    previews = []
    for stack in stacks:
        _check_stack(root, stack)
        with tempfile.TemporaryDirectory(prefix="mlops-preview-") as folder, step(stack):
            log = Path(folder) / "events.json"
            try:
                failures = engine.preview(root, stack, os.environ, log, (*policies(root), *options))
                previews.append(assembled(stack, "its state", failures, ()))
            except engine.EngineError as error:
                if MISSING.search(str(error)):
                    previews.append(_against_nothing(root, stack))
                else:
                    previews.append(StackPreview(stack, "its state", errors=(str(error),)))
    return previews


def _against_nothing(root: Path, stack: str) -> StackPreview:
    """A stack that is not there yet: all that its first `up` would create, without credentials."""
    with (
        tempfile.TemporaryDirectory(prefix="mlops-preview-") as folder,
        Base(root, stack, None, NOTHING, Path(folder).resolve()) as empty,
    ):
        return empty.preview()


def all_stacks(root: Path) -> list[str]:
    """The stacks that have a file."""
    return sorted(file.name.split(".")[1] for file in (root / "stacks").glob("Pulumi.*.yaml"))


def _check_stack(root: Path, stack: str) -> None:
    if not checkout.stack_file(root, stack).exists():
        raise UserError(
            f"STACK: {stack!r} has no file stacks/Pulumi.{stack}.yaml; "
            f"allowed: {', '.join(all_stacks(root)) or 'none yet (mlops init makes one)'}"
        )
