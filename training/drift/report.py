"""The drift report as one self-contained page: verdict first, columns by effect."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from training.drift import svg
from training.drift.performance import PerformanceDrift
from training.drift.report_columns import DAY, cards, minute, table, words
from training.drift.script import SCRIPT
from training.drift.style import CSS
from training.drift.verdict import (
    INSUFFICIENT_DATA,
    DriftReport,
    Side,
    magnitude,
)

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
    rows_command: str = "",
) -> str:
    """A drift report for people.

    Args:
        report: The report.
        title: Heading of the page.
        history: Reports of earlier windows, oldest first, for the trend.
        next_steps: What will happen now (alarm, retraining), a sentence each.
        about: Lines of the head, such as time, run and version of the check.
        importances: What the model's metric loses without a column, by name.
        rows_command: The command that shows rows, before their ids; empty if none does.
    """
    importances = importances or {}
    body = "".join(
        [
            _head(report, title, about or {}),
            _next(next_steps),
            _performance(report.performance),
            _findings(report),
            _weights(report, importances),
            table(report, importances),
            _trend([*history, report]) if history else "",
            cards(report, rows_command),
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
        f"<title>{escape(title)}: {words(report.verdict)}</title><style>{CSS}</style></head>"
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
        f'<div class="verdict {report.verdict}"><strong>{words(report.verdict).capitalize()}'
        f"</strong><p>{escape(report.reason[:1].upper() + report.reason[1:])}.</p></div>"
        f'<div class="sides">{_side("Reference", "", report.reference)}'
        f"{_side('Window', ' of-window', report.window)}</div>"
    )


def _side(name: str, cls: str, side: Side) -> str:
    times = ""
    if side.start and side.end:
        length = (_time(side.end) - _time(side.start)).total_seconds()
        ends = [minute(stamp) if length < 3 * DAY else stamp[:10] for stamp in _ends(side)]
        times = f", {ends[0]} to {ends[1]}" + (" UTC" if length < 3 * DAY else "")
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
            words(report.verdict),
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


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00"))
