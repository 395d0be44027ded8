"""Charts of the report as inline SVG, colored by the page's style; hovering tells the values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH = 340
_TOP, _BOTTOM, _LEFT = 8, 20, 40
_HISTOGRAM_HEIGHT = 150
_BAR, _ROW = 7, 24
_LONGEST_LABEL = 36
_TICK_WIDTH = 66  # room for the label of a tick


def histogram(chart: Mapping[str, Any], label: Callable[[float], str]) -> str:
    """The reference's shares as bars and the window's as an outline, over the same bins.

    Args:
        chart: `edges`, `reference` and `window`, see `training.drift.charts.number_chart`.
        label: The text of a value on the axis.
    """
    edges, shares = chart["edges"], [chart["reference"], chart["window"]]
    highest = max(*shares[0], *shares[1]) or 1.0
    floor = _HISTOGRAM_HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT) / len(shares[0])
    heights = [[share / highest * (floor - _TOP) for share in side] for side in shares]
    rectangles = "".join(
        f'<rect class="reference" x="{_LEFT + index * step:.1f}" y="{floor - height:.1f}" '
        f'width="{step - 0.5:.1f}" height="{height:.1f}"/>'
        for index, height in enumerate(heights[0])
        if height > 0
    )
    corners = [
        f"{_LEFT + x:.1f},{floor - height:.1f}"
        for index, height in enumerate(heights[1])
        for x in (index * step, (index + 1) * step)
    ]
    line = f"{_LEFT},{floor} {' '.join(corners)} {WIDTH},{floor}"
    hits = "".join(
        _hit_area(
            _LEFT + index * step,
            step,
            floor,
            f"{label(edges[index])} to {label(edges[index + 1])}: {_change(before, now)}",
        )
        for index, (before, now) in enumerate(zip(*shares, strict=True))
    )
    return _svg(
        _HISTOGRAM_HEIGHT,
        "shares of reference and window over the range of values",
        f"{_share_axis(highest, floor)}{rectangles}"
        f'<polyline class="outline" points="{line}"/>'
        f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>'
        f"{_value_axis(edges[0], edges[-1], floor, label)}{hits}",
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
            f"<g><title>{escape(label)}: {_change(before, now)}</title>"
            f"{_text(0, top + 10, short, cls='strong')}"
            f"{_text(WIDTH, top + 10, _change(before, now), 'end')}"
            f"{_bar('reference', top + 14, before / highest * WIDTH)}"
            f"{_bar('window', top + 14 + _BAR, now / highest * WIDTH)}</g>"
        )
    height = len(rows) * (_ROW + 8) + 2
    if "others" in chart:
        remainder = chart["others"]
        change = _change(remainder["reference"], remainder["window"])
        rows.append(_text(0, height + 10, f"{remainder['categories']} others"))
        rows.append(_text(WIDTH, height + 10, change, "end"))
        height += 16
    return _svg(height, "share of each category in reference and window", "".join(rows))


def trend(points: Sequence[tuple[str, float, str]], limit: float) -> str:
    """The largest effect of each window over time.

    Args:
        points: Label, effect and verdict of each window, oldest first; labels differ.
        limit: The smallest effect that matters, drawn as a line.
    """
    width, height = 720, 170
    highest = max(limit * 1.5, *(effect for _, effect, _ in points)) or 1.0
    floor, left = height - 24, 44
    step = (width - left - 2 * _TICK_WIDTH) / max(1, len(points) - 1)

    def at(index: int, effect: float) -> tuple[float, float]:
        return left + _TICK_WIDTH + index * step, floor - effect / highest * (floor - 14)

    places = [at(index, effect) for index, (_, effect, _) in enumerate(points)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle class="{verdict}" cx="{x:.1f}" cy="{y:.1f}" r="6">'
        f"<title>{escape(label)}: {effect:.3f}, {verdict.replace('_', ' ')}</title></circle>"
        for (x, y), (label, effect, verdict) in zip(places, points, strict=True)
    )
    # The newest has its label, the ones before as far as there is room.
    every = max(1, math.ceil(2 * _TICK_WIDTH / step)) if len(points) > 1 else 1
    labels = "".join(
        _text(x, height - 6, label, "middle")
        for index, ((x, _), (label, _, _)) in enumerate(zip(places, points, strict=True))
        if (len(points) - 1 - index) % every == 0
    )
    return _svg(
        height,
        "largest effect of each window; the values are in the table below",
        f"{_effect_axis(highest, limit, left, width, lambda effect: at(0, effect)[1])}"
        f'<polyline class="path" points="{line}"/>{dots}{labels}',
        width,
    )


def course(
    labels: Sequence[str], effects: Sequence[float | None], drifted: Sequence[bool], limit: float
) -> str:
    """The effect of a column in each period of the window, as bars.

    Args:
        labels: Of the periods, oldest first.
        effects: The effect in each; None where there are too few rows.
        drifted: Whether the column drifted in the period by itself.
        limit: The smallest effect that matters, drawn as a line.
    """
    height, floor = 84, 64
    highest = max(limit * 1.5, *(effect or 0.0 for effect in effects))
    step = (WIDTH - _LEFT) / len(effects)

    def y(effect: float) -> float:
        return floor - effect / highest * (floor - _TOP)

    parts = [_effect_axis(highest, limit, _LEFT, WIDTH, y)]
    for index, (label, effect, has_drifted) in enumerate(
        zip(labels, effects, drifted, strict=True)
    ):
        x = _LEFT + index * step
        says = "too few rows" if effect is None else f"{effect:.3f}{', drift' * has_drifted}"
        if effect:
            cls = "drift-bar" if has_drifted else "calm-bar"
            parts.append(
                f'<rect class="{cls}" x="{x + 0.5:.1f}" y="{y(effect):.1f}" '
                f'width="{max(1.0, min(24.0, step - 1)):.1f}" height="{floor - y(effect):.1f}"/>'
            )
        parts.append(_hit_area(x, step, floor, f"{label}: {says}"))
    parts.append(_text(_LEFT, height - 6, labels[0]))
    if len(labels) > 1:
        parts.append(_text(WIDTH, height - 6, labels[-1], "end"))
    return _svg(height, "effect in each period of the window", "".join(parts))


def scatter(points: Sequence[tuple[str, float, float, bool]], limit: float) -> str:
    """Effect over importance: what drifted and matters stands at the top right.

    Args:
        points: Name, importance, effect and whether it drifted, of each column.
        limit: The smallest effect that matters, drawn as a line.
    """
    width, height, left = 720, 230, 44
    floor, right = height - 38, width - 110
    farthest = max((importance for _, importance, _, _ in points), default=0.0) or 1.0
    highest = max(limit * 1.5, *(effect for _, _, effect, _ in points)) or 1.0

    def x(importance: float) -> float:
        return left + 12 + max(0.0, importance) / farthest * (right - left - 12)

    def y(effect: float) -> float:
        return floor - effect / highest * (floor - 14)

    dots = "".join(
        f'<circle class="{"drift" if drifted else "no_drift"}" cx="{x(importance):.1f}" '
        f'cy="{y(effect):.1f}" r="6"><title>{escape(name)}: importance {importance:.4g}, effect '
        f"{effect:.3f}{', drift' * drifted}</title></circle>"
        for name, importance, effect, drifted in points
    )
    by_weight = sorted(points, key=lambda p: -(p[1] / farthest) * (p[2] / highest))
    # Left, right and middle of what a name must not lie on: dots, and names before it.
    obstacles = [(x(i) - 6, x(i) + 6, y(effect)) for _, i, effect, _ in points]
    names = []
    for name, importance, effect, _ in by_weight:
        place = x(importance) + 10, y(effect) + 4
        end = place[0] + 7 * min(len(name), 18)
        # One that would is left to hovering.
        if all(
            end < before or after < place[0] or abs(y(effect) - middle) > 12
            for before, after, middle in obstacles
        ):
            obstacles.append((place[0], end, y(effect)))
            short = name if len(name) <= 18 else name[:17] + "…"
            names.append(_text(*place, short, cls="strong"))
    ticks = "".join(
        _text(x(tick), floor + 16, f"{tick:.3g}", "middle") for tick in _ticks(0.0, farthest)
    )
    return _svg(
        height,
        "effect of each column over its importance; the values are in the table below",
        f"{_effect_axis(highest, limit, left, width, y)}{dots}{''.join(names)}{ticks}"
        f"{_text(width, height - 4, 'importance →', 'end')}",
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


def meter(value: float, highest: float, limit: float | None, cls: str) -> str:
    """A value as a bar in a table's cell, with a mark at `limit`."""
    width = 80
    length = min(1.0, max(0.0, value) / highest) * width if highest else 0.0
    mark = ""
    if limit is not None and highest:
        x = min(1.0, limit / highest) * width
        mark = f'<line class="mark" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="10"/>'
    return (
        f'<svg class="meter" viewBox="0 0 {width} 10" aria-hidden="true">'
        f'<rect class="track" width="{width}" height="10" rx="2"/>'
        f'<rect class="{cls}" width="{length:.1f}" height="10" rx="2"/>{mark}</svg>'
    )


