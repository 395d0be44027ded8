"""State of a stack's models: one plain document for page, metrics and status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from training import card, clients, clock, release, retraining_admission, runs, versions
from training.endpoint import endpoint_of
from training.journal import Journal, known_fields
from training.monitoring import (
    UNDECIDED,
    alarm_events,
    alarms_since,
    drift_checks,
    latest_measurement,
    measurements,
    monitoring_of,
    silences,
)
from training.monitoring import effects as measured_effects
from training.pipeline import REPORT_HTML, TRAINING
from training.platform import Platform
from training.runs import records
from training.runs.outcome import outcome
from training.runs.schedules import PIPELINES, Schedule
from training.serving import charts
from training.traffic import Record

NEWEST = 8
TOP_FEATURES = 8
ASKED = 3
# Lists of everything, and the rows of one of their pages.
HISTORIES = ("releases", "versions", "checks", "runs")
PAGE_ROWS = 50
# Runs of a cloud that are looked through for what was done about a check.
NEWEST_RUNS = 20
RUN_FIELDS = ("run", "pipeline", "status", "started", "ended", "error")
NOT_MEASURED = {
    "when": None, "value": None, "low": None, "high": None, "labeled": 0, "status": "no_labels"
}  # fmt: skip

# Records of a journal in a cloud are read so many at a time.
READERS = 16

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
        try:
            record = self._run(model, run)
        except KeyError:
            return None
        logs = {step: self._log(model, run, step) for step in record["steps"]}
        report = self.drift_report(model, run) is not None
        return {**record, "outcome": outcome(record).as_json(), "logs": logs, "report": report}

    def _log(self, model: str, run: str, step: str) -> str:
        """The log of a step, or why it cannot be read: that takes a right of its own."""
        try:
            return self._runs.log(self._platform, model, run, step)
        except Exception as error:
            reason = clients.explained(error)
            if reason is None:
                raise
            return f"the log cannot be read: {reason}\n"

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
            "has_run": self._has_run(model, manifest["run"]),
            "releases": [record for record in releases if record["version"] == number],
            "measurements": [m for m in measurements(checks) if m["version"] == number],
            "checks": [check for check in checks if check["version"] == number],
        }

    def history(self, model: str, kind: str, page: int) -> dict[str, Any] | None:
        """A page of all there is of a kind of `HISTORIES`, newest first; None if there is none.

        Returns:
            ``{"model", "kind", "page", "pages", "total", "rows"}``; of a cloud's runs the service
            is asked for the newest alone, which are one page.
        """
        store, first = self._platform.store, (page - 1) * PAGE_ROWS
        rows: Sequence[Any]
        if kind == "runs" and self._platform.target == "local":
            rows = records.names(store, model)
        elif kind == "runs":
            rows = self._runs.recent(self._platform, model, most=NEWEST_RUNS)
        elif kind == "versions":
            manifests = self._manifests(model)
            rows = [manifests[number] for number in sorted(manifests, reverse=True)]
        elif kind == "checks":
            rows = self._checks(model)[::-1]
        else:
            rows = self._journal(release.journal(store, model))[::-1]
        pages = max(1, -(-len(rows) // PAGE_ROWS))
        if not 1 <= page <= pages:
            return None
        page_rows = list(rows[first : first + PAGE_ROWS])
        if kind == "runs":
            page_rows = [self._with_outcome(model, run) for run in page_rows]
        releases = self._journal(release.journal(store, model))
        return {
            "model": model,
            "kind": kind,
            "page": page,
            "pages": pages,
            "total": len(rows),
            "rows": [row for row in page_rows if row is not None],
            "champion": releases[-1]["version"] if releases else None,
            "waiting": self._waiting(model, releases),
        }

    def _with_outcome(self, model: str, run: str | dict[str, Any]) -> dict[str, Any] | None:
        with suppress(KeyError):  # killed before its first record was written
            record = self._run(model, run) if isinstance(run, str) else run
            return {**record, "outcome": outcome(record).as_json()}
        return None

    def drift_report(self, model: str, run: str) -> str | None:
        """The HTML page of a drift check; None if the run made none."""
        if not runs.is_name(run):
            return None
        key = f"{runs.folder(model, run)}/outputs/drift/{REPORT_HTML}"
        try:
            return self._platform.store.read(key).decode()
        except KeyError:
            return None

    def response(self, model: str, run: str) -> dict[str, Any] | None:
        """What belongs to a drift check, and what was done once it found drift.

        Returns:
            ``{"model", "check", "next", "done", "complete"}``: `next` is the check after it that
            had enough rows, and `done` what happened between the two, oldest first, each
            ``{"at", "notice"}``, ``{"at", "training"}`` or ``{"at", "release"}``, `complete` if
            all training runs of that time were seen; None if the journal has no check of this
            run.
        """
        checks = self._checks(model)
        place = next((n for n, check in enumerate(checks) if check["run"] == run), None)
        if place is None:
            return None
        later = (check for check in checks[place + 1 :] if check["verdict"] != UNDECIDED)
        check, following = checks[place], next(later, None)
        store = self._platform.store
        until = following["when"] if following else clock.text(clock.now())
        trainings, complete = self._trainings(model, check["when"], until)
        actions = [
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
        actions.sort(key=lambda entry: entry["at"])
        return {
            "model": model,
            "check": check,
            "next": following,
            "done": actions,
            "complete": complete,
        }

    def _trainings(self, model: str, since: str, until: str) -> tuple[list[dict[str, Any]], bool]:
        """The training runs begun from `since` to `until`, oldest first, and whether that is all.

        A cloud's service is asked for the newest runs only.
        """
        result, looked_at = [], 0
        for record in self._newest_runs(model):
            if record["started"] < since:
                return result[::-1], True
            looked_at += 1
            if record["pipeline"] == TRAINING.name and record["started"] <= until:
                result.append({**record, "outcome": outcome(record).as_json()})
        return result[::-1], self._platform.target == "local" or looked_at < NEWEST_RUNS

    def _newest_runs(self, model: str) -> Iterator[dict[str, Any]]:
        if self._platform.target == "local":  # a year of them, each read when it is looked at
            return records.newest(self._platform.store, model)
        return iter(self._runs.recent(self._platform, model, most=NEWEST_RUNS))

    def _run(self, model: str, run: str) -> dict[str, Any]:
        """A run's record; raises KeyError where there is none."""
        if not runs.is_name(run):
            raise KeyError(run)
        return self._runs.record(self._platform, model, run)

    def _has_run(self, model: str, run: str) -> bool:
        try:
            self._run(model, run)
        except KeyError:
            return False
        return True

    def _model(self, endpoint: Endpoint) -> dict[str, Any]:
        store, model = self._platform.store, endpoint.model
        releases = self._journal(release.journal(store, model))
        alarms = monitoring_of(self._platform).alarms(self._platform, model)
        recent = self._runs.recent(self._platform, model, most=NEWEST)
        return {
            **endpoint.state(),
            "champion": releases[-1] if releases else None,
            "rollback_to": release.rollback_target(
                [known_fields(release.Release, record) for record in releases]
            ),
            "under_way": self._under_way(model),
            "asked": self._journal(retraining_admission.requests(store, model))[: -ASKED - 1 : -1],
            "admissions": self._admissions(model),
            "metric": self._metric(model, releases[-1] if releases else None),
            "waiting": self._waiting(model, releases),
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
        records = self._journal(retraining_admission.admissions(self._platform.store, model))
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
        checks = self._checks(name)
        releases = self._journal(release.journal(self._platform.store, name))
        model["metric_chart"] = charts.metric_chart(measurements(checks), releases)
        model["heat_map"] = charts.heat_map(checks)
        day, model["day_error"] = self._day(name)
        model["day"] = charts.day_charts(day, clock.now())
        model["quarter"] = day[-1] if day else None
        since = alarms_since(self._journal(alarm_events(self._platform.store, name)))
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

    def _checks(self, model: str) -> list[dict[str, Any]]:
        return self._journal(drift_checks(self._platform.store, model))

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
        """Versions that wait for approval."""
        return release.waiting([r["version"] for r in releases], self._manifests(model))

    def _manifests(self, model: str) -> dict[int, dict[str, Any]]:
        store = self._platform.store
        records = self._journal(versions.journal(store, model))
        return {m["version"]: m for m in versions.readable(store, model, records)}

    def _journal(self, journal: Journal) -> list[dict[str, Any]]:
        """All records of a journal, each read once: they never change."""
        records = self._records.setdefault(journal.prefix, {})
        numbers = journal.numbers()
        missing = [number for number in numbers if number not in records]
        if self._platform.target == "local" or len(missing) < 2:
            records_read = map(partial(_readable, journal), missing)
        else:  # a request each
            with ThreadPoolExecutor(READERS) as pool:
                records_read = list(pool.map(partial(_readable, journal), missing))
        for number, record in zip(missing, records_read, strict=True):
            if record is not None:
                records[number] = record
        return [records[number] for number in numbers if number in records]

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


def _readable(journal: Journal, number: int) -> dict[str, Any] | None:
    """The record `number`; None if another process is writing it, or it is damaged."""
    with suppress(KeyError):
        return journal.read(number)
    return None
