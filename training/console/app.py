"""The HTTP face of the console: the pages of a stack, and the forms of its actions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from training import clients
from training.console import actions, gate, jobs, pages
from training.console.sessions import SESSION_SECONDS, NotConfirmedError, Sessions
from training.console.snapshot import Snapshot
from training.errors import UserError
from training.platform import Platform
from training.serving import model_pages
from training.serving.security import LOCAL_NAMES, Guard
from training.serving.state import State

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 16 * 1024
# A page waits so long for services that answer slowly, and a form for its action's end.
PATIENCE_SECONDS = 3.0


class Console:
    """The parts that the routes share."""

    def __init__(
        self, platform: Platform, state: State, snapshot: Snapshot, port: int, acts: bool
    ) -> None:
        self.platform, self.state, self.snapshot = platform, state, snapshot
        self.port, self.acts = port, acts
        self.sessions, self.jobs = Sessions(), jobs.Jobs()
        # Called once the entry was used and there is another.
        self.on_entry: Callable[[], None] = _ignore

    def create_app(self) -> FastAPI:
        """The application; what is refused is refused before any route."""
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        app.add_middleware(gate.Gate, sessions=self.sessions, port=self.port, refuse=pages.refusal)
        app.add_middleware(Guard, hosts=LOCAL_NAMES)
        app.add_exception_handler(HTTPException, _refused)
        app.add_exception_handler(Exception, _failed)
        self._add_pages(app)
        self._add_actions(app)
        return app

    def _add_pages(self, app: FastAPI) -> None:
        # `def`, not `async def`: these read files or ask services, beside the event loop.
        @app.get(gate.ENTRY)
        def enter(token: str = "") -> Response:
            session = self.sessions.enter(token)
            if session is None:
                raise HTTPException(
                    403, "this address was used already; the terminal shows another"
                )
            self.on_entry()
            answer = RedirectResponse("/", 303)
            answer.set_cookie(
                gate.cookie(self.port), session, int(SESSION_SECONDS), httponly=True,
                samesite="strict",
            )  # fmt: skip
            return answer

        @app.get("/")
        def page() -> Response:
            look = self.snapshot.look(PATIENCE_SECONDS)
            return pages.dashboard(look, self.platform, self.acts, self.jobs.running())

        @app.get("/status.json")
        def status() -> Response:
            look = self.snapshot.look(PATIENCE_SECONDS)
            if look.state is None:
                message = look.error or f"the services are asked since {look.asking_since}"
                return JSONResponse({"error": message}, 503)
            return JSONResponse(look.state)

        model_pages.add(app, self.state.details, self._model, _explained, self.acts)

    def _add_actions(self, app: FastAPI) -> None:
        @app.get("/models/{model}/act/{action}")
        def form(request: Request, model: str, action: str, subject: str = "") -> Response:
            return self._form(request, self._plan(model, action, subject))

        @app.post("/models/{model}/act/{action}")
        async def act(request: Request, model: str, action: str) -> Response:
            fields = await _fields(request)
            return await run_in_threadpool(self._act, request, model, action, fields)

        @app.get("/jobs/{number}")
        def job(number: str) -> Response:
            console_job = self.jobs.get(int(number)) if number.isdecimal() else None
            if console_job is None:
                raise HTTPException(404, f"there is no job {number!r} in this console")
            return pages.job(console_job)

    def _plan(self, model: str, action: str, subject: str) -> actions.Plan:
        """The plan of an action; raises HTTPException where it may or can not be done."""
        if not self.acts:
            raise HTTPException(
                403, "this console only shows; one that acts: mlops console --actions"
            )
        if action not in actions.NAMES:
            raise HTTPException(404, f"no action {action!r}; allowed: {', '.join(actions.NAMES)}")
        with _explained(409):
            return actions.plan(self.platform, self._model(model), action, subject)

    def _form(
        self, request: Request, plan: actions.Plan, problem: str = "", why: str = ""
    ) -> Response:
        """The page that asks to confirm `plan`; with a `problem`, that of the last attempt."""
        confirmation = self.sessions.issue(gate.session(request, self.port), plan)
        return pages.form(plan, confirmation, problem, why)

    def _act(
        self, request: Request, model: str, action: str, fields: Mapping[str, str]
    ) -> Response:
        now = self._plan(model, action, fields.get("subject", ""))
        why = fields.get("why", "").strip()
        confirmation = fields.get("confirmation", "")
        try:
            plan = self.sessions.take(gate.session(request, self.port), confirmation)
        except NotConfirmedError as error:
            raise HTTPException(403, f"nothing was done: {error}") from None
        if (plan.action, plan.model, plan.subject) != (now.action, now.model, now.subject):
            raise HTTPException(403, "nothing was done: this form was given for another action")
        with _explained(409):
            actions.check_current(self.platform, plan)
        problem = _problem(plan, why, fields)
        if problem:
            return self._form(request, now, problem, why)
        hours = float(fields.get("hours", "0"))

        def work(say: Any) -> str:
            try:
                return actions.perform(self.platform, plan, why, hours, say)
            finally:
                self.snapshot.forget()

        job = self.jobs.start(plan.model, plan.title, why, work)
        job.over.wait(PATIENCE_SECONDS)
        if job.state == jobs.FAILED:
            return pages.job(job, 409)
        return RedirectResponse(f"/jobs/{job.number}", 303)

    def _model(self, model: str) -> str:
        if model not in self.platform.models:
            raise HTTPException(
                404, f"no model {model!r} here; there are: {', '.join(self.platform.models)}"
            )
        return model


@contextmanager
def _explained(refused: int = 502) -> Iterator[None]:
    """Answer an error that is meant for people: `refused` for ours, 502 for a service's."""
    try:
        yield
    except HTTPException:
        raise
    except Exception as error:
        reason = clients.explained(error)
        if reason is None:
            raise
        raise HTTPException(refused if isinstance(error, UserError) else 502, reason) from error


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form; raises HTTPException for any other body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise HTTPException(415, f"content type {kind!r} is not supported; a form is {FORM}")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"the form is larger than the {MOST_BYTES} bytes allowed")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise HTTPException(400, "the form is not UTF-8") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HTTPException(400, "a field is there twice")
    return fields


def _problem(plan: actions.Plan, why: str, fields: Mapping[str, str]) -> str:
    """The reason that a form cannot be taken as it is; empty if it can."""
    if not why:
        return "Nothing was done: say why; the records keep it."
    if len(why) > actions.MOST_WHY:
        return f"Nothing was done: the reason is longer than {actions.MOST_WHY} characters."
    choices = [str(hours) for hours in plan.hours]
    if choices and fields.get("hours") not in choices:
        return f"Nothing was done: the hours are one of {', '.join(choices)}."
    return ""


def _ignore() -> None:
    """Nobody has to know."""


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    messages = {
        ("Not Found", 404): f"there is no page {request.url.path!r} here",
        ("Method Not Allowed", 405): f"{request.method} is not allowed for {request.url.path!r}",
    }
    text = messages.get((error.detail, error.status_code), error.detail)
    return pages.refusal(request, error.status_code, text)


async def _failed(request: Request, error: Exception) -> Response:
    return pages.refusal(request, 500, "it failed; the console's terminal says why")
