"""Thresholds above which a difference counts as drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.errors import UserError


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of drift: a difference counts if it is significant *and* large enough to matter.

    Args:
        alpha: False discovery rate over all tests of a check: where nothing drifts, the chance of
            any alarm.
        min_effect: Smallest difference that matters, 0 to 1: Kolmogorov-Smirnov distance of
            numbers, total variation of categories, difference of the shares of missing rows.
        effects: `min_effect` of single columns, by name.
        min_rows: Rows that both sides need, and values that both sides of a column need; fewer are
            insufficient data.
        block: Column whose values mark rows that depend on each other (a day, an entity), or None
            if rows are independent. Both profiles must have been made with it.

    Raises:
        UserError: A value outside its range.
    """

    alpha: float = 0.05
    min_effect: float = 0.02
    effects: Mapping[str, float] = field(default_factory=dict)
    min_rows: int = 100
    block: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise UserError(f"alpha is {self.alpha}; it must be above 0 and below 1")
        for name, effect in {"min_effect": self.min_effect, **self.effects}.items():
            if not 0 <= effect <= 1:
                raise UserError(f"the smallest effect {name!r} is {effect}; it must be from 0 to 1")
        if self.min_rows < 1:
            raise UserError(f"min_rows is {self.min_rows}; it must be 1 or more")

    def effect_of(self, name: str) -> float:
        """Smallest difference that matters in a column."""
        return self.effects.get(name, self.min_effect)


DEFAULTS = Thresholds()