def _share_axis(highest: float, floor: float) -> str:
    parts = []
    for tick in _ticks(0.0, highest, 3):
        if tick > 0:
            y = floor - tick / highest * (floor - _TOP)
            parts.append(
                f'<line class="grid-line" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH}" y2="{y:.1f}"/>'
                f"{_text(_LEFT - 4, y + 4, f'{100 * tick:.3g} %', 'end')}"
            )
    return "".join(parts)


def _value_axis(low: float, high: float, floor: float, label: Callable[[float], str]) -> str:
    parts = []
    # Halves, as the difference of two large numbers may be too large for one.
    half = high / 2 - low / 2
    for tick in _ticks(low, high):
        share = (tick / 2 - low / 2) / half if half else 0.5
        x = _LEFT + share * (WIDTH - _LEFT)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        parts.append(
            f'<line class="axis" x1="{x:.1f}" y1="{floor}" x2="{x:.1f}" y2="{floor + 4}"/>'
        )
        parts.append(_text(x, floor + 15, label(tick), anchor))
    return "".join(parts)


def _effect_axis(
    highest: float, limit: float, left: float, width: float, y: Callable[[float], float]
) -> str:
    """The floor, the smallest effect that matters, and the largest there is."""
    lines = [f'<line class="axis" x1="{left}" y1="{y(0):.1f}" x2="{width}" y2="{y(0):.1f}"/>']
    marks = [(0.0, "0"), (highest, f"{highest:.2g}")]
    if limit > 0:
        at = y(limit)
        lines.append(
            f'<line class="limit" x1="{left}" y1="{at:.1f}" x2="{width}" y2="{at:.1f}">'
            f"<title>{limit:g}, the smallest effect that matters</title></line>"
        )
        if min(abs(at - y(0)), abs(at - y(highest))) > 11:
            marks.append((limit, f"{limit:g}"))
    return "".join(lines) + "".join(
        _text(left - 4, y(value) + 4, text, "end") for value, text in marks
    )


