"""Charts of the benchmarks as SVG files that read on white and on black."""

from __future__ import annotations

from html import escape
from pathlib import Path

_WIDTH, _ROW, _CELL, _LEFT = 720, 30, 24, 190
# A letter of 13 px is hardly wider on average.
_LETTER = 7.2
_COLORS = {"this project": "#1f6feb"}
_OTHER, _TEXT = "#8a94a6", "#7d8794"


def bars(path: Path, title: str, rows: list[tuple[str, float, str]]) -> None:
    """Write a chart of horizontal bars.

    Args:
        path: The file to write.
        title: What is drawn, with its unit.
        rows: Name, length and label of each bar.
    """
    longest = max(value for _, value, _ in rows) or 1.0
    height = 36 + _ROW * len(rows)
    left = max(_LEFT, round(10 + _LETTER * max(len(name) for name, _, _ in rows)))
    parts = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>']
    for index, (name, value, label) in enumerate(rows):
        top = 32 + index * _ROW
        length = max(2.0, value / longest * (_WIDTH - left - 110))
        color = _COLORS.get(name, _OTHER)
        parts += [
            f'<text x="{left - 10}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{left}" y="{top}" width="{length:.0f}" height="20" rx="3" fill="{color}"/>',
            f'<text x="{left + length + 8:.0f}" y="{top + 14}">{escape(label)}</text>',
        ]
    path.write_text(_drawing(height, parts), encoding="utf-8")


def heat(path: Path, title: str, columns: list[str], rows: list[tuple[str, list[float]]]) -> None:
    """Write a table of cells that are the darker, the larger their number.

    Args:
        path: The file to write.
        title: What is drawn.
        columns: Heads of the columns.
        rows: Name and numbers, 0 to 1, of each row.
    """
    width, height = (_WIDTH - _LEFT) / len(columns), 50 + _CELL * len(rows)
    parts = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>']
    for place, head in enumerate(columns):
        middle = _LEFT + (place + 0.5) * width
        parts.append(f'<text x="{middle:.0f}" y="42" text-anchor="middle">{escape(head)}</text>')
    for index, (name, values) in enumerate(rows):
        top = 50 + index * _CELL
        parts.append(
            f'<text x="{_LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(name)}</text>'
        )
        for place, value in enumerate(values):
            left = _LEFT + place * width
            color = "#fff" if value >= 0.12 else _TEXT
            parts += [
                f'<rect x="{left:.1f}" y="{top}" width="{width - 2:.1f}" height="{_CELL - 2}" '
                f'rx="3" fill="#1f6feb" fill-opacity="{min(1.0, 0.06 + 2.5 * value):.2f}"/>',
                f'<text x="{left + width / 2 - 1:.1f}" y="{top + 15}" text-anchor="middle" '
                f'fill="{color}">{value:.2f}</text>',
            ]
    path.write_text(_drawing(height, parts), encoding="utf-8")


def _drawing(height: int, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{_TEXT}">'
        f"{''.join(parts)}</svg>\n"
    )
