"""Previews stacks: against a base revision on a simulated cloud, or against their real state."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.cost.estimate import estimate, prices
from tools.preview import checkout, engine, events
from tools.preview.differences import differences
from tools.preview.losses import losses
from tools.preview.model import Cost, Setting, StackPreview
from tools.progress import step
from training.errors import UserError


def against_base(root: Path, stacks: Sequence[str], base: str) -> list[StackPreview]:
    """The working tree against a base revision that is up on a simulated cloud.

    No credentials are needed, and none in the environment is used. Raises UserError for a stack
    or a revision that does not exist.
    """
    commit = checkout.resolve(root, base)
    against = f"{base} ({commit[:7]}), on a simulated cloud"
    found = []
    for stack in stacks:
        _check_stack(root, stack)
        with tempfile.TemporaryDirectory(prefix="mlops-preview-") as place:
            found.append(_simulated(root, stack, commit, against, Path(place).resolve()))
    return found


def against_state(root: Path, stacks: Sequence[str], options: Sequence[str]) -> list[StackPreview]:
    """The working tree against what is really there, with the caller's credentials."""
    found = []
    for stack in stacks:
        _check_stack(root, stack)
        with tempfile.TemporaryDirectory(prefix="mlops-preview-") as place, step(f"{stack}"):
            log = Path(place) / "events.json"
            try:
                told = engine.preview(root, stack, os.environ, log, (*_policies(root), *options))
            except engine.EngineError as error:
                found.append(StackPreview(stack, "its state", errors=(str(error),)))
                continue
            found.append(_assembled(stack, "its state", told, ()))
    return found


def all_stacks(root: Path) -> list[str]:
    """The stacks that have a file."""
    return sorted(file.name.split(".")[1] for file in (root / "stacks").glob("Pulumi.*.yaml"))


def _simulated(root: Path, stack: str, commit: str, against: str, place: Path) -> StackPreview:
    before = checkout.checked_out(root, commit, place / "base")
    after = checkout.working_tree(root, place / "head")
    changed = _changed_settings(before, after, stack)
    existed = checkout.stack_file(before, stack).exists()
    for folder in [before, after] if existed else [after]:
        checkout.disclose(folder, stack)
    # Needs the SDKs of the clouds; a preview of the real state does not.
    from tools.simcloud.harness import SimCloud

    with SimCloud(place / "cloud", closed=False) as cloud:
        environment = engine.isolated(place, cloud.environment)
        try:
            engine.make_stack(before if existed else after, stack, environment)
            if existed:
                with step(f"{stack}: base up on the simulated cloud"):
                    log = engine.up(before, stack, environment, place / "base.json")
                if failed := engine.errors(log):
                    failed = ("the base does not come up, so nothing can be compared", *failed)
                    return StackPreview(stack, against, settings=changed, errors=failed)
                _adopt_salt(before, after, stack)
        except engine.EngineError as error:
            return StackPreview(stack, against, settings=changed, errors=(str(error),))
        with step(f"{stack}: preview of the working tree"):
            log = place / "events.json"
            told = engine.preview(after, stack, environment, log, _policies(after))
    return _assembled(stack, against, told, changed)


def _assembled(
    stack: str, against: str, log: list[engine.Event], settings: tuple[Setting, ...]
) -> StackPreview:
    told = events.read(log)
    return StackPreview(
        stack=stack,
        against=against,
        changes=told.changes,
        settings=settings,
        code=told.code,
        findings=told.findings,
        cost=_cost(told),
        losses=tuple(losses(told.changes)),
        errors=told.errors,
    )


def _cost(told: events.Told) -> Cost | None:
    """What the stack costs before and after; None for one that costs nothing."""
    old, new = estimate(told.before), estimate(told.after)
    if not any((old.idle, new.idle, new.predictions, new.retraining)):
        return None
    return Cost(
        idle=(old.idle, new.idle),
        predictions=(old.predictions, new.predictions),
        retraining=(old.retraining, new.retraining),
        prices_of=prices()["asOf"],
        not_priced=new.not_priced,
    )


def _policies(folder: Path) -> list[str]:
    """The project's policy pack, for any engine, if there is one."""
    pack = folder / "policy" / "analyzer"
    return ["--policy-pack", str(pack)] if pack.exists() else []


def _check_stack(root: Path, stack: str) -> None:
    if not checkout.stack_file(root, stack).exists():
        raise UserError(
            f"STACK: {stack!r} has no file stacks/Pulumi.{stack}.yaml; "
            f"allowed: {', '.join(all_stacks(root)) or 'none yet (mlops init makes one)'}"
        )


def _changed_settings(before: Path, after: Path, stack: str) -> tuple[Setting, ...]:
    """The settings of the stack file that differ; a secret is told by its name alone."""
    old, new = (checkout.settings(folder, stack) for folder in (before, after))
    return tuple(
        Setting(item.path.removesuffix(".secure"), "(secret)", "(secret)")
        if item.path.endswith(".secure")
        else item
        for item in differences(old, new)
    )


def _adopt_salt(before: Path, after: Path, stack: str) -> None:
    """The base's encryption, with which its state was written, for the other stack file."""
    lines = checkout.stack_file(before, stack).read_text().splitlines()
    salt = "".join(f"{line}\n" for line in lines if line.startswith("encryptionsalt:"))
    file = checkout.stack_file(after, stack)
    file.write_text(salt + file.read_text())
