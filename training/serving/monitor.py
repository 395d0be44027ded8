"""The monitor: holds the alarm rules against the store and tells of every change.

Told is a change of state, another set of drifted features, an alarm that has been on for a day, and
the release that ends an alarm about the version before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from training import clock, release
from training.journal import JournalMovedError
from training.monitoring import (
    ALARM,
    INSUFFICIENT,
    OK,
    Alarm,
    alarm_events,
    monitoring_of,
    silences,
)
from training.monitoring.local import DOCUMENT
from training.monitoring.rules import Metric
from training.pipeline import TRAINING
from training.platform import Platform
from training.runs import records
from training.serving.webhooks import Webhooks

log = logging.getLogger(__name__)

SECONDS = 5.0
# An alarm that stays on is told again: the receiver of the first notice may be away by now.
REPEAT = timedelta(hours=24)

# Reasons for telling.
CHANGED, FEATURES, REPEATED, RELEASED = "state", "features", "repeated", "release"

# Asks for a retraining of a model.
Retrain = Callable[[str], None]


class Monitor:
    """Watches one model; without `retrain` drift is told of, not acted on.

    `metrics` are those whose rules it looks at; None for all.
    """

    def __init__(
        self,
        platform: Platform,
        model: str,
        webhooks: Webhooks,
        retrain: Retrain | None,
        metrics: Collection[str] | None = None,
    ) -> None:
        self._platform = platform
        self._model = model
        self._webhooks = webhooks
        self._retrain = retrain
        self._metrics = metrics
        self._events = alarm_events(platform.store, model)
        # The notice told last, by the alarm's name. It stands in the journal, so that a restart
        # tells nothing twice.
        self._told: dict[str, dict[str, Any]] = {}
        self._read = 0
        self._acted_on = 0

    def check(self) -> None:
        """One look at all rules."""
        part = self._platform.part(self._model, DOCUMENT)
        metrics = {rule["name"]: rule["metric"] for rule in part["rules"]}
        alarms = [
            alarm
            for alarm in monitoring_of(self._platform).alarms(self._platform, self._model)
            if self._metrics is None or metrics[alarm.name] in self._metrics
        ]
        self._read_events()
        silenced = silences.active(self._platform.store, self._model)
        for alarm in alarms:
            # What a silence kept back is told once it is over, if it is still so.
            event = None if alarm.name in silenced else self._news(alarm)
            if event is not None:
                self._tell(event, part["webhooks"])
            # The alarm and what is done about it rest on one and the same check.
            if alarm.state == ALARM and metrics[alarm.name] == Metric.DRIFTED_FEATURES.value:
                self._act_on_drift(alarm)

    def _read_events(self) -> None:
        """Learn what others told since the last look: the watcher of a server that was killed."""
        for event in self._events.newer(self._read):
            self._read = event["number"]
            self._told[event["alarm"]] = event

    def _news(self, alarm: Alarm) -> dict[str, Any] | None:
        """The notice that `alarm` deserves; None if all was told."""
        told = self._told.get(alarm.name, {"state": OK})
        if alarm.state == INSUFFICIENT:
            # Without data there is no news, but that an alarm was about a version that is gone.
            champion = release.champion(self._platform.store, self._model)
            about = told.get("version")
            if told["state"] != ALARM or not champion or about in (None, champion.version):
                return None
            says = f"version {champion.version} was released; the alarm was about version {about}"
            ended = replace(alarm, state=OK, says=says)
            return self._notice(ended, RELEASED, champion.version)
        if alarm.state != told["state"]:
            return self._notice(alarm, CHANGED)
        if alarm.state != ALARM:
            return None
        if alarm.check and sorted(alarm.check["drifted"]) != sorted(told.get("features") or []):
            return self._notice(alarm, FEATURES)
        if clock.now() - clock.parse(told["at"]) >= REPEAT:
            return self._notice(alarm, REPEATED)
        return None

    def _notice(self, alarm: Alarm, reason: str, version: int | None = None) -> dict[str, Any]:
        return notice(self._platform, self._model, alarm, reason, version)

    def _tell(self, event: dict[str, Any], receivers: list[str]) -> None:
        try:
            record = self._events.append(event, after=self._read)
        except JournalMovedError:  # somebody else tells; the next look reads what
            return
        self._read = record["number"]
        self._told[event["alarm"]] = record
        self._webhooks.post(receivers, event)
        log.warning("model %s: alarm %s is %s: %s", self._model, *_summary(event))

    def _act_on_drift(self, alarm: Alarm) -> None:
        """Ask for one retraining for each check that found drift.

        Not only for the first: if admission refused that one, for its cooldown or too few new
        rows, the alarm stays and the next check is the next occasion.
        """
        check = alarm.check
        if self._retrain is None or check is None or check["number"] == self._acted_on:
            return
        self._acted_on = check["number"]
        if not self._trained_since(check["when"]):
            self._retrain(self._model)

    def _trained_since(self, moment: str) -> bool:
        recent = records.recent(self._platform.store, self._model)
        return any(r["pipeline"] == TRAINING.name and r["started"] >= moment for r in recent)


def notice(
    platform: Platform, model: str, alarm: Alarm, reason: str, version: int | None = None
) -> dict[str, Any]:
    """What a receiver is told of an alarm; `version` is its check's if none is given."""
    check = alarm.check or {}
    return {
        "stack": platform.stack,
        "model": model,
        "alarm": alarm.name,
        "state": alarm.state,
        "reason": reason,
        "value": alarm.value,
        "above": alarm.above,
        "says": alarm.says,
        "severity": alarm.severity,
        "version": version or check.get("version"),
        "features": list(check.get("drifted", [])) if alarm.state == ALARM else [],
        "run": check.get("run"),
        "at": clock.text(clock.now()),
    }


def _summary(event: dict[str, Any]) -> tuple[str, str, str]:
    features = ", ".join(event["features"])
    about = f" (version {event['version']}: {features})" if features else ""
    return event["alarm"], event["state"], f"{event['says']}{about}"
