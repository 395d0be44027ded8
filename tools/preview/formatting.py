"""Values and settings in words, short enough for a table."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

from tools.preview.model import CREATE, DELETE, Cost, Setting, StepChange

LONGEST_VALUE = 80
SHORT = 40


def value(content: Any) -> str:
    """A value on one line: text as it is, everything else as JSON; shortened.

    A document that is too long for that is told by the names in it.
    """
    if isinstance(content, float) and content.is_integer():
        content = int(content)
    if isinstance(content, dict) and not _is_short(content):
        content = f"a document of {', '.join(map(str, content))}"
    text = content if isinstance(content, str) else json.dumps(content, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def change(setting: Setting) -> str:
    """`before → after`, or what was added or removed, and the default that held or will."""
    if setting.before is None and setting.default is not None:
        return f"{value(setting.default)} (default) → {value(setting.after)}"
    if setting.after is None and setting.default is not None:
        return f"{value(setting.before)} → {value(setting.default)} (default)"
    if setting.before is None:
        return f"{value(setting.after)} (new)" if _is_short(setting.after) else "new"
    if setting.after is None:
        return f"{value(setting.before)} (removed)" if _is_short(setting.before) else "removed"
    if setting.before == setting.after:
        return f"changed {value(setting.after)}"
    before, after = _apart(setting.before, setting.after)
    return f"{value(before)} → {value(after)}"


def _apart(before: Any, after: Any) -> tuple[Any, Any]:
    """Two long paths from where they part: what they share says nothing."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return before, after
    pairs = zip(before.split("/"), after.split("/"), strict=False)
    shared = "/".join(old for old, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if len(shared) < SHORT or max(len(before), len(after)) <= LONGEST_VALUE:
        return before, after
    return f"...{before[len(shared) :]}", f"...{after[len(shared) :]}"


def _is_short(content: Any) -> bool:
    """True unless a value is a long object, which is shown by its names alone."""
    return not isinstance(content, dict | list) or len(json.dumps(content, default=str)) <= SHORT


def step(changed: StepChange) -> list[str]:
    """A step's change as lines of a diff."""
    if changed.operation == CREATE:
        return [f"+ step {changed.step}"]
    if changed.operation == DELETE:
        return [f"- step {changed.step}"]
    return [
        f"! step {changed.step}: {setting.path}: {change(setting)}" for setting in changed.settings
    ]


def money(before: float | None, after: float | None, unit: str) -> str:
    """`$120.00 → $240.00 a month`, or one figure if nothing changes."""
    old, new = _dollars(before), _dollars(after)
    return f"{new} {unit}" if old == new else f"{old} → {new} {unit}"


def cost_change(cost: Cost | None) -> str:
    """`+$252.58 (+285 %)`: the difference of the idle cost; empty if none is known."""
    before, after = (None, None) if cost is None else cost.idle
    if before is None or after is None:
        return ""
    difference = round(after - before, 2)
    if not difference:
        return ""
    sign = "+" if difference > 0 else "-"
    percent = round(100 * difference / before) if before else 0
    share = f" ({percent:+d} %)" if percent else ""
    return f"{sign}${abs(difference):,.2f}{share}"


def _dollars(amount: float | None) -> str:
    if amount is None:
        return "(known after up)"
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"


def costs(cost: Cost) -> list[str]:
    """The cost of the stack, and what is not in it."""
    lines = [
        f"idle: {money(*cost.idle, 'a month')}",
        f"in use: {money(*cost.predictions, 'per 1,000 predictions')}, "
        f"{money(*cost.retraining, 'per retraining')}",
    ]
    if cost.not_priced:
        lines.append(f"not priced: {', '.join(cost.not_priced)}")
    lines.append(f"list prices of {cost.prices_of}")
    return lines
