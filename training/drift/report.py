"""The drift report as one self-contained page: verdict first, columns by effect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from html import escape

from training.drift import svg
from training.drift.performance import PerformanceDrift
from training.drift.style import CSS
from training.drift.verdict import INSUFFICIENT_DATA, DriftReport, FeatureDrift, Side, magnitude

_SHOWN = 12  # columns without drift that are not folded away


def html_page(
    report: DriftReport,
    title: str = "Drift report",
    history: Sequence[DriftReport] = (),
    next_steps: Sequence[str] = (),
) -> str:
    """A drift report for people.

    Args:
        report: The report.
        title: Heading of the page.
        history: Reports of earlier windows, oldest first, for the trend.
        next_steps: What will happen now (alarm, retraining), a sentence each.
    """
    body = "".join(
        [
            _verdict(report, title),
            _next(next_steps),
            _performance(report.performance),
            _findings(report),
            _trend([*history, report]) if history else "",
            _cards(report),
            _footer(report),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: {_words(report.verdict)}</title><style>{CSS}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _verdict(report: DriftReport, title: str) -> str:
    return (
        f"<h1>{escape(title)}</h1>"
        f'<div class="verdict {report.verdict}"><strong>{_words(report.verdict).capitalize()}'
        f"</strong><p>{escape(report.reason[:1].upper() + report.reason[1:])}.</p></div>"
        f'<div class="sides">{_side("Reference", "", report.reference)}'
        f"{_side('Window', ' of-window', report.window)}</div>"
    )


def _side(name: str, cls: str, side: Side) -> str:
    times = f", {side.start[:10]} to {side.end[:10]}" if side.start and side.end else ""
    return (
        f'<span><span class="swatch{cls}"></span>{name} '
        f'<span class="soft">{side.rows:,} rows{times}</span></span>'
    )


def _next(steps: Sequence[str]) -> str:
    if not steps:
        return ""
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return f'<h2>What happens next</h2><div class="card"><ul>{items}</ul></div>'


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


def _trend(reports: Sequence[DriftReport]) -> str:
    points = [
        (
            (report.window.end or report.window.start or f"window {index}")[:10],
            max((magnitude(feature) for feature in report.features.values()), default=0.0),
            report.verdict,
        )
        for index, report in enumerate(reports, start=1)
    ]
    limit = reports[-1].thresholds.min_effect
    return (
        f'<h2>Past windows</h2><div class="card"><p class="soft">Largest effect of any column; '
        "the dashed line is the smallest that matters</p>"
        f'<div class="trend">{svg.trend(points, limit)}</div></div>'
    )


def _footer(report: DriftReport) -> str:
    thresholds = report.thresholds
    return (
        "<footer>A column has drifted if its test is significant at a false discovery rate of "
        f"{thresholds.alpha:g} over all columns and its effect is at least "
        f"{thresholds.min_effect:g}{' or its own minimum' if thresholds.effects else ''}. The "
        "effect is the Kolmogorov-Smirnov distance of numbers, the total variation distance of "
        "categories, and the difference of the shares of missing rows. JS distance is Jensen-"
        "Shannon's, W1 / sigma is Wasserstein's over the reference's standard deviation.</footer>"
    )


def _cards(report: DriftReport) -> str:
    """A card for each column, those of the largest effect first."""
    ordered = sorted(
        report.features.items(),
        key=lambda item: (not item[1].drifted, -magnitude(item[1]), item[0]),
    )
    visible = max(_SHOWN, len(report.drifted))
    sections = [_feature(name, feature) for name, feature in ordered]
    text = f'<h2>Columns by effect</h2><div class="grid">{"".join(sections[:visible])}</div>'
    if len(sections) > visible:
        text += (
            f"<details><summary>{len(sections) - visible} more columns without drift</summary>"
            f'<div class="grid">{"".join(sections[visible:])}</div></details>'
        )
    return text


def _feature(name: str, feature: FeatureDrift) -> str:
    verdict = "drift" if feature.drifted else "no_drift"
    if not feature.drifted and not feature.sufficient:
        verdict = INSUFFICIENT_DATA
    role = "model score, " if feature.role == "score" else ""
    return (
        f'<section class="card"><div class="head"><h3>{escape(name)}</h3>'
        f'<span class="badge {verdict}">{_words(verdict)}</span></div>'
        f'<p class="soft">{role}{feature.kind}</p>{_chart(feature)}{_numbers(feature)}</section>'
    )


def _chart(feature: FeatureDrift) -> str:
    chart = feature.chart
    if chart is None:
        return ""
    if "labels" in chart:
        return svg.bars(chart)
    edges = chart["edges"]
    ends = edges[0], edges[-1]
    if feature.kind == "datetime":
        return svg.histogram(chart, (_moment(ends[0]), _moment(ends[1])))
    return svg.histogram(chart, (f"{ends[0]:.4g}", f"{ends[1]:.4g}"))


def _moment(seconds: float) -> str:
    form = "%Y-%m-%d"
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(form)
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.4g} s"


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
    return f"<dl>{cells}</dl>"


def _words(verdict: str) -> str:
    """A verdict as people say it."""
    return verdict.replace("_", " ")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _chance(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
