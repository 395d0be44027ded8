"""A part of a window of captures: what one of several processes counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from training.errors import UserError

Item = TypeVar("Item")


@dataclass(frozen=True)
class Part:
    """Part `number` of `count`, from 1."""

    number: int
    count: int

    @staticmethod
    def parse(text: str) -> Part:
        """A part from text such as ``2/5``; raises UserError."""
        number, _, count = text.partition("/")
        if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
            return Part(int(number), int(count))
        raise UserError(f"part {text!r} is not allowed; give NUMBER/COUNT, such as 2/5")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """The part's share: every `count`-th item, so that a busy hour is shared by all parts."""
        return items[self.number - 1 :: self.count]

    def profile(self, folder: Path) -> Path:
        """Path of the part's profile in the folder that all parts share."""
        return folder / f"part-{self.number}-of-{self.count}.json"

    def captures(self, folder: Path) -> Path:
        """Path of the folder of the part's captures, beside its profile."""
        return self.profile(folder).with_suffix("")


# The window that one process counts.
WHOLE = Part(1, 1)