def _ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round values from `low` to `high`, about `most` of them."""
    width = high - low
    if width == 0:
        return [low]
    if not math.isfinite(width):
        return [low, high]
    size = 10.0 ** math.floor(math.log10(width / most))
    step = next(f * size for f in (1, 2, 2.5, 5, 10, 20) if f * size >= width / most)
    first = math.ceil(low / step)
    # Some two million times smaller than the values: their difference is lost in them.
    if abs(first) > 2**21:
        return [low, high]
    return [
        value for n in range(int(width / step) + 1) if (value := (first + n) * step) <= high
    ] or [low, high]


def _change(before: float, now: float) -> str:
    return f"{before:.1%} → {now:.1%}"


def _hit_area(x: float, width: float, height: float, says: str) -> str:
    """An area that says something when it is pointed at."""
    return (
        f'<rect class="hit" x="{x:.1f}" y="0" width="{width:.1f}" height="{height}">'
        f"<title>{escape(says)}</title></rect>"
    )


def _bar(cls: str, top: float, length: float) -> str:
    return f'<rect class="{cls}" x="0" y="{top}" width="{length:.1f}" height="{_BAR - 1}" rx="2"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", cls: str = "") -> str:
    kind = f' class="{cls}"' if cls else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, label: str, content: str, width: float = WIDTH) -> str:
    box = f'viewBox="0 0 {width} {height}"'
    return f'<svg {box} role="img" aria-label="{escape(label)}">{content}</svg>'
