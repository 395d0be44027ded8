"""One refusal that a user met: a sample changed as there, and changed so that it is accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PATTERN, RANGE, ENUM, EXCLUSIVE = "pattern", "range", "enum", "exclusive"
REFERENCE, ORDERING, MISSING = "reference", "ordering", "missing"
TEXT, POLICY = "text", "policy"

GITHUB = "https://github.com"
Change = dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """`source` is the public thread; `message` says in short what the service answered.

    `before` are resources that have to be there: (name, sample whose type it has, its change);
    `accepted` is why the simulated cloud takes the bad values all the same.
    """

    source: str
    kind: str
    sample: str
    message: str
    bad: Change
    good: Change = field(default_factory=dict)
    before: tuple[tuple[str, str, Change], ...] = ()
    accepted: str = ""

    @property
    def title(self) -> str:
        """The name of the test: kind, sample, thread."""
        return f"{self.kind}-{self.sample}-{self.source.rsplit('github.com/', 1)[-1]}"
