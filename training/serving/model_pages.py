"""Routes of the pages about one model, which a stack's server and a console have alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from training.serving import dashboard
from training.serving.state import HISTORIES, State


def add(
    app: FastAPI,
    state: State,
    model_of: Callable[[str], str],
    explained: Callable[[], AbstractContextManager[None]] = nullcontext,
    acts: bool = False,
) -> None:
    """Add the pages of lists, runs, versions and drift reports to `app`.

    Args:
        app: The application.
        state: The source of what the pages show.
        model_of: Called with the model that an address names; raises HTTPException if there is
            none.
        explained: A context that `state` is asked in, to answer errors of its services.
        acts: Whether a version's page has links to actions.
    """

    # `def`, not `async def`: these read files or ask services, beside the event loop.
    def history(kind: str, model: str, page: str = "1") -> Response:
        number = int(page) if page.isdecimal() else 0
        with explained():
            shown = state.history(model_of(model), kind, number)
        if shown is None:
            raise HTTPException(404, f"there is no page {page!r} of the {kind} of model {model!r}")
        return HTMLResponse(dashboard.history_page(shown), headers=dashboard.HEADERS)

    for kind in HISTORIES:
        app.get(f"/models/{{model}}/{kind}")(partial(history, kind))

    @app.get("/models/{model}/runs/{run}")
    def run(model: str, run: str) -> Response:
        with explained():
            record = state.run(model_of(model), run)
        if record is None:
            raise HTTPException(404, f"model {model!r} has no run {run!r}")
        return HTMLResponse(dashboard.run_page(record), headers=dashboard.HEADERS)

    @app.get("/models/{model}/versions/{version}")
    def version(model: str, version: str) -> Response:
        name = model_of(model)
        with explained():
            record = state.version(name, int(version)) if version.isdecimal() else None
        if record is None:
            raise HTTPException(404, f"model {model!r} has no version {version!r}")
        return HTMLResponse(dashboard.version_page(record, acts), headers=dashboard.HEADERS)

    @app.get("/models/{model}/drift/{run}")
    def report(model: str, run: str) -> Response:
        with explained():
            html = state.drift_report(model_of(model), run)
            response = None if html is None else state.response(model, run)
        if html is None:
            raise HTTPException(404, f"model {model!r} has no drift report of a run {run!r}")
        content = dashboard.report_page(html, response)
        return HTMLResponse(content, headers=dashboard.REPORT_HEADERS)
