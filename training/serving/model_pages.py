"""Routes of the pages about one model, which a stack's server and a console have alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from training.serving import dashboard
from training.serving.details import HISTORIES, Details


def add(
    app: Starlette,
    details: Details,
    model_of: Callable[[str], str],
    explained: Callable[[], AbstractContextManager[None]] = nullcontext,
    acts: bool = False,
) -> None:
    """Add the pages of lists, runs, versions and drift reports to `app`.

    Args:
        app: The application.
        details: The source of what the pages show.
        model_of: Called with the model that an address names; raises HTTPException if there is
            none.
        explained: A context that `details` are asked in, to answer errors of its services.
        acts: Whether a version's page has links to actions.
    """

    # `def`, not `async def`: these read files or ask services, beside the event loop.
    def history(kind: str, request: Request) -> Response:
        model, page = request.path_params["model"], request.query_params.get("page", "1")
        number = int(page) if page.isdecimal() else 0
        with explained():
            content = details.history(model_of(model), kind, number)
        if content is None:
            raise HTTPException(404, f"there is no page {page!r} of the {kind} of model {model!r}")
        return HTMLResponse(dashboard.history_page(content), headers=dashboard.HEADERS)

    for kind in HISTORIES:
        app.add_route(f"/models/{{model}}/{kind}", partial(history, kind), methods=["GET"])

    def show_run(request: Request) -> Response:
        model, run = _names(request, "run")
        with explained():
            record = details.run(model_of(model), run)
        if record is None:
            raise HTTPException(404, f"model {model!r} has no run {run!r}")
        return HTMLResponse(dashboard.run_page(record), headers=dashboard.HEADERS)

    def show_version(request: Request) -> Response:
        model, version = _names(request, "version")
        name = model_of(model)
        with explained():
            record = details.version(name, int(version)) if version.isdecimal() else None
        if record is None:
            raise HTTPException(404, f"model {model!r} has no version {version!r}")
        return HTMLResponse(dashboard.version_page(record, acts), headers=dashboard.HEADERS)

    def show_report(request: Request) -> Response:
        model, run = _names(request, "run")
        with explained():
            html = details.drift_report(model_of(model), run)
            response = None if html is None else details.response(model, run)
        if html is None:
            raise HTTPException(404, f"model {model!r} has no drift report of a run {run!r}")
        content = dashboard.report_page(html, response)
        return HTMLResponse(content, headers=dashboard.REPORT_HEADERS)

    app.add_route("/models/{model}/runs/{run}", show_run, methods=["GET"])
    app.add_route("/models/{model}/versions/{version}", show_version, methods=["GET"])
    app.add_route("/models/{model}/drift/{run}", show_report, methods=["GET"])


def _names(request: Request, name: str) -> tuple[str, str]:
    """The model of an address, and what else it names."""
    return request.path_params["model"], request.path_params[name]
