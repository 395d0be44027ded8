"""State of a stack's models: one plain document for page, metrics and status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from training import clients, clock, release, retraining_admission, runs
from training.endpoint import endpoint_of
from training.journal import known_fields
from training.monitoring import (
    alarm_events,
    alarms_since,
    latest_measurement,
    measurements,
    monitoring_of,
    silences,
)
from training.monitoring import effects as measured_effects
from training.platform import Platform
from training.runs.outcome import outcome
from training.runs.schedules import PIPELINES, Schedule
from training.serving import charts
from training.serving.details import Details
from training.serving.journals import Records
from training.traffic import Record

NEWEST = 8
TOP_FEATURES = 8
NEWEST_REQUESTS = 3
RUN_FIELDS = ("run", "pipeline", "status", "started", "ended", "error")
NOT_MEASURED = {
    "when": None, "value": None, "low": None, "high": None, "labeled": 0, "status": "no_labels"
}  # fmt: skip

# The schedules of a model (`training.runs.schedules`).
Schedules = Callable[[str], list[Schedule]]


class Endpoint(Protocol):
    """A model's endpoint: in this process, or as a target's back end tells of it."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    def state(self) -> dict[str, Any]:
        """``{"model", "version", "digest", "release", "not_loaded", "fleets", "captured_rows",
        "pending_captures", "dropped_rows", "capture_percent", "traffic"}``, now.

        What the endpoint does not tell is None.
        """
        ...


class State:
    """Reads the store and the endpoints; safe to use from any thread."""

    def __init__(
        self, platform: Platform, endpoints: Mapping[str, Endpoint], schedules: Schedules
    ) -> None:
        self._platform = platform
        self._runs = runs.runs_of(platform)
        self._endpoints = endpoints
        self._schedules = schedules
        self._journals = Records(platform)
        # What the pages about one model show.
        self.details = Details(platform, self._journals)

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

    def _model(self, endpoint: Endpoint) -> dict[str, Any]:
        store, model = self._platform.store, endpoint.model
        releases = self._journals.releases(model)
        alarms = monitoring_of(self._platform).alarms(self._platform, model)
        recent = self._runs.recent(self._platform, model, most=NEWEST)
        requests = self._journals.of(retraining_admission.requests(store, model))
        return {
            **endpoint.state(),
            "champion": releases[-1] if releases else None,
            "rollback_to": release.rollback_target(
                [known_fields(release.Release, record) for record in releases]
            ),
            "under_way": self._under_way(model),
            "asked": requests[: -NEWEST_REQUESTS - 1 : -1],
            "admissions": self._admissions(model),
            "metric": self._metric(model, releases[-1] if releases else None),
            "waiting": self._journals.waiting(model, releases),
            "alarms": silences.described(self._platform, model, alarms),
            "last_drift_check": self._last_check(model),
            "releases": releases[: -NEWEST - 1 : -1],
            "runs": [
                {**{name: run[name] for name in RUN_FIELDS}, "outcome": outcome(run).as_json()}
                for run in recent
            ],
            **self._scheduled(model, recent),
        }

    def _scheduled(self, model: str, recent: list[dict[str, Any]]) -> dict[str, Any]:
        """The schedules, each with the last run of its pipeline, and why they cannot be read.

        They take a right of their own; without it all else is shown.
        """
        try:
            schedules = self._schedules(model)
        except Exception as error:
            reason = clients.explained(error)
            if reason is None:
                raise
            return {"schedules": [], "schedules_error": reason}
        result = [{**s, "last": self._last_run(model, s["name"], recent)} for s in schedules]
        return {"schedules": result, "schedules_error": ""}

    def _last_run(
        self, model: str, schedule: str, recent: list[dict[str, Any]]
    ) -> dict[str, Any] | None:
        """The newest run of a schedule's pipeline, whoever started it."""
        pipeline = PIPELINES[schedule]
        runs_of_it = [run for run in recent if run["pipeline"] == pipeline]
        runs_of_it = runs_of_it or self._runs.recent(self._platform, model, 1, pipeline)
        return next(({n: run[n] for n in ("run", "started")} for run in runs_of_it), None)

    def _admissions(self, model: str) -> dict[str, int]:
        """How many retrainings asked for admission and got it, ``true``, or did not, ``false``."""
        records = self._journals.of(retraining_admission.admissions(self._platform.store, model))
        admissions = sum(record["admitted"] for record in records)
        return {"true": admissions, "false": len(records) - admissions}

    def _under_way(self, model: str) -> dict[str, Any] | None:
        """The newest release and the step that it stands at; None if it is over."""
        champion = release.champion(self._platform.store, model)
        step = champion and release.unfinished(self._platform.store, model, champion)
        return {**champion.as_json(), **step} if champion and step else None

    def _add_history(self, model: dict[str, Any]) -> None:
        """Add what the page draws over time."""
        name = model["model"]
        checks = self._journals.checks(name)
        releases = self._journals.releases(name)
        model["metric_chart"] = charts.metric_chart(measurements(checks), releases)
        model["heat_map"] = charts.heat_map(checks)
        day, model["day_error"] = self._day(name)
        model["day"] = charts.day_charts(day, clock.now())
        model["quarter"] = day[-1] if day else None
        since = alarms_since(self._journals.of(alarm_events(self._platform.store, name)))
        model["alarms"] = [{**a, "since": since.get(a["name"])} for a in model["alarms"]]

    def _day(self, model: str) -> tuple[list[Record], str]:
        """Traffic of the last day, and why there is none if it cannot be read.

        Metrics take a right of their own; without it all else is shown.
        """
        try:
            return endpoint_of(self._platform).traffic(self._platform, model), ""
        except Exception as error:
            reason = clients.explained(error)
            if reason is None:
                raise
            return [], reason

    def _metric(self, model: str, champion: dict[str, Any] | None) -> dict[str, Any] | None:
        """The champion's metric: on its holdout, and in production once labels have arrived."""
        if champion is None:
            return None
        version = champion["version"]
        manifest = self._journals.manifests(model).get(version)
        if manifest is None:
            return None
        metrics = manifest["metrics"]
        latest = latest_measurement(reversed(self._journals.checks(model)), version)
        return {
            **(latest or NOT_MEASURED),
            "metric": metrics["metric"],
            "holdout": metrics["challenger"],
            "version": version,
        }

    def _last_check(self, model: str) -> dict[str, Any] | None:
        checks = self._journals.checks(model)
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
        report = self.details.drift_report(model, check["run"]) is not None
        return {**check, "top": rows[:TOP_FEATURES], "report": report}
