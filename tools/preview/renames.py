"""Renames: a resource that is deleted, and made anew under a name that a setting changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.preview.model import CREATE, DELETE, Change, Setting


def paired(
    changes: Sequence[Change], settings: Sequence[Setting]
) -> Iterator[tuple[Change, Change | None]]:
    """Each change, a deletion with the creation of the same thing under its new name."""
    names = [
        (setting.before, setting.after)
        for setting in settings
        if isinstance(setting.before, str) and isinstance(setting.after, str)
    ]
    created = {(c.type, c.name): c for c in changes if c.operation == CREATE}
    partners: dict[int, Change] = {}
    for change in changes:
        for old, new in names if change.operation == DELETE else ():
            suffix = change.name.removeprefix(old)
            partner = created.get((change.type, f"{new}{suffix}"))
            if partner and (suffix == "" or suffix.startswith("-")) and suffix != change.name:
                partners[id(change)] = partner
    renamed = {id(partner) for partner in partners.values()}
    for change in changes:
        if id(change) not in renamed:
            yield change, partners.get(id(change))
