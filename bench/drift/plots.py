"""Bar charts of the benchmarks as SVG files that read on white and on black."""

from __future__ import annotations

from html import escape
from pathlib import Path

_WIDTH, _ROW, _LEFT = 720, 30, 190
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
    parts = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>']
    for index, (name, value, label) in enumerate(rows):
        top = 32 + index * _ROW
        length = max(2.0, value / longest * (_WIDTH - _LEFT - 110))
        color = _COLORS.get(name, _OTHER)
        parts += [
            f'<text x="{_LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LEFT}" y="{top}" width="{length:.0f}" height="20" rx="3" fill="{color}"/>',
            f'<text x="{_LEFT + length + 8:.0f}" y="{top + 14}">{escape(label)}</text>',
        ]
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{_TEXT}">'
        f"{''.join(parts)}</svg>\n",
        encoding="utf-8",
    )
