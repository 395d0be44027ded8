"""One window counted by several processes: each profiles its part, and the parts merge exactly."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path

from training.captures.part import Part
from training.drift.profile import Profile
from training.errors import UserError

_NAME = re.compile(r"part-\d+-of-(\d+)\.json")


def merged_shards(folder: Path) -> Profile:
    """The profile of the whole, from those of its parts at any depth of a folder.

    Raises:
        UserError: A part is missing, is there twice, or belongs to another division.
    """
    paths = sorted(path for path in folder.rglob("part-*.json") if _NAME.fullmatch(path.name))
    names = sorted(path.name for path in paths)
    count = max((int(_NAME.sub(r"\1", name)) for name in names), default=0)
    complete = sorted(Part(number, count).profile(folder).name for number in range(1, count + 1))
    if not complete or names != complete:
        raise UserError(
            f"the parts in {str(folder)!r} are not those of one whole: "
            f"{', '.join(names) or 'there is none'}"
        )
    return reduce(Profile.merge, map(Profile.load, paths))


def captures_of_shards(folder: Path) -> list[Path]:
    """The captures that the parts left beside their profiles, by name: oldest first."""
    return sorted(folder.rglob("*.parquet"), key=lambda path: path.name)
