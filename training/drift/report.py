"""The drift report as one self-contained page: verdict first, columns by effect."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from html import escape

from training.drift import svg
from training.drift.performance import PerformanceDrift
from training.drift.script import SCRIPT
from training.drift.style import CSS
from training.drift.verdict import (
    INSUFFICIENT_DATA,
    DriftReport,
    FeatureDrift,
    Periods,
    Side,
    magnitude,
)

_SHOWN = 12  # columns without drift that are not folded away
_DAY = 86_400
# Places of the page for a server that keeps it: of links to what belongs to the check, and around
# what happens next, for what did happen. No text of users can hold them: it is escaped.
LINKS, NEXT, NEXT_END = "<!--links-->", "<!--next-->", "<!--/next-->"
# How exactly a time is told: to the day, the minute or the second.
_FORMS = ("%Y-%m-%d", "%m-%d %H:%M", "%m-%d %H:%M:%S")


def html_page(
    report: DriftReport,
    title: str = "Drift report",
    history: Sequence[DriftReport] = (),
    next_steps: Sequence[str] = (),
    about: Mapping[str, str] | None = None,
    importances: Mapping[str, float] | None = None,
) -> str:
    """A drift report for people.

    Args:
        report: The report.
        title: Heading of the page.
        history: Reports of earlier windows, oldest first, for the trend.
        next_steps: What will happen now (alarm, retraining), a sentence each.
        about: Lines of the head, such as time, run and version of the check.
        importances: What the model's metric loses without a column, by name.
    """
    importances = importances or {}
    body = "".join(
        [
            _head(report, title, about or {}),
            _next(next_steps),
            _performance(report.performance),
            _findings(report),
            _weights(report, importances),
            _columns(report, importances),
            _trend([*history, report]) if history else "",
            _cards(report),
            _footer(report, bool(importances)),
        ]
    )
    # Nothing runs and nothing styles the page but what stands here: text of users least of all.
    policy = (
        f"default-src 'none'; script-src '{_digest(SCRIPT)}'; style-src '{_digest(CSS)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: {_words(report.verdict)}</title><style>{CSS}</style></head>"
        f"<body><main>{LINKS}{body}</main><script>{SCRIPT}</script></body></html>\n"
    )


def _digest(text: str) -> str:
    """The source of an inline script or style in a Content Security Policy (W3C, CSP level 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _head(report: DriftReport, title: str, about: Mapping[str, str]) -> str:
    lines = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in about.items()
    )
    head = f'<dl class="about">{lines}</dl>' if lines else ""
    return (
        f"<h1>{escape(title)}</h1>{head}"
        f'<div class="verdict {report.verdict}"><strong>{_words(report.verdict).capitalize()}'
        f"</strong><p>{escape(report.reason[:1].upper() + report.reason[1:])}.</p></div>"
        f'<div class="sides">{_side("Reference", "", report.reference)}'
        f"{_side('Window', ' of-window', report.window)}</div>"
    )


def _side(name: str, cls: str, side: Side) -> str:
    times = ""
    if side.start and side.end:
        length = (_time(side.end) - _time(side.start)).total_seconds()
        ends = [_clock(stamp) if length < 3 * _DAY else stamp[:10] for stamp in _ends(side)]
        times = f", {ends[0]} to {ends[1]}" + (" UTC" if length < 3 * _DAY else "")
    return (
        f'<span><span class="swatch{cls}"></span>{name} '
        f'<span class="soft">{side.rows:,} rows{times}</span></span>'
    )


def _ends(side: Side) -> list[str]:
    return [stamp or "" for stamp in (side.start, side.end)]


def _next(steps: Sequence[str]) -> str:
    if not steps:
        return ""
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return f'{NEXT}<h2>What happens next</h2><div class="card"><ul>{items}</ul></div>{NEXT_END}'


