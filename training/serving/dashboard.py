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

_environment = Environment(
    loader=PackageLoader("training.serving"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(state: dict[str, Any]) -> str:
    """The page of `state`, what `State.collect` returns."""
    return _environment.get_template("dashboard.html").render(state=state)
