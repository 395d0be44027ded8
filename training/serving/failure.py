"""The failure of a notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """The reason why a receiver did not take a notice; a final one is the same the next time."""

    reason: str
    is_final: bool = False

    def __str__(self) -> str:
        return self.reason
