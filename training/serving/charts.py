"""Charts of the dashboard: time series and a heat map, as inline SVG and HTML.

Text stands beside the drawing, not in it: an SVG that is stretched to the page's width would
stretch its letters too, and shrink them on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from markupsafe import Markup

from training import clock
from training.monitoring import effects

# Checks and features of the heat map: what a screen of 1440 points shows.
CHECKS, FEATURES = 30, 16
WIDTH, HEIGHT = 1000.0, 160.0
# Labels of releases nearer than this, in per cent of the width, would lie on each other.
NEAREST = 5.0


def metric_chart(
    points: Sequence[Mapping[str, Any]], releases: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The model's metric in production over time, with the releases as marks.

    Args:
        points: Measurements as `State` gives them, oldest first: ``when``, ``version``,
            ``metric``, ``value``, ``low``, ``high``, ``holdout``, ``labeled``.
        releases: Release records, oldest first.

    Returns:
        The drawing, of `WIDTH` by `HEIGHT`, and the text beside it; None without points.
    """
    if not points:
        return None
    times = [clock.parse(point["when"]).timestamp() for point in points]
    first, last = times[0], max(times[-1], times[0] + 1)
    numbers = [
        number
        for point in points
        for number in (point["value"], point["low"], point["high"], point["holdout"])
        if number is not None
    ]
    margin = 0.08 * (max(numbers) - min(numbers)) or 0.01
    low, high = min(numbers) - margin, max(numbers) + margin

    def x(moment: float) -> float:
        return round(20 + (WIDTH - 40) * (moment - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(HEIGHT * (high - value) / (high - low), 1)

    marks, labeled_until = [], -NEAREST
    for release in releases:
        moment = clock.parse(release["when"]).timestamp()
        if not first <= moment <= last:
            continue
        percent = 100 * x(moment) / WIDTH
        is_labeled = percent - labeled_until >= NEAREST
        labeled_until = percent if is_labeled else labeled_until
        marks.append({**release, "x": x(moment), "left": percent, "labeled": is_labeled})
    places = [(point, x(moment)) for point, moment in zip(points, times, strict=True)]
    return {
        "metric": points[-1]["metric"],
        "low": low,
        "high": high,
        "first": points[0]["when"],
        "last": points[-1]["when"],
        "marks": marks,
        "points": points,
        "path": "L".join(f"{left} {y(point['value'])}" for point, left in places),
        # A year of points by the template would take longer than all the rest of the page.
        "dots": Markup("\n".join(_dot(point, left, y) for point, left in places)),
    }


def _dot(point: Mapping[str, Any], left: float, y: Callable[[float], float]) -> str:
    """A measurement: a dot, its interval, the holdout's value as a short line, and all as text."""
    low, high = point["low"], point["high"]
    between = interval = ""
    if low is not None and high is not None:
        between = f" ({low:.4g} to {high:.4g})"
        interval = f'<path class="interval" d="M{left} {y(low)}V{y(high)}"/>'
    title = escape(
        f"{point['when']}, version {point['version']}: {point['value']:.4g}{between} on "
        f"{point['labeled']} labeled requests; holdout {point['holdout']:.4g}"
    )
    worse = " worse" if point["status"] == "drift" else ""
    return (
        f"<g><title>{title}</title>{interval}"
        f'<path class="holdout" d="M{left - 6:.1f} {y(point["holdout"])}h12"/>'
        f'<path class="dot{worse}" d="M{left} {y(point["value"])}h0"/></g>'
    )


def day_charts(records: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Traffic of the last day over time: requests and errors, latency, and what was predicted.

    Args:
        records: Intervals as `training.serving.traffic_day` keeps them, oldest first.
        now: The end of the day.

    Returns:
        A chart each, with the drawing (`WIDTH` by `HEIGHT`) and the text beside it; those of which
        nothing is known are left out.
    """
    charts = (
        ("requests in a quarter of an hour", ("requests", "errors"), "{:,.0f}"),
        ("latency, ms", ("p50_ms", "p95_ms"), "{:.3g}"),
        ("predictions", ("mean_score", "positive_share"), "{:.3g}"),
    )
    day = now - timedelta(days=1), now
    return [
        chart
        for title, names, form in charts
        if (chart := _lines(title, records, names, form, day)) is not None
    ]


def _lines(
    title: str,
    records: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    form: str,
    day: tuple[datetime, datetime],
) -> dict[str, Any] | None:
    numbers = [r[name] for r in records for name in names if r[name] is not None]
    if not numbers:
        return None
    times = [clock.parse(record["at"]).timestamp() for record in records]
    first, last = (moment.timestamp() for moment in day)
    low, high = min(0.0, *numbers), max(0.0, *numbers) or 1.0
    lines = []
    for place, name in enumerate(names):
        points = [
            (
                round(20 + (WIDTH - 40) * (moment - first) / (last - first), 1),
                round(HEIGHT * (high - record[name]) / (high - low), 1),
                f"{record['at']}: {name.replace('_', ' ')} {form.format(record[name])}",
            )
            for moment, record in zip(times, records, strict=True)
            if record[name] is not None
        ]
        if points:
            dots = (
                f'<g><title>{escape(text)}</title><path class="dot line-{place}" '
                f'd="M{x} {y}h0"/></g>'
                for x, y, text in points
                if y < HEIGHT  # none: the line itself says so
            )
            lines.append({
                "name": name.replace("_", " "),
                "last": form.format(next(r[name] for r in records[::-1] if r[name] is not None)),
                "path": "L".join(f"{x} {y}" for x, y, _ in points),
                "dots": Markup("\n".join(dots)),
            })  # fmt: skip
    return {
        "title": title,
        "lines": lines,
        "low": form.format(low),
        "high": form.format(high),
        "first": clock.text(day[0]),
        "last": clock.text(day[1]),
    }


def heat_map(checks: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The size of each feature's change by check; None without a check that measured one.

    Args:
        checks: Records of drift checks, oldest first.

    Returns:
        ``checks``, the newest, and ``rows``: a feature each, the most changed first, with a cell
        for each check: ``{"effect", "level", "drifted"}`` or None where nothing is measured.
    """
    newest = [check for check in checks if effects(check)][-CHECKS:]
    sizes = [effects(check) for check in newest]
    names = {name for size in sizes for name in size} | {
        name for check in newest for name in check["drifted"]
    }

    def rank(name: str) -> tuple[int, float]:
        drifted = sum(name in check["drifted"] for check in newest)
        return -drifted, -max(size.get(name, 0.0) for size in sizes)

    ranked = sorted(names, key=lambda name: (*rank(name), name))
    if not ranked:
        return None
    return {
        "checks": newest,
        "more": max(0, len(ranked) - FEATURES),
        "rows": [
            {
                "feature": name,
                "cells": [
                    _cell(size.get(name), name in check["drifted"])
                    for size, check in zip(sizes, newest, strict=True)
                ],
            }
            for name in ranked[:FEATURES]
        ],
    }


def _cell(effect: float | None, drifted: bool) -> dict[str, Any] | None:
    if effect is None and not drifted:
        return None
    # Effects that matter begin near 0.02 and are rarely above 0.5: equal steps would show nothing.
    level = sum((effect or 0.0) >= step for step in (0.02, 0.05, 0.1, 0.2, 0.4))
    return {"effect": effect, "level": level, "drifted": drifted}