def _performance(performance: PerformanceDrift | None) -> str:
    if performance is None:
        return ""
    name = escape(performance.metric)
    if performance.status == "no_labels":
        problem = performance.note or f"labels of {performance.rows:,} rows have not arrived"
        text = (
            f"<p>{name} cannot be measured: {escape(problem)}. "
            f"It was {performance.holdout:.4g} on the holdout.</p>"
        )
        return f'<h2>Performance</h2><div class="card">{text}</div>'
    labeled = f"{performance.labeled:,} of {performance.rows:,} rows have their true value"
    if performance.value is None or performance.low is None or performance.high is None:
        text = f"<p>{labeled}: too few to measure {name}.</p>"
        return f'<h2>Performance</h2><div class="card">{text}</div>'
    figure = svg.interval(performance.value, performance.low, performance.high, performance.holdout)
    badge = {"drift": "worse than the holdout", "no_drift": "no worse than the holdout"}
    return (
        f'<h2>Performance</h2><div class="card"><div class="head"><h3>{name} '
        f"{performance.value:.4g}</h3>"
        f'<span class="badge {performance.status}">{badge[performance.status]}</span></div>'
        f'<p class="soft">{performance.confidence:.0%} interval {performance.low:.4g} to '
        f"{performance.high:.4g}; {labeled}</p>"
        f'<div class="interval">{figure}</div></div>'
    )


def _findings(report: DriftReport) -> str:
    if not report.findings:
        return ""
    items = "".join(
        f"<li><b>{escape(finding.column)}</b> {escape(finding.detail)}</li>"
        for finding in report.findings
    )
    return f'<h2>Schema</h2><div class="card"><ul>{items}</ul></div>'


def _weights(report: DriftReport, importances: Mapping[str, float]) -> str:
    """Drift beside importance, where the importance of two columns or more is known."""
    points = [
        (name, importances[name], magnitude(feature), feature.drifted)
        for name, feature in report.features.items()
        if name in importances and report.verdict != INSUFFICIENT_DATA
    ]
    if len(points) < 2 or not any(importance > 0 for _, importance, _, _ in points):
        return ""
    return (
        '<h2>What matters</h2><div class="card"><p class="soft">Effect of each column over its '
        "importance for the model; the dashed line is the smallest effect that matters</p>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Effect over importance">'
        f'<div class="chart">{svg.scatter(points, report.thresholds.min_effect)}</div></div></div>'
    )


def _ordered(report: DriftReport) -> list[tuple[str, FeatureDrift]]:
    """All columns: those that drifted first, then by effect."""
    return sorted(
        report.features.items(),
        key=lambda item: (not item[1].drifted, -magnitude(item[1]), item[0]),
    )


def _columns(report: DriftReport, importances: Mapping[str, float]) -> str:
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
    for number, (name, feature) in enumerate(_ordered(report), start=1):
        state = _state(feature)
        effect, missing = magnitude(feature), feature.missing
        bar = svg.meter(effect, highest, feature.min_effect, f"{state}-bar")
        cells = [
            (name, f'<a href="#column-{number}">{escape(name)}</a>'),
            (state, f'<span class="badge {state}">{_words(state)}</span>'),
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
            began, text = _began(name, feature, report.periods)
            cells.append((began, escape(text)))
        texts = "".join(f'<td data-sort="{escape(str(key))}">{text}</td>' for key, text in cells)
        rows.append(
            f'<tr data-name="{escape(name)}" data-state="{state}" data-card="column-{number}">'
            f"{texts}</tr>"
        )
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    states = dict.fromkeys(_state(feature) for _, feature in _ordered(report))
    options = "".join(f'<option value="{state}">{_words(state)}</option>' for state in states)
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


def _began(name: str, feature: FeatureDrift, periods: Periods) -> tuple[str, str]:
    """Since when a column has drifted within the window, for sorting and for reading."""
    if not feature.drifted or name not in periods.effects:
        return "", "-"
    began = periods.began(name)
    if began is None:
        times = sum(periods.drifted[name])
        judged = sum(effect is not None for effect in periods.effects[name])
        return "", f"in {times} of {judged} {_unit(periods)}, not to the end"
    judged = [
        start
        for start, effect in zip(periods.starts, periods.effects[name], strict=True)
        if effect is not None
    ]
    if began == judged[0]:
        return began, "the window's begin"
    return began, f"{_period_form(began, periods)} UTC"


def _unit(periods: Periods) -> str:
    names = {60: "minutes", 3600: "hours", _DAY: "days", 7 * _DAY: "weeks"}
    return names.get(periods.seconds, "periods")


def _period_form(start: str, periods: Periods) -> str:
    return start[:10] if periods.seconds >= _DAY else _clock(start)


def _trend(reports: Sequence[DriftReport]) -> str:
    labels = _labels([report.window.end or report.window.start for report in reports])
    rows, points = [], []
    for label, report in zip(labels, reports, strict=True):
        features = report.features.items()
        worst = max(features, key=lambda item: magnitude(item[1]), default=None)
        effect = magnitude(worst[1]) if worst else 0.0
        points.append((label, effect, report.verdict))
        end = report.window.end or report.window.start
        cells = (
            f"{end[:16].replace('T', ' ')} UTC" if end else label,
            _words(report.verdict),
            f"{report.window.rows:,}",
            f"{effect:.4f}",
            worst[0] if worst else "-",
        )
        rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    headings = ("window until", "verdict", "rows", "largest effect", "column")
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    limit = reports[-1].thresholds.min_effect
    return (
        '<h2>Past windows</h2><div class="card"><p class="soft">Largest effect of any column; '
        "the dashed line is the smallest that matters</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Past windows">'
        f'<div class="chart">{svg.trend(points, limit)}</div></div>'
        "<details><summary>values</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Values of past windows">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows[::-1])}</tbody></table>"
        "</div></details></div>"
    )


