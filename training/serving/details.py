"""Details of one model: a run, a version, a drift check, and lists of all there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from training import card, clients, clock, runs
from training.monitoring import UNDECIDED, alarm_events, measurements
from training.pipeline import REPORT_HTML, TRAINING
from training.platform import Platform
from training.runs import records
from training.runs.outcome import outcome
from training.serving.journals import Records

# Lists of everything, and the rows of one of their pages.
HISTORIES = ("releases", "versions", "checks", "runs")
PAGE_ROWS = 50
# Runs of a cloud that are looked through for what was done about a check.
NEWEST_RUNS = 20


class Details:
    """Reads the store and the runs of a stack's models; safe to use from any thread."""

    def __init__(self, platform: Platform, journals: Records) -> None:
        self._platform = platform
        self._journals = journals
        self._runs = runs.runs_of(platform)

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
        manifests = self._journals.manifests(model)
        if number not in manifests:
            return None
        manifest, numbers = manifests[number], sorted(manifests)
        place = numbers.index(number)
        before = numbers[place - 1] if place else None
        after = numbers[place + 1] if place + 1 < len(numbers) else None
        releases = self._journals.releases(model)
        checks = self._journals.checks(model)
        return {
            "model": model,
            "manifest": manifest,
            "facts": card.facts(manifest),
            "before": before,
            "after": after,
            "changes": [] if before is None else card.changes(manifests[before], manifest),
            "champion": bool(releases) and releases[-1]["version"] == number,
            "waits": number in self._journals.waiting(model, releases),
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
        releases = self._journals.releases(model)
        rows: Sequence[Any]
        if kind == "runs" and self._platform.target == "local":
            rows = records.names(store, model)
        elif kind == "runs":
            rows = self._runs.recent(self._platform, model, most=NEWEST_RUNS)
        elif kind == "versions":
            manifests = self._journals.manifests(model)
            rows = [manifests[number] for number in sorted(manifests, reverse=True)]
        elif kind == "checks":
            rows = self._journals.checks(model)[::-1]
        else:
            rows = releases[::-1]
        pages = max(1, -(-len(rows) // PAGE_ROWS))
        if not 1 <= page <= pages:
            return None
        page_rows = list(rows[first : first + PAGE_ROWS])
        if kind == "runs":
            page_rows = [self._with_outcome(model, run) for run in page_rows]
        return {
            "model": model,
            "kind": kind,
            "page": page,
            "pages": pages,
            "total": len(rows),
            "rows": [row for row in page_rows if row is not None],
            "champion": releases[-1]["version"] if releases else None,
            "waiting": self._journals.waiting(model, releases),
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
        checks = self._journals.checks(model)
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
                for event in self._journals.of(alarm_events(store, model))
                if event.get("run") == run
            ),
            *(
                {"at": record["when"], "release": record}
                for record in self._journals.releases(model)
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
