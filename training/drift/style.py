"""Style of the report page: light and dark, wide and narrow."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --text: #1b2430; --soft: #5b6675; --line: #dde2e8;
  --reference: #aab4c2; --window: #1f5fd6;
  --drift: #b42318; --drift-back: #fdecea;
  --no_drift: #176b43; --no_drift-back: #e6f5ed;
  --insufficient_data: #8a5a00; --insufficient_data-back: #fdf3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1b2129; --text: #e7ebf0; --soft: #9ba7b5; --line: #323b47;
    --reference: #566275; --window: #7fb0ff;
    --drift: #ff8f85; --drift-back: #3b1d1b;
    --no_drift: #6fd3a1; --no_drift-back: #163326;
    --insufficient_data: #f0c05a; --insufficient_data-back: #382c10;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 24px 16px 48px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1240px; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 32px 0 12px; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 4px 0; }
ul { margin: 4px 0; padding-left: 20px; }
li { overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.verdict { border-radius: 12px; padding: 20px 24px; border-left: 6px solid currentColor; }
.verdict strong { display: block; font-size: 1.8rem; line-height: 1.2; }
.verdict p { color: var(--text); overflow-wrap: anywhere; }
.drift { color: var(--drift); background: var(--drift-back); }
.no_drift { color: var(--no_drift); background: var(--no_drift-back); }
.insufficient_data {
  color: var(--insufficient_data); background: var(--insufficient_data-back);
}
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px;
  min-width: 0;
}
.sides { display: flex; flex-wrap: wrap; gap: 4px 32px; margin: 16px 4px 0; }
.swatch {
  display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px;
  background: var(--reference);
}
.swatch.of-window { background: var(--window); }
.grid {
  display: grid; gap: 16px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
}
.head { display: flex; align-items: baseline; justify-content: space-between; gap: 8px; }
.badge {
  border-radius: 999px; padding: 1px 10px; font-size: .8rem; font-weight: 600;
  white-space: nowrap;
}
dl { margin: 8px 0 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: .85rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.about { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 0 0 16px; }
.figures { display: grid; grid-template-columns: 1fr auto 1fr auto; gap: 2px 12px; }
.figures dd { text-align: right; }
.figures .wide { grid-column: span 3; }
svg { display: block; width: 100%; height: auto; margin-top: 8px; overflow: visible; }
.interval { max-width: 420px; }
.scroll { overflow-x: auto; }
.chart { min-width: 560px; max-width: 880px; }
.course { margin: 12px 0 0; }
svg text { font-size: 12px; fill: var(--soft); }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th { text-align: left; font-weight: 500; color: var(--soft); vertical-align: bottom; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
th button {
  font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
}
th button::after { content: " ↕"; opacity: .5; }
th[aria-sort] button { color: var(--text); }
th[aria-sort="ascending"] button::after { content: " ↑"; opacity: 1; }
th[aria-sort="descending"] button::after { content: " ↓"; opacity: 1; }
.quantities { margin-top: 12px; }
.quantities td, .quantities th { padding: 2px 0; border: 0; }
.quantities td, .quantities thead th { text-align: right; }
.meter { display: inline-block; width: 80px; margin: 0 6px 0 0; vertical-align: middle; }
.track { fill: var(--line); }
.mark { stroke: var(--text); stroke-width: 1.5; }
.drift-bar { fill: var(--drift); }
.no_drift-bar, .calm-bar, .insufficient_data-bar { fill: var(--reference); }
.hit { fill: transparent; }
.hit:hover { fill: var(--window); fill-opacity: .12; }
.grid-line { stroke: var(--line); stroke-width: 1; }
a { color: var(--window); }
.tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; margin: 0 0 12px; }
.tools[hidden] { display: none; }
.tools input, .tools select {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 4px 10px; max-width: 100%;
}
section[hidden] { display: none; }
.hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
details.rows summary { margin: 12px 0 6px; font-weight: 400; color: var(--soft); }
details.rows pre { margin: 0; font-size: .78rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg text.strong { fill: var(--text); }
.reference { fill: var(--reference); }
.window { fill: var(--window); }
.outline { fill: none; stroke: var(--window); stroke-width: 2; stroke-linejoin: round; }
.axis { stroke: var(--line); stroke-width: 1; }
.limit { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
.path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
circle.drift { fill: var(--drift); }
circle.no_drift { fill: var(--no_drift); }
circle.insufficient_data { fill: var(--insufficient_data); }
summary { cursor: pointer; margin: 24px 0 12px; font-weight: 600; }
footer { margin-top: 32px; font-size: .85rem; color: var(--soft); }
"""
