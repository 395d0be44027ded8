"""The columns of the drift report: a table of all, and a card with charts for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from html import escape

from training.drift import svg
from training.drift.verdict import (
    INSUFFICIENT_DATA,
    DriftReport,
    FeatureDrift,
    Periods,
    magnitude,
)

_OPEN_COLUMNS = 12  # columns without drift that are not folded away
DAY = 86_400


def ordered(report: DriftReport) -> list[tuple[str, FeatureDrift]]:
    """All columns: those that drifted first, then by effect."""
    return sorted(
        report.features.items(),
        key=lambda item: (not item[1].drifted, -magnitude(item[1]), item[0]),
    )


def table(report: DriftReport, importances: Mapping[str, float]) -> str:
    """The table of all columns, a row each."""
    if not report.features:
        return ""
    headings = ["column", "verdict", "effect", "matters from"]
    headings += ["importance"] if importances else []
    headings += ["reference → window", "missing"]
    headings += ["drifts since"] if report.periods else []
    highest = max(0.1, *(magnitude(feature) for feature in report.features.values()))
    largest = max(importances.values(), default=0.0)
    rows = []
    for number, (name, feature) in enumerate(ordered(report), start=1):
        state = _state(feature)
        effect, missing = magnitude(feature), feature.missing
        bar = svg.meter(effect, highest, feature.min_effect, f"{state}-bar")
        cells = [
            (name, f'<a href="#column-{number}">{escape(name)}</a>'),
            (state, f'<span class="badge {state}">{words(state)}</span>'),
            (effect, f"{bar} {effect:.4f}"),
            (feature.min_effect, f"{feature.min_effect:g}"),
        ]
        if importances:
            importance = importances.get(name)
            bar = "" if importance is None else svg.meter(importance, largest, None, "calm-bar")
            text = "-" if importance is None else f"{importance:.4g}"
            cells.append(("" if importance is None else importance, f"{bar} {text}"))
        cells.append((_move(feature), escape(_before_after(feature))))
        shares = f"{missing.reference:.2%} → {missing.window:.2%}"
        is_there = missing.reference or missing.window
        cells.append((missing.effect, shares if is_there else "none"))
        if report.periods:
            start, text = _drift_start(name, feature, report.periods)
            cells.append((start, escape(text)))
        texts = "".join(f'<td data-sort="{escape(str(key))}">{text}</td>' for key, text in cells)
        rows.append(
            f'<tr data-name="{escape(name)}" data-state="{state}" data-card="column-{number}">'
            f"{texts}</tr>"
        )
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    states = dict.fromkeys(_state(feature) for _, feature in ordered(report))
    options = "".join(f'<option value="{state}">{words(state)}</option>' for state in states)
    return (
        '<h2>Columns by effect</h2><div id="tools" class="tools" hidden>'
        '<label>Search <input id="search" type="search" autocomplete="off"></label>'
        '<label>Show <select id="state"><option value="">all</option>'
        f'{options}</select></label><span id="count" class="soft" role="status"></span></div>'
        '<div class="card scroll" tabindex="0" role="region" aria-label="Columns by effect">'
        f'<table id="columns"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        "</div>"
    )


def _state(feature: FeatureDrift) -> str:
    if not feature.drifted and not feature.sufficient:
        return INSUFFICIENT_DATA
    return "drift" if feature.drifted else "no_drift"


def _move(feature: FeatureDrift) -> float | str:
    """The share by which the column's change is sorted: of its largest category, or its median."""
    if feature.quantities:
        before, now = feature.quantities["median"]
        return "" if before is None or now is None else abs(now - before) / (abs(before) or 1.0)
    change = _largest_change(feature)
    return "" if change is None else abs(change[2] - change[1])


def _before_after(feature: FeatureDrift) -> str:
    """What the column was and is, in a few words."""
    if feature.quantities:
        # Where the median stays, something else of the distribution has changed.
        name = next((n for n in ("median", "mean") if _differs(feature.quantities[n])), "median")
        values = [_value(feature, value) for value in feature.quantities[name]]
        return f"{name} {values[0]} → {values[1]}"
    change = _largest_change(feature)
    if change is None:
        return "-"
    label = change[0] if len(change[0]) <= 24 else change[0][:23] + "…"
    return f"{label} {change[1]:.1%} → {change[2]:.1%}"


def _differs(pair: Sequence[float | None]) -> bool:
    return None not in pair and f"{pair[0]:.4g}" != f"{pair[1]:.4g}"


def _largest_change(feature: FeatureDrift) -> tuple[str, float, float] | None:
    chart = feature.chart
    if chart is None or "labels" not in chart or not chart["labels"]:
        return None
    shares = zip(chart["labels"], chart["reference"], chart["window"], strict=True)
    return max(shares, key=lambda entry: abs(entry[2] - entry[1]))


def _value(feature: FeatureDrift, value: float | None) -> str:
    if value is None:
        return "-"
    return _moment(value, "%Y-%m-%d %H:%M") if feature.kind == "datetime" else f"{value:.4g}"


def _drift_start(name: str, feature: FeatureDrift, periods: Periods) -> tuple[str, str]:
    """Since when a column has drifted within the window, for sorting and for reading."""
    if not feature.drifted or name not in periods.effects:
        return "", "-"
    start = periods.drift_start(name)
    if start is None:
        times = sum(periods.drifted[name])
        judged = sum(effect is not None for effect in periods.effects[name])
        return "", f"in {times} of {judged} {_unit(periods)}, not to the end"
    judged = [
        moment
        for moment, effect in zip(periods.starts, periods.effects[name], strict=True)
        if effect is not None
    ]
    if start == judged[0]:
        return start, "the window's begin"
    return start, f"{_period_form(start, periods)} UTC"


