"""The dashboard: one page that reloads itself, without scripts or anything from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}
# A report brings its own styles and scripts; the sandbox takes the server's origin from it.
REPORT_HEADERS = {
    "content-security-policy": "sandbox allow-scripts; default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
}


def page(state: dict[str, Any]) -> str:
    """The page of `state`, what `State.collect` returns; all text in it is escaped."""
    return environment.get_template("dashboard.html").render(state=state)


def _ms(value: float | None) -> str:
    if value is None:
        return "–"  # noqa: RUF001 a dash stands for no value
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2g} %"  # noqa: RUF001


environment = Environment(
    loader=PackageLoader("training.serving"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters.update(ms=_ms, percent=_percent)
