"""Previews as one comment of a pull request.

The comment is edited in place: `MARKER` finds it again. It is always shorter than what GitHub
takes; what is left out for that is said.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.preview import formatting
from tools.preview.model import DELETE, PAST, REPLACE, UPDATE, Change, Setting, StackPreview
from tools.preview.renames import paired

MARKER = "<!-- mlops preview -->"
# Bytes; GitHub takes 65,536 characters, and a character has one byte or more.
LIMIT = 65_000
# A longer section of one stack is folded.
LONG = 40
LONGEST_ERROR = 1_500
PLAIN = re.compile(r"[\w ./:=,*()\[\]#@%+→-]+")


@dataclass(frozen=True)
class Detail:
    """Limits of what is shown of each stack: rows, settings of a row, findings and steps."""

    rows: int
    settings: int
    lines: int


# From all there is to the counts alone; the first that fits is taken.
DETAILS = (Detail(500, 30, 100), Detail(150, 6, 30), Detail(40, 3, 10), Detail(0, 0, 0))


def render(previews: Sequence[StackPreview], head: str = "") -> str:
    """The comment; `head` is the revision that it is about."""
    about = [f"Of revision {code(formatting.value(head))}."] if head else []
    summary = list(_summary(previews))
    for detail in DETAILS:
        sections = _up_to_limit(_stack(preview, detail) for preview in previews)
        comment = _comment([*about, *summary, *sections], 0)
        if len(sections) == len(previews) and _fits(comment):
            return comment
    # More stacks than fit even by their counts.
    sections = _up_to_limit(_heading(preview) for preview in previews)
    for count in range(min(len(sections), len(previews) - 1), 0, -1):
        comment = _comment([*about, *sections[:count]], len(previews) - count)
        if _fits(comment):
            return comment
    return _comment(about, len(previews))


def code(text: str) -> str:
    """Text as code that survives in a table cell, whatever is in it."""
    if PLAIN.fullmatch(text) and "@" not in text:
        return f"`{text}`"
    safe = html.escape(text, quote=False).replace("|", "&#124;").replace("@", "&#64;")
    return f"<code>{safe}</code>"


def _fits(text: str) -> bool:
    return len(text.encode()) <= LIMIT


def _up_to_limit(sections: Iterable[str]) -> list[str]:
    """The first of the sections, as many as fit by themselves; the others are not made."""
    size, fitting = 0, []
    for section in sections:
        size += len(section.encode())
        if size > LIMIT:
            break
        fitting.append(section)
    return fitting


def _comment(sections: list[str], left_out: int) -> str:
    parts = [MARKER, "## What this change would do", *sections]
    if left_out:
        parts.append(f"{left_out} more stacks don't fit into a comment.")
    return "\n\n".join(parts) + "\n"


def _summary(previews: Sequence[StackPreview]) -> Iterator[str]:
    """A table of several stacks, so that nobody has to look for the one that matters."""
    if len(previews) < 2:
        return
    lines = ["| stack | changes | cost a month | losses | policy |", "|---|---|---|---|---|"]
    for preview in previews:
        counts = ", ".join(f"{number} {effect}" for effect, number in preview.counts().items())
        changes = "**no preview**" if preview.errors else counts or "none"
        refused = sum(finding.mandatory for finding in preview.findings)
        advice = len(preview.findings) - refused
        policy = [f"**{refused} refused**"] if refused else []
        policy += [f"{advice} advice"] if advice else []
        cells = [
            code(formatting.value(preview.stack)),
            changes,
            formatting.cost_change(preview.cost) or "same",
            f"**{len(preview.losses)}**" if preview.losses else "none",
            ", ".join(policy) or "kept",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    yield "\n".join(lines)


def _heading(preview: StackPreview) -> str:
    counts = ", ".join(f"{number} {operation}" for operation, number in preview.counts().items())
    state = "no preview" if preview.errors else counts or "no changes"
    name, against = formatting.value(preview.stack), formatting.value(preview.against)
    cost = formatting.cost_change(preview.cost)
    state = f"{state}, {cost} a month" if cost else state
    return f"### {code(name)}: {state}\n\nAgainst {html.escape(against)}."


def _stack(preview: StackPreview, detail: Detail) -> str:
    always = [_heading(preview), *_losses(preview, detail)]
    body = "\n\n".join(_body(preview, detail))
    if body.count("\n") > LONG:
        body = f"<details><summary>Details</summary>\n\n{body}\n\n</details>"
    return "\n\n".join(part for part in (*always, body) if part)


def _losses(preview: StackPreview, detail: Detail) -> Iterator[str]:
    if preview.losses:
        lines = [html.escape(loss) for loss in preview.losses[: max(detail.lines, 5)]]
        rest = len(preview.losses) - len(lines)
        lines += [f"{rest} more losses."] if rest else []
        yield "\n".join(["> [!WARNING]", *(f"> - {loss[:500]}" for loss in lines)])


def _body(preview: StackPreview, detail: Detail) -> Iterator[str]:
    for error in preview.errors[: max(detail.lines, 1)]:
        yield f"The engine says:\n\n```\n{_fenced(error[-LONGEST_ERROR:])}\n```"
    if preview.settings:
        yield from _section("Settings", [_setting(finding) for finding in preview.settings], detail)
    if preview.code[0] != preview.code[1]:
        before, after = (digest[:12] if digest else "none" for digest in preview.code)
        yield f"**Model code**: `{before}` → `{after}`"
    yield from _table(preview, detail)
    yield from _pipelines(preview, detail)
    findings = [
        f"{'**refused**' if finding.mandatory else 'advice'} {code(finding.policy)}: "
        f"{html.escape(formatting.value(finding.resource))}: {html.escape(finding.message[:300])}"
        for finding in preview.findings
    ]
    yield from _section("Policy", findings, detail)
    if preview.cost:
        yield "\n".join(["**Cost**", "", *(f"- {line}" for line in formatting.costs(preview.cost))])


def _table(preview: StackPreview, detail: Detail) -> Iterator[str]:
    rows = list(paired(preview.changes, preview.settings))
    changes = rows[: detail.rows]
    if not changes:
        return
    lines = ["| | resource | what changes |", "|---|---|---|"]
    new_code = preview.code[0] != preview.code[1]
    lines += [_row(change, detail, new_code, partner) for change, partner in changes]
    rest = len(rows) - len(changes)
    if rest:
        lines.append(f"| | | {rest} more changes |")
    yield "\n".join(lines)


def _row(change: Change, detail: Detail, new_code: bool, renamed: Change | None) -> str:
    operation = PAST[change.operation]
    loud = f"**{operation}**" if change.operation in (DELETE, REPLACE) else operation
    remark = " (kept in the cloud)" if change.retained else ""
    cells = [_setting(setting) for setting in change.settings[: detail.settings]]
    rest = len(change.settings) - len(cells)
    cells += [f"{rest} more"] if rest else []
    cells += ["steps: below"] if change.steps else []
    cells += [f"made anew as {code(formatting.value(renamed.name))}"] if renamed else []
    if change.operation in (REPLACE, UPDATE) and not (cells or change.reasons):
        cells.append("the model code" if new_code else "follows what it depends on")
    if change.reasons:
        reasons = ", ".join(code(formatting.value(reason)) for reason in change.reasons[:5])
        cells.append(f"replaced because of {reasons}")
    name, kind = formatting.value(change.name), formatting.value(change.type)
    return f"| {loud}{remark} | {code(name)} {html.escape(kind)} | {'<br>'.join(cells)} |"


def _pipelines(preview: StackPreview, detail: Detail) -> Iterator[str]:
    # A definition may stand in several resources: it is told once.
    pipelines = [change for change in preview.changes if change.steps]
    steps = [change.steps for change in pipelines]
    first = [change for index, change in enumerate(pipelines) if change.steps not in steps[:index]]
    for change in first[: detail.lines]:
        lines = [line for step in change.steps for line in formatting.step(step)]
        excerpt = lines[: detail.lines]
        if len(lines) > len(excerpt):
            excerpt.append(f"# {len(lines) - len(excerpt)} more lines")
        text = _fenced("\n".join(line[:300] for line in excerpt))
        yield f"**Pipeline** {code(formatting.value(change.name))}\n\n```diff\n{text}\n```"


def _setting(setting: Setting) -> str:
    return f"{code(formatting.value(setting.path))}: {code(formatting.change(setting))}"


def _section(title: str, items: list[str], detail: Detail) -> Iterator[str]:
    lines = items[: detail.lines]
    if lines:
        rest = len(items) - len(lines)
        lines += [f"{rest} more"] if rest else []
        yield "\n".join([f"**{title}**", "", *(f"- {item}" for item in lines)])


def _fenced(text: str) -> str:
    return text.replace("```", "'''")