def _labels(stamps: Sequence[str | None]) -> list[str]:
    """Labels of windows that tell them apart: by day, minute, second or else by number."""
    if all(stamps):
        for form in _FORMS:
            labels = [_time(stamp or "").strftime(form) for stamp in stamps]
            if len(set(labels)) == len(labels):
                return labels
    return [f"{index}. {(stamp or '')[:10]}".rstrip() for index, stamp in enumerate(stamps, 1)]


def _footer(report: DriftReport, has_importances: bool) -> str:
    thresholds = report.thresholds
    importance = (
        " Importance is what the model's metric loses on held-out rows where the values of that "
        "column are shuffled between rows."
    )
    return (
        "<footer>A column has drifted if its test is significant at a false discovery rate of "
        f"{thresholds.alpha:g} over all columns and its effect is at least "
        f"{thresholds.min_effect:g}{' or its own minimum' if thresholds.effects else ''}. The "
        "effect is the Kolmogorov-Smirnov distance of numbers, the total variation distance of "
        "categories, and the difference of the shares of missing rows. JS distance is Jensen-"
        "Shannon's, W1 / sigma is Wasserstein's over the reference's standard deviation. Times are "
        f"UTC.{importance if has_importances else ''}</footer>"
    )


def _cards(report: DriftReport) -> str:
    """A card for each column, those of the largest effect first."""
    visible = max(_SHOWN, len(report.drifted))
    sections = [
        _feature(number, name, feature, report.periods)
        for number, (name, feature) in enumerate(_ordered(report), start=1)
    ]
    text = f'<h2>Each column</h2><div class="grid">{"".join(sections[:visible])}</div>'
    if len(sections) > visible:
        text += (
            f'<details id="more"><summary>{len(sections) - visible} more columns without drift'
            f'</summary><div class="grid">{"".join(sections[visible:])}</div></details>'
        )
    return text


def _feature(number: int, name: str, feature: FeatureDrift, periods: Periods | None) -> str:
    verdict = _state(feature)
    role = "model score, " if feature.role == "score" else ""
    return (
        f'<section class="card" id="column-{number}"><div class="head"><h3>{escape(name)}</h3>'
        f'<span class="badge {verdict}">{_words(verdict)}</span></div>'
        f'<p class="soft">{role}{feature.kind}, matters from {feature.min_effect:g}</p>'
        f"{_chart(feature)}{_numbers(feature)}{_quantities(feature)}"
        f"{_course(name, feature, periods)}</section>"
    )


def _chart(feature: FeatureDrift) -> str:
    chart = feature.chart
    if chart is None:
        return ""
    if "labels" in chart:
        return svg.bars(chart)
    edges = chart["edges"]
    if feature.kind == "datetime":
        form = "%m-%d %H:%M" if edges[-1] - edges[0] < 3 * _DAY else "%Y-%m-%d"
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
    says = _began(name, feature, periods)[1]
    words = "Drifts since" if periods.began(name) else "Drifts"
    return (
        f'<p class="soft course">{words} {escape(says)}; effect by {_length(periods.seconds)}</p>'
        + svg.course(labels, periods.effects[name], periods.drifted[name], feature.min_effect)
    )


def _length(seconds: int) -> str:
    names = {60: "minute", 600: "10 minutes", 3600: "hour", 6 * 3600: "6 hours", _DAY: "day"}
    return names.get(seconds, f"{seconds // _DAY} days")


def _moment(seconds: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(form)
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.4g} s"


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00"))


def _clock(stamp: str) -> str:
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


def _words(verdict: str) -> str:
    """A verdict as people say it."""
    return verdict.replace("_", " ")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _chance(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
