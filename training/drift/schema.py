"""Findings about the schema: columns that came, went or changed."""

from __future__ import annotations

from training.drift.categorical import CategoryColumn
from training.drift.columns import Column
from training.drift.profile import Profile
from training.drift.verdict import Finding

_MOST_EXAMPLES = 5  # unseen categories that a finding lists


def schema_findings(reference: Profile, window: Profile) -> list[Finding]:
    """Changes from the reference's columns to the window's, breaking ones first."""
    findings = [
        Finding("column_gone", name, f"is gone; it was {column.kind} ({column.type})", True)
        for name, column in reference.columns.items()
        if name not in window.columns
    ]
    findings += [
        Finding("column_new", name, f"is new: {column.kind} ({column.type})", False)
        for name, column in window.columns.items()
        if name not in reference.columns
    ]
    for name, before in reference.columns.items():
        if name in window.columns:
            findings += _changes(name, before, window.columns[name])
    return sorted(
        findings, key=lambda finding: (not finding.breaking, finding.kind, finding.column)
    )


def _changes(name: str, before: Column, after: Column) -> list[Finding]:
    if before.kind != after.kind:
        # A column without a single value has no type of its own; its missing rows are tested like
        # any.
        if "empty" in (before.kind, after.kind):
            return []
        detail = f"was {before.kind} ({before.type}) and is {after.kind} ({after.type})"
        return [Finding("type_changed", name, detail, True)]
    if isinstance(before, CategoryColumn) and isinstance(after, CategoryColumn):
        return _unseen(name, before, after)
    return []


def _unseen(name: str, before: CategoryColumn, after: CategoryColumn) -> list[Finding]:
    if before.buckets is not None or after.buckets is not None:
        return []
    unseen = {
        category: rows for category, rows in after.names.items() if category not in before.names
    }
    if not unseen:
        return []
    examples = ", ".join(repr(category) for category in list(unseen)[:_MOST_EXAMPLES])
    more = f" and {len(unseen) - _MOST_EXAMPLES} more" if len(unseen) > _MOST_EXAMPLES else ""
    share = sum(unseen.values()) / max(1, after.rows)
    return [
        Finding(
            "unseen_categories",
            name,
            f"has unseen categories in {share:.2%} of rows: {examples}{more}",
            False,
        )
    ]
