"""Monitoring: the alarms of a model, and what a drift check publishes for them.

A rule is ``{"name", "metric", "above", "says"}``: ALARM while the metric is above the number,
INSUFFICIENT_DATA while there is no value. On the clouds the rules are alarms of the service.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from training import clock
from training.backends import backend
from training.journal import Journal
from training.store import Store

if TYPE_CHECKING:
    from training.platform import Platform

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class Alarm:
    """The state of one rule; `value` is None where there is no data."""

    name: str
    state: str
    value: float | None
    above: float
    says: str

    def as_json(self) -> dict[str, Any]:
        """The alarm as plain data."""
        return asdict(self)


class Monitoring(Protocol):
    """A back end is a module per target with these functions."""

    def alarms(self, platform: Platform, model: str) -> list[Alarm]:
        """The state of all alarms of `model`, now."""
        ...

    def publish(self, platform: Platform, model: str, check: dict[str, Any]) -> None:
        """Send a drift check to the service's metrics: drifted features, effects, that it ran."""
        ...


def monitoring_of(platform: Platform) -> Monitoring:
    """The back end of the stack's target."""
    return backend("monitoring", platform.target)


def record_check(platform: Platform, model: str, check: dict[str, Any]) -> dict[str, Any]:
    """Keep a drift check in the journal, send it to the service's metrics, and return it."""
    print(f"{check['verdict']}: {check['rows']} rows, drifted: {check['drifted'] or 'none'}")
    stamped = {**check, "when": clock.text(clock.now())}
    record = drift_checks(platform.store, model).append(stamped)
    monitoring_of(platform).publish(platform, model, record)
    return record


def alarm(rule: dict[str, Any], value: float | None) -> Alarm:
    """The alarm of `rule` at `value`."""
    state = INSUFFICIENT if value is None else ALARM if value > rule["above"] else OK
    return Alarm(rule["name"], state, value, rule["above"], rule["says"])


def drift_checks(store: Store, model: str) -> Journal:
    """The record of every drift check: when, window, verdict, drifted features, report."""
    return Journal(store, f"models/{model}/drift-checks")
