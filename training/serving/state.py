"""State of the server's models: one plain document for page, metrics and status."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from training import card, clock, release, runs, versions
from training.journal import Journal
from training.monitoring import (
    ALARM,
    UNDECIDED,
    alarm_events,
    drift_checks,
    latest_measurement,
    measurements,
    monitoring_of,
)
from training.monitoring import effects as measured_effects
from training.pipeline import TRAINING
from training.platform import Platform
from training.runs import records
from training.runs.outcome import outcome
from training.serving import charts
from training.serving.endpoint import Endpoint
from training.steps.drift import REPORT_HTML

NEWEST = 8
TOP_FEATURES = 8
RUN_FIELDS = ("run", "pipeline", "status", "started", "ended", "error")
NOT_MEASURED = {
    "when": None, "value": None, "low": None, "high": None, "labeled": 0, "status": "no_labels"
}  # fmt: skip

# The next fire time of each schedule of a model, as text, by the schedule's name.
Schedules = Callable[[str], list[dict[str, Any]]]


class State:
    """Reads the store and the endpoints; safe to use from any thread."""

    def __init__(
        self, platform: Platform, endpoints: Mapping[str, Endpoint], schedules: Schedules
    ) -> None:
        self._platform = platform
        self._endpoints = endpoints
        self._schedules = schedules
        # Records read so far: by the journal's prefix and their number.
        self._records: dict[str, dict[int, dict[str, Any]]] = {}

    def collect(self) -> dict[str, Any]:
        """The whole stack, now."""
        return {
            "stack": self._platform.stack,
            "target": self._platform.target,
            "at": clock.text(clock.now()),
            "models": self.models(),
        }

    def models(self) -> list[dict[str, Any]]:
        """Every model, now."""
        return [self._model(endpoint) for endpoint in self._endpoints.values()]

    def page(self) -> dict[str, Any]:
        """The whole stack with its history, for the page."""
        state = self.collect()
        for model in state["models"]:
            self._add_history(model)
        return state

    def run(self, model: str, run: str) -> dict[str, Any] | None:
        """A run with its outcome and the logs of its steps; None if there is none."""
        if run not in records.names(self._platform.store, model):  # a name, not a path
            return None
        record = records.record(self._platform.store, model, run)
        back_end = runs.runs_of(self._platform)
        logs = {name: back_end.log(self._platform, model, run, name) for name in record["steps"]}
        report = self.drift_report(model, run) is not None
        return {**record, "outcome": outcome(record).as_json(), "logs": logs, "report": report}

    def version(self, model: str, number: int) -> dict[str, Any] | None:
        """A version with all that belongs to it; None if there is none that can be read."""
        store, manifests = self._platform.store, self._manifests(model)
        if number not in manifests:
            return None
        manifest, numbers = manifests[number], sorted(manifests)
        place = numbers.index(number)
        before = numbers[place - 1] if place else None
        after = numbers[place + 1] if place + 1 < len(numbers) else None
        releases = self._journal(release.journal(store, model))
        checks = self._checks(model)
        return {
            "model": model,
            "manifest": manifest,
            "facts": card.facts(manifest),
            "before": before,
            "after": after,
            "changes": [] if before is None else card.changes(manifests[before], manifest),
            "champion": bool(releases) and releases[-1]["version"] == number,
            "waits": number in self._waiting(model, releases),
            # One that another stack made, or whose run is past its retention, has none here.
            "has_run": manifest["run"] in records.names(store, model),
            "releases": [record for record in releases if record["version"] == number],
            "measurements": [m for m in measurements(checks) if m["version"] == number],
            "checks": [check for check in checks if check["version"] == number],
        }

    def drift_report(self, model: str, run: str) -> str | None:
        """The HTML page of a drift check; None if the run made none."""
        if run not in records.names(self._platform.store, model):  # a name, not a path
            return None
        key = f"{runs.folder(model, run)}/outputs/drift/{REPORT_HTML}"
        try:
            return self._platform.store.read(key).decode()
        except KeyError:
            return None

    def response(self, model: str, run: str) -> dict[str, Any] | None:
        """What belongs to a drift check, and what was done once it found drift.

        Returns:
            ``{"model", "check", "next", "done"}``: `next` is the check after it that had enough
            rows, and `done` what happened between the two, oldest first, each ``{"at", "notice"}``,
            ``{"at", "training"}`` or ``{"at", "release"}``; None if the journal has no check of
            this run.
        """
        checks = self._checks(model)
        place = next((n for n, check in enumerate(checks) if check["run"] == run), None)
        if place is None:
            return None
        later = (check for check in checks[place + 1 :] if check["verdict"] != UNDECIDED)
        check, following = checks[place], next(later, None)
        store = self._platform.store
        until = following["when"] if following else clock.text(clock.now())
        trainings = self._trainings(model, run, check["when"], until)
        done = [
            *({"at": record["started"], "training": record} for record in trainings),
            *(
                {"at": event["at"], "notice": event}
                for event in self._journal(alarm_events(store, model))
                if event.get("run") == run
            ),
            *(
                {"at": record["when"], "release": record}
                for record in self._journal(release.journal(store, model))
                if check["when"] <= record["when"] <= until
            ),
        ]
        done.sort(key=lambda entry: entry["at"])
        return {"model": model, "check": check, "next": following, "done": done}

    def _trainings(self, model: str, after: str, since: str, until: str) -> list[dict[str, Any]]:
        """The training runs begun from `since` to `until`, oldest first; all after a run's name."""
        store, result = self._platform.store, []
        for name in records.names(store, model):
            if name <= after:  # names sort by time
                break
            if f"-{TRAINING.name}-" not in name:
                continue
            with suppress(KeyError):
                record = records.record(store, model, name)
                if since <= record["started"] <= until:
                    result.append({**record, "outcome": outcome(record).as_json()})
        return result[::-1]

    def _model(self, endpoint: Endpoint) -> dict[str, Any]:
        store, model = self._platform.store, endpoint.model
        releases = self._journal(release.journal(store, model))
        alarms = monitoring_of(self._platform).alarms(self._platform, model)
        recent = records.recent(store, model, most=NEWEST)
        return {
            **endpoint.describe(),
            "champion": releases[-1] if releases else None,
            "metric": self._metric(model, releases[-1] if releases else None),
            "waiting": self._waiting(model, releases),
            "capture_percent": round(100 * endpoint.capture_share, 3),
            "traffic": asdict(endpoint.traffic.summary(time.monotonic())),
            "alarms": [alarm.as_json() for alarm in alarms],
            "last_drift_check": self._last_check(model),
            "releases": releases[: -NEWEST - 1 : -1],
            "runs": [
                {**{name: run[name] for name in RUN_FIELDS}, "outcome": outcome(run).as_json()}
                for run in recent
            ],
            "schedules": self._schedules(model),
        }

    def _add_history(self, model: dict[str, Any]) -> None:
        """Add what the page draws over time."""
        name = model["model"]
        checks = self._checks(name)
        releases = self._journal(release.journal(self._platform.store, name))
        model["metric_chart"] = charts.metric_chart(measurements(checks), releases)
        model["heat_map"] = charts.heat_map(checks)
        since = self._alarms_since(name)
        model["alarms"] = [{**a, "since": since.get(a["name"])} for a in model["alarms"]]

    def _checks(self, model: str) -> list[dict[str, Any]]:
        return self._journal(drift_checks(self._platform.store, model))

    def _alarms_since(self, model: str) -> dict[str, str]:
        """The moment since which each alarm that was told is on."""
        since: dict[str, str] = {}
        for event in self._journal(alarm_events(self._platform.store, model)):
            if event["state"] != ALARM:
                since.pop(event["alarm"], None)
            else:
                since.setdefault(event["alarm"], event["at"])
        return since

    def _metric(self, model: str, champion: dict[str, Any] | None) -> dict[str, Any] | None:
        """The champion's metric: on its holdout, and in production once labels have arrived."""
        if champion is None:
            return None
        version = champion["version"]
        manifest = self._manifests(model).get(version)
        if manifest is None:
            return None
        metrics = manifest["metrics"]
        latest = latest_measurement(reversed(self._checks(model)), version)
        return {
            **(latest or NOT_MEASURED),
            "metric": metrics["metric"],
            "holdout": metrics["challenger"],
            "version": version,
        }

    def _waiting(self, model: str, releases: list[dict[str, Any]]) -> list[int]:
        """Versions newer than the champion that were never released."""
        released = {record["version"] for record in releases}
        newest = releases[-1]["version"] if releases else 0
        return [n for n in self._manifests(model) if n > newest and n not in released]

    def _manifests(self, model: str) -> dict[int, dict[str, Any]]:
        store = self._platform.store
        records = self._journal(versions.journal(store, model))
        return {m["version"]: m for m in versions.readable(store, model, records)}

    def _journal(self, journal: Journal) -> list[dict[str, Any]]:
        """All records of a journal, each read once: they never change."""
        known = self._records.setdefault(journal.prefix, {})
        numbers = journal.numbers()
        for number in numbers:
            if number not in known:
                # A record that another process is writing is whole or not there; a damaged one
                # is told once in the log.
                with suppress(KeyError):
                    known[number] = journal.read(number)
        return [known[number] for number in numbers if number in known]

    def _last_check(self, model: str) -> dict[str, Any] | None:
        checks = self._checks(model)
        if not checks:
            return None
        check = checks[-1]
        # A feature may drift by its missing values alone, or have no values to compare: it has no
        # effect. Of too few rows there is none at all.
        rows = [
            {"feature": name, "effect": effect, "drifted": name in check["drifted"]}
            for name, effect in measured_effects(check).items()
        ]
        rows.sort(key=lambda entry: (not entry["drifted"], -entry["effect"]))
        report = self.drift_report(model, check["run"]) is not None
        return {**check, "top": rows[:TOP_FEATURES], "report": report}
