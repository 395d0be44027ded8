"""The drift check of a model version: its inputs, its result, and the one function to replace.

`check` decides on a window of captured requests with `training.drift`. To use another library,
replace its body: everything around it (the window, captures on every target, the record, alarms,
metrics, the dashboard, retraining on drift) needs a `CheckResult` and nothing else. See
docs/drift.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa

from training import clock, drift
from training.arrow_table import concat
from training.captures.columns import REQUEST, SCORE, TIME
from training.drift.examples import typical_rows
from training.drift.labels import later_than
from training.drift.periods import drift_by_period
from training.drift.verdict import (
    DRIFT,
    INSUFFICIENT_DATA,
    NO_DRIFT,
    DriftReport,
    Examples,
    Periods,
    magnitude,
)
from training.table_reader import open_tables
from training.versions import Manifest

VERDICTS = (NO_DRIFT, DRIFT, INSUFFICIENT_DATA)
# Columns whose course within the window is followed: each is read once more.
MOST_FOLLOWED = 12


@dataclass(frozen=True)
class CheckInput:
    """The data of one check.

    Args:
        model: Name of the model.
        manifest: The manifest of the version that answered the requests.
        reference: Profile of the version's training data, with the model's score on held-out rows.
        window: Profile of the captured requests, counted into the reference's bins.
        captures: Parquet files of these requests, oldest first; their columns are the model's
            inputs and those of `training.captures.columns`.
        data: The labeled table that the version was trained on, and that labels are added to.
        time_column: When a row of `data` happened, if the table says.
        thresholds: The settings `drift.alpha`, `drift.minEffect`, `drift.minRows`, ...
        performance: The model's metric on requests whose labels have arrived.
        history: Reports of earlier checks as `CheckResult.report` gave them, oldest first.
        retrains: Whether drift asks for a retraining (the setting `retraining.onDrift`).
        stack: The stack, for the report's head.
        run: The run of the drift-check pipeline, likewise.
        since: Begin of the window.
        until: Its end.
        rows_command: The command that shows captured requests, before their ids; empty if none can.
    """

    model: str
    manifest: Manifest
    reference: drift.Profile
    window: drift.Profile
    captures: Sequence[Path]
    data: Path
    time_column: str | None
    thresholds: drift.Thresholds
    performance: drift.PerformanceDrift | None = None
    history: Sequence[Mapping[str, Any]] = ()
    retrains: bool = True
    stack: str = ""
    run: str = ""
    since: datetime | None = None
    until: datetime | None = None
    rows_command: str = ""

    @property
    def inputs(self) -> list[str]:
        """Names of the model's input columns."""
        return [column["name"] for column in self.manifest["inputs"]]

    def window_rows(self) -> pa.Table:
        """The inputs of the captured requests, for a check that wants rows."""
        return _rows(list(self.captures), self.inputs)

    def reference_rows(self) -> pa.Table:
        """The inputs of the labeled rows up to the end of the version's training data.

        These are rows that the version was trained or evaluated on, as long as the table still has
        them; without a time column, all its rows.
        """
        window = self.manifest["data"]["window"]
        if self.time_column is None or window is None:
            return _rows(self.data, self.inputs, kinds=self.manifest.get("schema"))
        return _rows(
            self.data,
            self.inputs,
            (self.time_column, clock.parse(window[1]).timestamp()),
            self.manifest.get("schema"),
        )


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check.

    Args:
        verdict: ``no_drift``; ``drift``, which raises the alarm ``drift`` and, if
            `retraining.onDrift` is true, asks for a retraining; or ``insufficient_data``: the
            alarm stays as it is, and the rows count again in the next window.
        reason: The verdict in a sentence.
        rows: Requests that were checked.
        drifted: Columns and metrics that the verdict ``drift`` rests on, worst first.
        effects: Size of each column's change, for charts: 0 is none, 1 the largest there can be.
        performance: The model's metric on labeled requests, as `drift.PerformanceDrift` has it.
        report: Everything the check found, as plain data; kept as ``report.json``.
        page: The same for people: one self-contained HTML page, kept as ``report.html``.
    """

    verdict: str
    reason: str
    rows: int
    drifted: Sequence[str] = ()
    effects: Mapping[str, float] = field(default_factory=dict)
    performance: drift.PerformanceDrift | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    page: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            verdicts = ", ".join(VERDICTS)
            raise ValueError(f"verdict {self.verdict!r} is not one; allowed: {verdicts}")


@dataclass(frozen=True)
class CheckRecord:
    """The record of one check, kept for good and sent to the service's metrics.

    Args:
        run: The run of the drift-check pipeline.
        version: The version that was checked; None before the first release.
        since: Begin of the window, ISO 8601.
        until: Its end; the next window of this version begins there, unless the verdict was
            ``insufficient_data``.
        rows: As in `CheckResult`, like all that follow.
        verdict: ...
        reason: ...
        drifted: ...
        effects: ...
        performance: ...
    """

    run: str
    version: int | None
    since: str
    until: str
    rows: int
    verdict: str
    reason: str
    drifted: Sequence[str]
    effects: Mapping[str, float]
    performance: Mapping[str, Any] | None

    @classmethod
    def of(
        cls, result: CheckResult, run: str, version: int | None, since: datetime, until: datetime
    ) -> CheckRecord:
        """The record of a result for a window."""
        return cls(
            run=run,
            version=version,
            since=since.isoformat(),
            until=until.isoformat(),
            rows=result.rows,
            verdict=result.verdict,
            reason=result.reason,
            drifted=list(result.drifted),
            effects=dict(result.effects),
            performance=asdict(result.performance) if result.performance else None,
        )

    def as_json(self) -> dict[str, Any]:
        """The record as plain data."""
        return asdict(self)


# The type of `check`.
Check = Callable[[CheckInput], CheckResult]


def check(data: CheckInput) -> CheckResult:
    """Decide whether the window drifted from the reference. Replace this to use another library."""
    report = drift.compare(
        data.reference,
        data.window,
        data.thresholds,
        scores=[SCORE],
        performance=data.performance,
    )
    report = replace(report, periods=_periods(data, report), examples=_examples(data, report))
    page = drift.html_page(
        report,
        title=f"Drift of {data.model}, version {data.manifest['version']}",
        history=drift.readable_reports(data.history),
        next_steps=_next_steps(report.verdict, data.retrains),
        about=_about(data),
        importances=data.manifest.get("importances") or {},
        rows_command=data.rows_command,
    )
    return CheckResult(
        verdict=report.verdict,
        reason=report.reason,
        rows=report.window.rows,
        drifted=report.causes,
        # Of too few rows nothing is known, the size of a change neither.
        effects={}
        if report.verdict == INSUFFICIENT_DATA
        else {name: magnitude(feature) for name, feature in report.features.items()},
        performance=report.performance,
        report=json.loads(report.to_json()),
        page=page,
    )


def _about(data: CheckInput) -> dict[str, str]:
    """The lines of the report's head."""
    lines = {"Checked": _minute(clock.now())}
    if data.since and data.until:
        lines["Requests"] = f"{_minute(data.since)} to {_minute(data.until)}"
    lines |= {"Stack": data.stack, "Run": data.run}
    manifest = data.manifest
    lines["Version"] = f"{manifest['version']}, of {_minute(clock.parse(manifest['created']))}"
    lines["Code"] = str(manifest["code"])[:12]
    return {name: text for name, text in lines.items() if text}


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _periods(data: CheckInput, report: DriftReport) -> Periods | None:
    """The course of the drifted columns within the window.

    None if nothing drifted, or the window is so short or small that it has one period.
    """
    time_range = data.window.time_range
    columns = report.drifted[:MOST_FOLLOWED]
    if not (report.verdict == DRIFT and columns and data.captures and time_range):
        return None
    if time_range.start is None or time_range.end is None:
        return None
    kinds = {name: data.reference.columns[name].kind for name in columns}
    periods = drift_by_period(
        data.reference,
        open_tables(list(data.captures), kinds),
        columns,
        TIME,
        (clock.parse(time_range.start), clock.parse(time_range.end)),
        report.window.rows,
        data.thresholds,
    )
    return periods if len(periods.starts) > 1 else None


