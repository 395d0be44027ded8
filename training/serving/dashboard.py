"""The dashboard: pages without anything from elsewhere.

The first page keeps itself true by a script of its own (`templates/live.js`), which a nonce allows;
without scripts it reloads.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from training import clock
from training.drift.report import LINKS, NEXT, NEXT_END
from training.monitoring.rules import unit
from training.release import BY_RUN
from training.serving.formats import runbook

if TYPE_CHECKING:
    from jinja2 import Environment, Template

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
# Rows of a table about a version: checks of a month.
NEWEST = 31
HEADERS = {"content-security-policy": POLICY}
SCRIPT = files("training.serving").joinpath("templates/live.js").read_text(encoding="utf-8")
# A report brings its own styles and scripts; the sandbox takes the server's origin from it.
REPORT_HEADERS = {
    "content-security-policy": "sandbox allow-scripts; default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
}


def page(
    state: dict[str, Any], acts: bool = False, look: Any = None, jobs: Sequence[Any] = ()
) -> tuple[str, dict[str, str]]:
    """The page of `state`, what `State.page` returns, and its headers; all text is escaped.

    The console adds links to actions if it `acts`, how old the state is (`look`, a
    `training.console.snapshot.Look`), and the jobs that are under way.
    """
    nonce = secrets.token_urlsafe(16)
    template = load_template("dashboard.html")
    context = {"state": state, "acts": acts, "look": look, "jobs": jobs}
    return template.render(**context, nonce=nonce, script=SCRIPT), live_headers(nonce)


def live_headers(nonce: str) -> dict[str, str]:
    """The headers of a page that keeps itself true by the script of this nonce."""
    policy = f"{POLICY}; script-src 'nonce-{nonce}'; connect-src 'self'"
    return {"content-security-policy": policy}


def run_page(record: Mapping[str, Any]) -> str:
    """The page of a run, what `State.run` returns."""
    return load_template("run.html").render(run=record)


def version_page(version: Mapping[str, Any], acts: bool = False) -> str:
    """The page of a version, what `State.version` returns; with links to actions if it `acts`."""
    template = load_template("version.html")
    return template.render(version=version, newest=NEWEST, acts=acts)


def history_page(history: Mapping[str, Any]) -> str:
    """A page of all releases, versions, checks or runs, what `State.history` returns."""
    return load_template("history.html").render(history=history)


def report_page(html: str, response: Mapping[str, Any] | None) -> str:
    """A drift report, with links and what was done since, what `State.response` returns.

    The page of another library has no places for them and stays as it is.
    """
    if response is None or LINKS not in html:
        return html
    macros = vars(load_template("report.html").module)
    html = html.replace(LINKS, str(macros["links"](response)), 1)
    before, mark, remainder = html.partition(NEXT)
    _, _, after = remainder.partition(NEXT_END)
    if not mark or response["check"]["verdict"] != "drift":
        return html
    return f"{before}{macros['done'](response)}{after}"


def _ms(value: float | None) -> str:
    if value is None:
        return "–"  # noqa: RUF001 a dash stands for no value
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2g} %"  # noqa: RUF001


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"  # noqa: RUF001


def _metric(metric: Mapping[str, Any] | None) -> str:
    """The model's metric in production, or on the holdout as long as that is all there is."""
    if metric is None:
        return "–"  # noqa: RUF001
    value = metric["holdout"] if metric["value"] is None else metric["value"]
    note = " on the holdout" if metric["value"] is None else ""
    return f"{metric['metric']} {_number(value)}{note}"


def _value(alarm: Mapping[str, Any]) -> str:
    """The value of an alarm with its unit."""
    if alarm["value"] is None:
        return "–"  # noqa: RUF001
    return f"{alarm['value']:.3g} {unit(alarm['name'])}".rstrip()


def _bar(alarm: Mapping[str, Any]) -> str:
    """The bar that an alarm is held against, in brackets; nothing where any value is too much."""
    bar = f"{alarm['above']:g} {unit(alarm['name'])}".rstrip()
    return f" (above {bar})" if alarm["above"] else ""


def _took(run: Mapping[str, Any]) -> str:
    """The time from a run's start to its end."""
    if not run["ended"]:
        return "–"  # noqa: RUF001
    return clock.duration((clock.parse(run["ended"]) - clock.parse(run["started"])).total_seconds())


def load_template(name: str) -> Template:
    """A template of `training/serving/templates`."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    # Imported for the first page, so that a server answers requests before that.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("training.serving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(PIPELINE_RUN=BY_RUN, runbook=runbook)
    environment.filters.update(
        ms=_ms,
        percent=_percent,
        number=_number,
        metric=_metric,
        value=_value,
        bar=_bar,
        took=_took,
        relative=clock.relative,
        duration=clock.duration,
    )
    return environment
