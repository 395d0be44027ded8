"""One limit that a reference states: values just beyond it, and values just within."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Change = dict[str, Any]


@dataclass(frozen=True)
class Stated:
    """A sample changed in two ways: `bad` is refused with a text that has `reason`, `good` is not.

    `before` are resources that have to be there: (name, sample whose type it has, its change). The
    source stands at the rule.
    """

    sample: str
    reason: str
    bad: Change
    good: Change = field(default_factory=dict)
    before: tuple[tuple[str, str, Change], ...] = ()

    @property
    def title(self) -> str:
        """The name of the test."""
        return f"{self.sample}-{'-'.join(self.bad) or 'as it is'}-{self.reason}"
