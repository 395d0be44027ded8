"""The monitor: holds the alarm rules against the store and tells of every change.

Told is a change of state, another set of drifted features, an alarm that has been on for a day, and
the release that ends an alarm about the version before. A notice says to whom it goes, and who took
it is written down beside it, so that one that nobody could take is sent again later, also by the
process after this one.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from training import clock, release
from training.journal import JournalMovedError
from training.monitoring import (
    ALARM,
    INSUFFICIENT,
    OK,
    Alarm,
    alarm_deliveries,
    alarm_events,
    monitoring_of,
    silences,
)
from training.monitoring.local import DOCUMENT, health
from training.monitoring.rules import Metric
from training.pipeline import TRAINING
from training.platform import Platform
from training.runs import records
from training.serving.webhooks import Webhooks

log = logging.getLogger(__name__)

SECONDS = 5.0
# An alarm that stays on is told again: the receiver of the first notice may be away by now.
REPEAT = timedelta(hours=24)
# A notice that was not taken is sent again so long after the last attempt; before that whoever
# told it may still be trying.
AGAIN = timedelta(minutes=5)

# The variable with the address at which people reach the server's pages.
BASE = "MLOPS_URL"
# What a server listens at is no address of others.
EVERYWHERE = ("0.0.0.0", "::")

# Reasons for telling.
CHANGED, FEATURES, REPEATED, RELEASED = "state", "features", "repeated", "release"

# Asks for a retraining of a model.
Retrain = Callable[[str], None]


class Monitor:
    """Watches one model; without `retrain` drift is told of, not acted on.

    `metrics` are those whose rules it looks at; None for all. One of the processes that watch a
    model `sends_again` what was not taken.
    """

    def __init__(
        self,
        platform: Platform,
        model: str,
        webhooks: Webhooks,
        retrain: Retrain | None,
        metrics: Collection[str] | None = None,
        sends_again: bool = False,
    ) -> None:
        self._platform = platform
        self._model = model
        self._webhooks = webhooks
        self._retrain = retrain
        self._metrics = metrics
        self._events = alarm_events(platform.store, model)
        # The notice told last, by the alarm's name. It stands in the journal, so that a restart
        # tells nothing twice.
        self._notices: dict[str, dict[str, Any]] = {}
        self._events_read = 0
        self._sends_again = sends_again
        self._deliveries = alarm_deliveries(platform.store, model)
        # Who took which notice, as far as the deliveries are read, and when one was sent last.
        self._receipts: set[tuple[int, str]] = set()
        self._deliveries_read = 0
        self._send_times: dict[tuple[int, str], datetime] = {}
        self._acted_on = 0

    def check(self) -> list[Alarm]:
        """One look at all rules; returns the alarms as they were seen."""
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
        if self._sends_again:
            self._send_again(part["webhooks"])
        return alarms

    def _read_events(self) -> None:
        """Learn what others told since the last look: the watcher of a server that was killed."""
        for event in self._events.newer(self._events_read):
            self._events_read = event["number"]
            self._notices[event["alarm"]] = event

    def _news(self, alarm: Alarm) -> dict[str, Any] | None:
        """The notice that `alarm` deserves; None if all was told."""
        notice = self._notices.get(alarm.name, {"state": OK})
        if alarm.state == INSUFFICIENT:
            # Without data there is no news, but that an alarm was about a version that is gone.
            champion = release.champion(self._platform.store, self._model)
            about = notice.get("version")
            if notice["state"] != ALARM or not champion or about in (None, champion.version):
                return None
            says = f"version {champion.version} was released; the alarm was about version {about}"
            all_clear = replace(alarm, state=OK, says=says)
            return self._notice(all_clear, RELEASED, champion.version)
        if alarm.state != notice["state"]:
            return self._notice(alarm, CHANGED)
        if alarm.state != ALARM:
            return None
        if alarm.check and sorted(alarm.check["drifted"]) != sorted(notice.get("features") or []):
            return self._notice(alarm, FEATURES)
        if clock.now() - clock.parse(notice["at"]) >= REPEAT:
            return self._notice(alarm, REPEATED)
        return None

    def _notice(self, alarm: Alarm, reason: str, version: int | None = None) -> dict[str, Any]:
        return notice(self._platform, self._model, alarm, reason, version)

    def _tell(self, event: dict[str, Any], receivers: list[str]) -> None:
        to = {"receivers": [_digest(receiver) for receiver in receivers]}
        try:
            record = self._events.append({**event, **to}, after=self._events_read)
        except JournalMovedError:  # somebody else tells; the next look reads what
            return
        self._events_read = record["number"]
        self._notices[event["alarm"]] = record
        self._post(receivers, record)
        log.warning("model %s: alarm %s is %s: %s", self._model, *_summary(event))

    def _send_again(self, receivers: Sequence[str]) -> None:
        """Send the newest notice of each alarm again to whom it was for and who did not take it."""
        for record in self._deliveries.newer(self._deliveries_read):
            self._deliveries_read = record["number"]
            self._receipts.add((record["event"], record["receiver"]))
        now = clock.now()
        for event in self._notices.values():
            moment = clock.parse(event["at"])
            if now - moment >= REPEAT:
                continue
            untaken = [
                receiver
                for receiver in receivers
                if (digest := _digest(receiver)) in event.get("receivers", ())
                and (event["number"], digest) not in self._receipts
                and now - self._send_times.get((event["number"], digest), moment) >= AGAIN
            ]
            self._post(untaken, event)

    def _post(self, receivers: Sequence[str], record: dict[str, Any]) -> None:
        number = record["number"]
        for receiver in receivers:
            self._send_times[number, _digest(receiver)] = clock.now()
        event = {name: record[name] for name in record if name not in ("number", "receivers")}
        self._webhooks.post(receivers, event, partial(self._settle, number))

    def _settle(self, number: int, receiver: str, refused: str) -> None:
        """Write down that a receiver took a notice, or never will."""
        entry = {
            "event": number,
            "receiver": _digest(receiver),
            "refused": refused,
            "at": clock.text(clock.now()),
        }
        try:
            self._deliveries.append(entry)
        except (OSError, JournalMovedError) as error:
            # At worst it gets the notice twice.
            log.warning("model %s: a delivery was not written down: %s", self._model, error)

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
        "link": _link(platform, model, check.get("run")),
        "at": clock.text(clock.now()),
    }


def _link(platform: Platform, model: str, run: str | None) -> str | None:
    """The address of the check's report, or of the model's part of the dashboard.

    None if the server says of none that others reach.
    """
    beat = health(platform.store, model)
    base = os.environ.get(BASE) or (beat["url"] if beat else "")
    if not base or urlsplit(base).hostname in EVERYWHERE:
        return None
    page = f"models/{quote(model)}/drift/{quote(run)}" if run else f"#{quote(model)}"
    return f"{base.rstrip('/')}/{page}"


def _digest(receiver: str) -> str:
    """A receiver in records: its URL is often a secret."""
    return hashlib.sha256(receiver.encode()).hexdigest()[:16]


def _summary(event: dict[str, Any]) -> tuple[str, str, str]:
    features = ", ".join(event["features"])
    about = f" (version {event['version']}: {features})" if features else ""
    return event["alarm"], event["state"], f"{event['says']}{about}"
