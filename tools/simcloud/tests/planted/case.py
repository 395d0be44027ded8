"""One planted fault: a sample, what is changed in it, and what the refusal has to say."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any

REMOVED = object()
SCHEMA, LIMIT, RULE = "schema", "limit", "rule"
REFERENCE, GUARD, DELETE, FROZEN = "reference", "guard", "delete", "frozen"


@dataclass(frozen=True)
class Planted:
    """`stage` is the part of the simulated cloud that has to refuse."""

    stage: str
    sample: str
    reason: str
    change: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name of the test."""
        place = "-".join(self.change) or "as it is"
        return f"{self.stage}-{self.sample}-{place}"


def changed(inputs: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Inputs with values put at paths such as `rules[0].status`, or taken away (`REMOVED`)."""
    changed_inputs = copy.deepcopy(inputs)
    for path, value in change.items():
        *above, last = (
            int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", path)
        )
        place: Any = changed_inputs
        for key in above:
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
        if value is REMOVED:
            del place[last]
        else:
            place[last] = value
    return changed_inputs
