"""The monitor: holds the alarm rules against the store and tells of every change of state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from training import clock
from training.journal import Journal
from training.monitoring import ALARM, INSUFFICIENT, OK, Alarm, drift_checks, monitoring_of
from training.monitoring.local import DOCUMENT
from training.pipeline import TRAINING
from training.platform import Platform
from training.runs import records
from training.serving.webhooks import Webhooks

log = logging.getLogger(__name__)

SECONDS = 5.0
DRIFT_METRIC = "drifted_features"

# Asks for a retraining of a model.
Retrain = Callable[[str], None]


def events(platform: Platform, model: str) -> Journal:
    """Every change of an alarm's state."""
    return Journal(platform.store, f"models/{model}/alarm-events")


class Monitor:
    """Watches one model; without `retrain` drift is told of, not acted on."""

    def __init__(
        self, platform: Platform, model: str, webhooks: Webhooks, retrain: Retrain | None
    ) -> None:
        self._platform = platform
        self._model = model
        self._webhooks = webhooks
        self._retrain = retrain
        self._events = events(platform, model)
        # What was told last stands in the journal, so a restart tells nothing twice.
        self._told = {event["alarm"]: event["state"] for event in self._events.records()}
        self._acted_on = 0

    def check(self) -> None:
        """One look at all rules."""
        part = self._platform.part(self._model, DOCUMENT)
        rules: list[dict[str, Any]] = part["rules"]
        alarms = monitoring_of(self._platform).alarms(self._platform, self._model)
        for alarm in alarms:
            # Without data there is no news: what was told last stands.
            if alarm.state not in (INSUFFICIENT, self._told.get(alarm.name, OK)):
                self._tell(alarm, part["webhooks"])
        metrics = {rule["name"]: rule["metric"] for rule in rules}
        if any(a.state == ALARM and metrics[a.name] == DRIFT_METRIC for a in alarms):
            self._act_on_drift()

    def _tell(self, alarm: Alarm, urls: list[str]) -> None:
        event = {
            "stack": self._platform.stack,
            "model": self._model,
            "alarm": alarm.name,
            "state": alarm.state,
            "value": alarm.value,
            "says": alarm.says,
            "at": clock.text(clock.now()),
        }
        self._events.append(event)
        self._told[alarm.name] = alarm.state
        self._webhooks.post(urls, event)
        log.warning("model %s: alarm %s is %s: %s", self._model, *_summary(event))

    def _act_on_drift(self) -> None:
        """Ask for one retraining for each check that found drift.

        Not only for the first: if admission refused that one, for its cooldown or too few new
        rows, the alarm stays and the next check is the next occasion.
        """
        check = drift_checks(self._platform.store, self._model).last()
        if self._retrain is None or check is None or check["number"] == self._acted_on:
            return
        self._acted_on = check["number"]
        if not self._trained_since(check["when"]):
            self._retrain(self._model)

    def _trained_since(self, moment: str) -> bool:
        recent = records.recent(self._platform.store, self._model)
        return any(r["pipeline"] == TRAINING.name and r["started"] >= moment for r in recent)


def _summary(event: dict[str, Any]) -> tuple[str, str, str]:
    return event["alarm"], event["state"], event["says"]