def _examples(data: CheckInput, report: DriftReport) -> dict[str, Examples] | None:
    """Rows to look at of the drifted columns."""
    columns = report.drifted[:MOST_FOLLOWED]
    if not (report.verdict == DRIFT and columns and data.captures):
        return None
    kinds = {name: data.reference.columns[name].kind for name in columns}
    features = {name: report.features[name] for name in columns}
    return typical_rows(open_tables(list(data.captures), kinds), features, REQUEST)


def _next_steps(verdict: str, retrains: bool) -> list[str]:
    if verdict == NO_DRIFT:
        return ["Nothing: the drift alarm is OK."]
    if verdict == INSUFFICIENT_DATA:
        return ["These rows count again in the next window; the drift alarm stays as it is."]
    retraining = (
        "A retraining is asked for. It is admitted if enough new labeled rows are there and the "
        "cooldown is over; its model is released if the gate and the approval let it pass."
        if retrains
        else "No retraining is asked for: retraining.onDrift is false."
    )
    return ["The drift alarm fires and notifies its receivers.", retraining]


def _rows(
    source: Path | list[Path],
    names: Sequence[str],
    until: tuple[str, float] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> pa.Table:
    """Some columns of all rows, or of those no later than a time in a time column."""
    columns = [*names, until[0]] if until and until[0] not in names else list(names)
    batches = []
    for table in open_tables(source, kinds) if source else []:
        for arrays in table.batches(columns):
            batch = pa.table({name: arrays[name] for name in columns})
            if until is not None:
                late = later_than(arrays[until[0]], until[1])
                batch = batch.filter(pa.array(~late))
            batches.append(batch.select(list(names)))
    if not batches:
        return pa.table({name: pa.nulls(0) for name in names})
    return concat(batches)
