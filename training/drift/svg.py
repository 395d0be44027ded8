"""Charts of the report as inline SVG, colored by the page's style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH = 340
_TOP, _BOTTOM = 8, 18
_HISTOGRAM_HEIGHT = 130
_BAR, _ROW = 7, 24
_LONGEST_LABEL = 36


def histogram(chart: Mapping[str, Any], labels: tuple[str, str]) -> str:
    """The reference's shares as bars and the window's as an outline, over the same bins.

    Args:
        chart: `edges`, `reference` and `window`, see `training.drift.charts.number_chart`.
        labels: What to write at the left and the right end.
    """
    shares = [chart["reference"], chart["window"]]
    highest = max(*shares[0], *shares[1]) or 1.0
    floor = _HISTOGRAM_HEIGHT - _BOTTOM
    step = WIDTH / len(shares[0])
    heights = [[share / highest * (floor - _TOP) for share in side] for side in shares]
    bars = "".join(
        f'<rect class="reference" x="{index * step:.1f}" y="{floor - height:.1f}" '
        f'width="{step - 0.5:.1f}" height="{height:.1f}"/>'
        for index, height in enumerate(heights[0])
        if height > 0
    )
    corners = [
        f"{x:.1f},{floor - height:.1f}"
        for index, height in enumerate(heights[1])
        for x in (index * step, (index + 1) * step)
    ]
    outline = f'<polyline class="outline" points="0,{floor} {" ".join(corners)} {WIDTH},{floor}"/>'
    return _svg(
        _HISTOGRAM_HEIGHT,
        "shares of reference and window over the range of values",
        f'{bars}{outline}<line class="axis" x1="0" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>'
        f"{_text(0, _HISTOGRAM_HEIGHT - 4, labels[0])}"
        f"{_text(WIDTH, _HISTOGRAM_HEIGHT - 4, labels[1], 'end')}",
    )


def bars(chart: Mapping[str, Any]) -> str:
    """A bar of the reference's share and one of the window's for each category.

    Args:
        chart: `labels`, `reference`, `window` and perhaps `others`, see
            `training.drift.charts.category_chart`.
    """
    highest = max(*chart["reference"], *chart["window"], 1e-12)
    rows = []
    for index, (label, before, now) in enumerate(
        zip(chart["labels"], chart["reference"], chart["window"], strict=True)
    ):
        top = index * (_ROW + 8)
        short = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
        rows.append(
            f"{_text(0, top + 10, short, cls='strong')}"
            f"{_text(WIDTH, top + 10, _change(before, now), 'end')}"
            f"{_bar('reference', top + 14, before / highest * WIDTH)}"
            f"{_bar('window', top + 14 + _BAR, now / highest * WIDTH)}"
        )
    height = len(rows) * (_ROW + 8) + 2
    if "others" in chart:
        others = chart["others"]
        change = _change(others["reference"], others["window"])
        rows.append(_text(0, height + 10, f"{others['categories']} others"))
        rows.append(_text(WIDTH, height + 10, change, "end"))
        height += 16
    return _svg(height, "share of each category in reference and window", "".join(rows))


def trend(
    points: Sequence[tuple[str, float, str]], limit: float, height: int = 130, width: int = 380
) -> str:
    """The largest effect of each window over time.

    Args:
        points: Label, effect and verdict of each window, oldest first.
        limit: The smallest effect that matters, drawn as a line.
        height: Of the drawing.
        width: Of the drawing.
    """
    highest = max(limit * 1.5, *(effect for _, effect, _ in points)) or 1.0
    floor, left = height - 24, 44
    step = (width - left - 24) / max(1, len(points) - 1)

    def at(index: int, effect: float) -> tuple[float, float]:
        return left + 10 + index * step, floor - effect / highest * (floor - 14)

    places = [at(index, effect) for index, (_, effect, _) in enumerate(points)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle class="{verdict}" cx="{x:.1f}" cy="{y:.1f}" r="5">'
        f"<title>{escape(label)}: {effect:.3f}, {verdict.replace('_', ' ')}</title></circle>"
        for (x, y), (label, effect, verdict) in zip(places, points, strict=True)
    )
    limit_y = at(0, limit)[1]
    return _svg(
        height,
        "largest effect of each window",
        f'<line class="axis" x1="{left}" y1="{floor}" x2="{width}" y2="{floor}"/>'
        f'<line class="limit" x1="{left}" y1="{limit_y:.1f}" x2="{width}" y2="{limit_y:.1f}"/>'
        f'<polyline class="path" points="{line}"/>{dots}'
        f"{_text(left - 6, limit_y + 4, f'{limit:g}', 'end')}"
        f"{_text(left - 6, 18, f'{highest:.2f}', 'end')}{_text(left, height - 6, points[0][0])}"
        f"{_text(width, height - 6, points[-1][0], 'end')}",
        width,
    )


def interval(value: float, low_end: float, high_end: float, on_holdout: float) -> str:
    """A metric with its interval, beside its value on the holdout."""
    ends = [low_end, high_end, on_holdout]
    margin = (max(ends) - min(ends)) * 0.15 or 1e-9
    low, high = min(ends) - margin, max(ends) + margin

    def x(value: float) -> float:
        return (value - low) / (high - low) * WIDTH

    holdout = x(on_holdout)
    anchor = "end" if holdout > WIDTH / 2 else "start"
    return _svg(
        64,
        "metric on the window with its interval, and on the holdout",
        f'<line class="limit" x1="{holdout:.1f}" y1="0" x2="{holdout:.1f}" y2="44"/>'
        f'<line class="outline" x1="{x(low_end):.1f}" y1="26" '
        f'x2="{x(high_end):.1f}" y2="26"/>'
        f'<circle class="window" cx="{x(value):.1f}" cy="26" r="5"/>'
        f"{_text(holdout, 60, f'holdout {on_holdout:.4g}', anchor)}",
    )


def _change(before: float, now: float) -> str:
    return f"{before:.1%} → {now:.1%}"


def _bar(cls: str, top: float, length: float) -> str:
    return f'<rect class="{cls}" x="0" y="{top}" width="{length:.1f}" height="{_BAR - 1}" rx="2"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", cls: str = "") -> str:
    return (
        f'<text class="{cls}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(height: float, label: str, content: str, width: float = WIDTH) -> str:
    box = f'viewBox="0 0 {width} {height}"'
    return f'<svg {box} role="img" aria-label="{escape(label)}">{content}</svg>'
