"""A stack's preview as data: what every renderer shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# In the order in which they are shown: what takes something away goes first.
DELETE, REPLACE, CREATE, UPDATE = "delete", "replace", "create", "update"
OPERATIONS = (REPLACE, DELETE, CREATE, UPDATE)
PAST = {DELETE: "deleted", REPLACE: "replaced", CREATE: "created", UPDATE: "changed"}


@dataclass(frozen=True)
class Setting:
    """A property or a setting that differs; None where it is not there.

    `default` is what holds then, None if nothing does.
    """

    path: str
    before: Any
    after: Any
    default: Any = None


@dataclass(frozen=True)
class StepChange:
    """A step of a pipeline definition that differs; `operation` is create, update or delete."""

    operation: str
    step: str
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True)
class Change:
    """A resource that would be created, changed, replaced or deleted."""

    operation: str
    type: str
    name: str
    settings: tuple[Setting, ...] = ()
    steps: tuple[StepChange, ...] = ()
    # The properties that can't be changed in place.
    reasons: tuple[str, ...] = ()
    # The program asked to keep what stands behind it.
    retained: bool = False


@dataclass(frozen=True)
class Finding:
    """A policy's finding about a resource."""

    policy: str
    mandatory: bool
    resource: str
    message: str


@dataclass(frozen=True)
class Cost:
    """US dollars before and after; per month idle, per 1,000 predictions, per retraining.

    None where it is known only after an up.
    """

    idle: tuple[float | None, float | None]
    predictions: tuple[float, float]
    retraining: tuple[float | None, float | None]
    prices_of: str
    not_priced: tuple[str, ...] = ()


@dataclass(frozen=True)
class StackPreview:
    """Everything a preview says of one stack.

    `code` is the digest of the model code before and after. `errors` is why there is no preview;
    then the rest is empty.
    """

    stack: str
    against: str
    changes: tuple[Change, ...] = ()
    settings: tuple[Setting, ...] = ()
    code: tuple[str | None, str | None] = (None, None)
    findings: tuple[Finding, ...] = ()
    cost: Cost | None = None
    losses: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """The number of resources by operation, in the order shown, without zeros."""
        numbers = {op: sum(change.operation == op for change in self.changes) for op in OPERATIONS}
        return {PAST[op]: number for op, number in numbers.items() if number}


@dataclass(frozen=True)
class Resource:
    """A resource with its inputs, on one side of a preview."""

    type: str
    name: str
    inputs: dict[str, Any] = field(default_factory=dict)
