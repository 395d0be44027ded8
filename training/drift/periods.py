"""The course of drift within a window: in which of its hours or days it was there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone

import numpy as np

from training.arrow_table import Table, kind_of
from training.drift.arrow import numbers, take
from training.drift.columns import Tally, tally_for
from training.drift.comparison import compare
from training.drift.profile import Profile
from training.drift.thresholds import Thresholds
from training.drift.verdict import Periods, magnitude

# A minute, ten, an hour, six, a day, a week.
LENGTHS = (60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400)
MOST_PERIODS = 48
MIN_ROWS = 30  # of a period, to say anything about it
GOOD_ROWS = 100  # in a period on average, so that most can be judged


def drift_by_period(
    reference: Profile,
    tables: Iterable[Table],
    columns: Sequence[str],
    time_column: str,
    span: tuple[datetime, datetime],
    rows: int,
    thresholds: Thresholds,
) -> Periods:
    """The drift of some columns in each period of a window, each against the whole reference.

    Args:
        reference: Profile that the window was compared with.
        tables: The window's rows, read once.
        columns: The columns to follow, all of them in `reference`.
        time_column: Timestamp of each row, in the tables.
        span: Time of the window's first and last row.
        rows: Rows of the window.
        thresholds: As for the whole window; rows of a period are taken to be independent.

    Returns:
        The periods that have rows, the shortest of `LENGTHS` that leaves enough rows in each.
    """
    seconds = _length(span, rows)
    baseline = replace(reference.select(columns), blocks=None)
    tallies: dict[int, dict[str, Tally]] = {}
    counts: dict[int, int] = {}
    for table in tables:
        present = [
            name
            for name in columns
            if name in table.types and kind_of(table.types[name]) == reference.columns[name].kind
        ]
        for batch in table.batches([*present, time_column]):
            period = (numbers(batch[time_column]) // seconds).astype(np.int64)
            for index in np.unique(period).tolist():
                positions = np.flatnonzero(period == index)
                counts[index] = counts.get(index, 0) + positions.size
                period_tallies = tallies.setdefault(index, {})
                for name in present:
                    if name not in period_tallies:
                        period_tallies[name] = tally_for(table.types[name], reference.columns[name])
                    period_tallies[name].add(take(batch[name], positions))
    indices = sorted(counts)
    bar = replace(thresholds, min_rows=MIN_ROWS, block=None)
    reports = [
        compare(baseline, Profile({name: t.column() for name, t in tallies[index].items()}), bar)
        for index in indices
    ]
    features = {name: [report.features.get(name) for report in reports] for name in columns}
    return Periods(
        seconds=seconds,
        starts=[_text(index * seconds) for index in indices],
        rows=[counts[index] for index in indices],
        effects={
            name: [
                None if f is None or counts[index] < MIN_ROWS else float(f"{magnitude(f):.6g}")
                for index, f in zip(indices, course, strict=True)
            ]
            for name, course in features.items()
        },
        drifted={name: [f is not None and f.drifted for f in c] for name, c in features.items()},
    )


def _length(span: tuple[datetime, datetime], rows: int) -> int:
    seconds = (span[1] - span[0]).total_seconds()
    most = min(MOST_PERIODS, max(1, rows // GOOD_ROWS))
    return next((length for length in LENGTHS if seconds / length <= most), LENGTHS[-1])


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
