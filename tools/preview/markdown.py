"""Previews as one comment of a pull request.

The comment is edited in place: `MARKER` finds it again. It is always shorter than what GitHub
takes; what is left out for that is said.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.preview import wording
from tools.preview.model import DELETE, PAST, REPLACE, UPDATE, Change, Setting, StackPreview

MARKER = "<!-- mlops preview -->"
# Bytes; GitHub takes 65,536 characters, and a character has one byte or more.
LIMIT = 65_000
# A longer section of one stack is folded.
LONG = 40
LONGEST_ERROR = 1_500
PLAIN = re.compile(r"[\w ./:=,*()\[\]#@%+→-]+")


@dataclass(frozen=True)
class Detail:
    """How much is shown of each stack: rows, settings of a row, findings and steps."""

    rows: int
    settings: int
    others: int


# From all there is to the counts alone; the first that fits is taken.
DETAILS = (Detail(500, 30, 100), Detail(150, 6, 30), Detail(40, 3, 10), Detail(0, 0, 0))


def render(previews: Sequence[StackPreview]) -> str:
    """The comment."""
    for detail in DETAILS:
        shown = _comment([_stack(preview, detail) for preview in previews], 0)
        if _fits(shown):
            return shown
    # More stacks than fit even by their counts.
    sections = [_heading(preview) for preview in previews]
    for kept in range(len(sections) - 1, 0, -1):
        shown = _comment(sections[:kept], len(sections) - kept)
        if _fits(shown):
            return shown
    return _comment([], len(sections))


def code(text: str) -> str:
    """Text as code that survives in a table cell, whatever is in it."""
    if PLAIN.fullmatch(text) and "@" not in text:
        return f"`{text}`"
    safe = html.escape(text, quote=False).replace("|", "&#124;").replace("@", "&#64;")
    return f"<code>{safe}</code>"


def _fits(text: str) -> bool:
    return len(text.encode()) <= LIMIT


def _comment(sections: list[str], left_out: int) -> str:
    parts = [MARKER, "## What this change would do", *sections]
    if left_out:
        parts.append(f"{left_out} more stacks don't fit into a comment.")
    return "\n\n".join(parts) + "\n"


def _heading(preview: StackPreview) -> str:
    counts = ", ".join(f"{number} {operation}" for operation, number in preview.counts().items())
    state = "no preview" if preview.errors else counts or "no changes"
    name, against = wording.value(preview.stack), wording.value(preview.against)
    return f"### {code(name)}: {state}\n\nAgainst {html.escape(against)}."


def _stack(preview: StackPreview, detail: Detail) -> str:
    always = [_heading(preview), *_losses(preview, detail)]
    body = "\n\n".join(_body(preview, detail))
    if body.count("\n") > LONG:
        body = f"<details><summary>Details</summary>\n\n{body}\n\n</details>"
    return "\n\n".join(part for part in (*always, body) if part)


def _losses(preview: StackPreview, detail: Detail) -> Iterator[str]:
    if preview.losses:
        shown = [html.escape(loss) for loss in preview.losses[: max(detail.others, 5)]]
        left = len(preview.losses) - len(shown)
        shown += [f"{left} more losses."] if left else []
        yield "\n".join(["> [!WARNING]", *(f"> - {loss[:500]}" for loss in shown)])


def _body(preview: StackPreview, detail: Detail) -> Iterator[str]:
    for error in preview.errors[: max(detail.others, 1)]:
        yield f"The engine says:\n\n```\n{_fenced(error[-LONGEST_ERROR:])}\n```"
    if preview.settings:
        yield from _listed("Settings", [_setting(finding) for finding in preview.settings], detail)
    if preview.code[0] != preview.code[1]:
        before, after = (digest[:12] if digest else "none" for digest in preview.code)
        yield f"**Model code**: `{before}` → `{after}`"
    yield from _table(preview, detail)
    yield from _pipelines(preview, detail)
    findings = [
        f"{'**refused**' if finding.mandatory else 'advice'} {code(finding.policy)}: "
        f"{html.escape(wording.value(finding.resource))}: {html.escape(finding.message[:300])}"
        for finding in preview.findings
    ]
    yield from _listed("Policy", findings, detail)
    if preview.cost:
        yield "\n".join(["**Cost**", "", *(f"- {line}" for line in wording.costs(preview.cost))])


def _table(preview: StackPreview, detail: Detail) -> Iterator[str]:
    shown = preview.changes[: detail.rows]
    if not shown:
        return
    lines = ["| | resource | what changes |", "|---|---|---|"]
    new_code = preview.code[0] != preview.code[1]
    lines += [_row(change, detail, new_code) for change in shown]
    left = len(preview.changes) - len(shown)
    if left:
        lines.append(f"| | | {left} more changes |")
    yield "\n".join(lines)


def _row(change: Change, detail: Detail, new_code: bool) -> str:
    done = PAST[change.operation]
    loud = f"**{done}**" if change.operation in (DELETE, REPLACE) else done
    remark = " (kept in the cloud)" if change.retained else ""
    cells = [_setting(setting) for setting in change.settings[: detail.settings]]
    left = len(change.settings) - len(cells)
    cells += [f"{left} more"] if left else []
    cells += ["steps: below"] if change.steps else []
    if change.operation in (REPLACE, UPDATE) and not (cells or change.reasons):
        cells.append("the model code" if new_code else "follows what it depends on")
    if change.reasons:
        reasons = ", ".join(code(wording.value(reason)) for reason in change.reasons[:5])
        cells.append(f"replaced because of {reasons}")
    name, kind = wording.value(change.name), wording.value(change.type)
    return f"| {loud}{remark} | {code(name)} {html.escape(kind)} | {'<br>'.join(cells)} |"


def _pipelines(preview: StackPreview, detail: Detail) -> Iterator[str]:
    # A definition may stand in several resources: it is told once.
    told = [change for change in preview.changes if change.steps]
    steps = [change.steps for change in told]
    first = [change for index, change in enumerate(told) if change.steps not in steps[:index]]
    for change in first[: detail.others]:
        lines = [line for step in change.steps for line in wording.step(step)]
        shown = lines[: detail.others]
        if len(lines) > len(shown):
            shown.append(f"# {len(lines) - len(shown)} more lines")
        text = _fenced("\n".join(line[:300] for line in shown))
        yield f"**Pipeline** {code(wording.value(change.name))}\n\n```diff\n{text}\n```"


def _setting(setting: Setting) -> str:
    return f"{code(wording.value(setting.path))}: {code(wording.change(setting))}"


def _listed(title: str, items: list[str], detail: Detail) -> Iterator[str]:
    shown = items[: detail.others]
    if shown:
        left = len(items) - len(shown)
        shown += [f"{left} more"] if left else []
        yield "\n".join([f"**{title}**", "", *(f"- {item}" for item in shown)])


def _fenced(text: str) -> str:
    return text.replace("```", "'''")