def _unit(periods: Periods) -> str:
    names = {60: "minutes", 3600: "hours", DAY: "days", 7 * DAY: "weeks"}
    return names.get(periods.seconds, "periods")


def _period_form(start: str, periods: Periods) -> str:
    return start[:10] if periods.seconds >= DAY else minute(start)


def cards(report: DriftReport, rows_command: str) -> str:
    """A card for each column, those of the largest effect first."""
    visible = max(_OPEN_COLUMNS, len(report.drifted))
    sections = [
        _feature(number, name, feature, report, rows_command)
        for number, (name, feature) in enumerate(ordered(report), start=1)
    ]
    text = f'<h2>Each column</h2><div class="grid">{"".join(sections[:visible])}</div>'
    if len(sections) > visible:
        text += (
            f'<details id="more"><summary>{len(sections) - visible} more columns without drift'
            f'</summary><div class="grid">{"".join(sections[visible:])}</div></details>'
        )
    return text


def _feature(
    number: int, name: str, feature: FeatureDrift, report: DriftReport, rows_command: str
) -> str:
    verdict = _state(feature)
    role = "model score, " if feature.role == "score" else ""
    return (
        f'<section class="card" id="column-{number}"><div class="head"><h3>{escape(name)}</h3>'
        f'<span class="badge {verdict}">{words(verdict)}</span></div>'
        f'<p class="soft">{role}{feature.kind}, matters from {feature.min_effect:g}</p>'
        f"{_chart(feature)}{_numbers(feature)}{_quantities(feature)}"
        f"{_course(name, feature, report.periods)}"
        f"{_examples(name, report, rows_command)}</section>"
    )


def _chart(feature: FeatureDrift) -> str:
    chart = feature.chart
    if chart is None:
        return ""
    if "labels" in chart:
        return svg.bars(chart)
    edges = chart["edges"]
    if feature.kind == "datetime":
        form = "%m-%d %H:%M" if edges[-1] - edges[0] < 3 * DAY else "%Y-%m-%d"
        return svg.histogram(chart, lambda value: _moment(value, form))
    # Digits enough to tell the ends of a narrow range apart.
    width, largest = edges[-1] - edges[0], max(abs(edges[0]), abs(edges[-1]))
    digits = 4 + max(0, math.ceil(math.log10(largest / width))) if 0 < width <= largest else 4
    return svg.histogram(chart, lambda value: f"{value:.{min(digits, 15)}g}")


def _quantities(feature: FeatureDrift) -> str:
    """Mean and quantiles before and after."""
    if not feature.quantities:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{_value(feature, value)}</td>" for value in pair)
        + "</tr>"
        for name, pair in feature.quantities.items()
    )
    return (
        '<table class="quantities"><thead><tr><th scope="col"><span class="hidden">quantity</span>'
        '</th><th scope="col">reference</th><th scope="col">window</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _course(name: str, feature: FeatureDrift, periods: Periods | None) -> str:
    """The column's effect over the window's hours or days."""
    if periods is None or name not in periods.effects:
        return ""
    labels = [_period_form(start, periods) for start in periods.starts]
    says = _drift_start(name, feature, periods)[1]
    words = "Drifts since" if periods.drift_start(name) else "Drifts"
    return (
        f'<p class="soft course">{words} {escape(says)}; effect by {_length(periods.seconds)}</p>'
        + svg.course(labels, periods.effects[name], periods.drifted[name], feature.min_effect)
    )


def _examples(name: str, report: DriftReport, command: str) -> str:
    """Rows to look at, by their ids: the values stand where the rows are kept."""
    if not report.examples or name not in report.examples:
        return ""
    rows = report.examples[name]
    text = " ".join([command, *rows.ids] if command else rows.ids)
    return (
        f'<details class="rows"><summary>Rows to look at, {escape(rows.says)}</summary>'
        f"<pre>{escape(text)}</pre></details>"
    )


def _length(seconds: int) -> str:
    names = {60: "minute", 600: "10 minutes", 3600: "hour", 6 * 3600: "6 hours", DAY: "day"}
    return names.get(seconds, f"{seconds // DAY} days")


def _moment(seconds: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(form)
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.4g} s"


def minute(stamp: str) -> str:
    """A stamp to the minute."""
    return stamp[:16].replace("T", " ")


def _numbers(feature: FeatureDrift) -> str:
    missing = feature.missing
    pairs = [
        ("Effect", _number(feature.effect)),
        ("p adjusted", _chance(feature.p_adjusted)),
        ("PSI", _number(feature.psi)),
        ("JS distance", _number(feature.jensen_shannon)),
        ("L-infinity", _number(feature.linf)),
    ]
    if feature.kind in ("numeric", "datetime"):
        pairs.append(("W1 / sigma", _number(feature.wasserstein)))
    cells = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs)
    if missing.reference or missing.window:
        shares = f"{missing.reference:.2%} → {missing.window:.2%}"
        cells += f'<dt>Missing</dt><dd class="wide">{shares}{" (drift)" * missing.drifted}</dd>'
    return f'<dl class="figures">{cells}</dl>'


def words(verdict: str) -> str:
    """A verdict as people say it."""
    return verdict.replace("_", " ")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _chance(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
