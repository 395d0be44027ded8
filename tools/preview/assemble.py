"""Puts together what an event log, the prices and the policies say of a stack."""

from __future__ import annotations

from pathlib import Path

from tools.cost.estimate import estimate, prices
from tools.preview import engine, events
from tools.preview.losses import losses
from tools.preview.model import Cost, Setting, StackPreview

# What the engine says when a policy or another error ended a preview: no reason of its own.
GENERIC_ERRORS = ("preview failed", "update failed")


def assembled(
    stack: str, against: str, log: list[engine.Event], settings: tuple[Setting, ...]
) -> StackPreview:
    """The preview of a stack from its event log."""
    result = events.read(log)
    reasons = tuple(error for error in result.errors if error not in GENERIC_ERRORS)
    return StackPreview(
        stack=stack,
        against=against,
        changes=result.changes,
        settings=settings,
        code=result.code,
        findings=result.findings,
        cost=_cost(result),
        losses=tuple(losses(result.changes)),
        errors=reasons if reasons or result.findings else result.errors,
    )


def policies(folder: Path) -> list[str]:
    """Options for the project's policy pack, in the form every engine takes, if there is one."""
    pack = folder / "policy" / "analyzer"
    return ["--policy-pack", str(pack)] if pack.exists() else []


def _cost(result: events.EventSummary) -> Cost | None:
    """The cost of the stack before and after; None for one that costs nothing."""
    old, new = estimate(result.before), estimate(result.after)
    if not any((old.idle, new.idle, new.predictions, new.retraining)):
        return None
    return Cost(
        idle=(old.idle, new.idle),
        predictions=(old.predictions, new.predictions),
        retraining=(old.retraining, new.retraining),
        prices_of=prices()["asOf"],
        not_priced=new.not_priced,
    )
