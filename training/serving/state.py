"""State of the server's models: one plain document for page, metrics and status."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from training import clock, release, runs
from training.monitoring import drift_checks, monitoring_of
from training.monitoring import effects as measured_effects
from training.platform import Platform
from training.runs import records
from training.runs.outcome import outcome
from training.serving.endpoint import Endpoint
from training.steps.drift import REPORT_HTML

NEWEST = 8
TOP_FEATURES = 8
RUN_FIELDS = ("run", "pipeline", "status", "started", "ended", "error")

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

    def drift_report(self, model: str, run: str) -> str | None:
        """The HTML page of a drift check; None if the run made none."""
        if run not in records.names(self._platform.store, model):  # a name, not a path
            return None
        key = f"{runs.folder(model, run)}/outputs/drift/{REPORT_HTML}"
        try:
            return self._platform.store.read(key).decode()
        except KeyError:
            return None

    def _model(self, endpoint: Endpoint) -> dict[str, Any]:
        store, model = self._platform.store, endpoint.model
        releases = [record.as_json() for record in release.history(store, model)]
        alarms = monitoring_of(self._platform).alarms(self._platform, model)
        recent = records.recent(store, model, most=NEWEST)
        return {
            **endpoint.describe(),
            "champion": releases[-1] if releases else None,
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

    def _last_check(self, model: str) -> dict[str, Any] | None:
        check = drift_checks(self._platform.store, model).last()
        if check is None:
            return None
        # A feature may drift by its missing values alone, or have no values to compare: it has no
        # effect. Of too few rows there is none at all.
        rows = [
            {"feature": name, "effect": effect, "drifted": name in check["drifted"]}
            for name, effect in measured_effects(check).items()
        ]
        rows.sort(key=lambda entry: (not entry["drifted"], -entry["effect"]))
        report = self.drift_report(model, check["run"]) is not None
        return {**check, "top": rows[:TOP_FEATURES], "report": report}
