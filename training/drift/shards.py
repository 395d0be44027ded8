"""One window counted by several processes: each profiles its part, and the parts merge exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from training.drift.profile import Profile
from training.errors import UserError

_NAME = re.compile(r"part-\d+-of-(\d+)\.json")


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, from 1."""

    number: int
    count: int

    @staticmethod
    def parse(text: str) -> Shard:
        """A part from text such as ``2/5``; raises UserError."""
        number, _, count = text.partition("/")
        if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
            return Shard(int(number), int(count))
        raise UserError(f"part {text!r} is not allowed; give NUMBER/COUNT, such as 2/5")

    def path(self, folder: Path) -> Path:
        """Path of the part's profile in the folder that all parts share."""
        return folder / f"part-{self.number}-of-{self.count}.json"


def merged_shards(folder: Path) -> Profile:
    """The profile of the whole, from those of its parts at any depth of a folder.

    Raises:
        UserError: A part is missing, is there twice, or belongs to another division.
    """
    paths = sorted(path for path in folder.rglob("part-*.json") if _NAME.fullmatch(path.name))
    names = sorted(path.name for path in paths)
    count = max((int(_NAME.sub(r"\1", name)) for name in names), default=0)
    complete = sorted(Shard(number, count).path(folder).name for number in range(1, count + 1))
    if not complete or names != complete:
        raise UserError(
            f"the parts in {str(folder)!r} are not those of one whole: "
            f"{', '.join(names) or 'there is none'}"
        )
    return reduce(Profile.merge, map(Profile.load, paths))
