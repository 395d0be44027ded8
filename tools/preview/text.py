"""Previews as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.preview import formatting
from tools.preview.model import PAST, StackPreview
from tools.preview.renames import paired


def render(previews: Sequence[StackPreview]) -> str:
    """All stacks, one after the other."""
    return "\n\n".join("\n".join(_stack(preview)) for preview in previews) + "\n"


def _stack(preview: StackPreview) -> Iterator[str]:
    counts = ", ".join(f"{number} {effect}" for effect, number in preview.counts().items())
    state = "no preview" if preview.errors else counts or "no changes"
    yield f"{preview.stack}, against {preview.against}: {state}"
    yield from (f"  error: {line}" for error in preview.errors for line in error.splitlines())
    yield from (f"  WARNING: {loss}" for loss in preview.losses)
    yield from (
        f"  setting {setting.path}: {formatting.change(setting)}" for setting in preview.settings
    )
    if preview.code[0] != preview.code[1]:
        yield f"  model code {_digest(preview.code[0])} → {_digest(preview.code[1])}"
    for change, renamed in paired(preview.changes, preview.settings):
        because = f", because of {', '.join(change.reasons)}" if change.reasons else ""
        because += f", made anew as {renamed.name}" if renamed else ""
        yield f"  {PAST[change.operation]} {change.name} ({change.type}){because}"
        yield from (
            f"      {setting.path}: {formatting.change(setting)}" for setting in change.settings
        )
        yield from (f"    {line}" for step in change.steps for line in formatting.step(step))
    for finding in preview.findings:
        level = "refused" if finding.mandatory else "advice"
        yield f"  policy {finding.policy} ({level}): {finding.resource}: {finding.message}"
    if preview.cost:
        yield from (f"  cost, {line}" for line in formatting.costs(preview.cost))


def _digest(code: str | None) -> str:
    return code[:12] if code else "none"
