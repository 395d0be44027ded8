"""Pages of the console that `mlops serve` does not have, and its dashboard with what is added."""

from __future__ import annotations

import secrets

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from training.caller import caller
from training.console.actions import Plan
from training.console.jobs import RUNNING, Job
from training.console.snapshot import Look
from training.platform import Platform
from training.serving import dashboard as pages
from training.serving.dashboard import load_template

FORM_POLICY = pages.POLICY.replace("form-action 'none'", "form-action 'self'")


def dashboard(look: Look, platform: Platform, acts: bool, running: list[Job]) -> Response:
    """The dashboard; as long as there is no state, a page that says what is asked for."""
    if look.state is None:
        context = {"look": look, "stack": platform.stack, "target": platform.target}
        return _live("asking.html", 200, **context)
    content, headers = pages.page(look.state, acts, look, running)
    return HTMLResponse(content, headers=headers)


def form(plan: Plan, confirmation: str, problem: str, why: str) -> Response:
    """The page that asks to confirm an action; with a `problem`, the answer to a form."""
    content = load_template("action.html").render(
        plan=plan, confirmation=confirmation, problem=problem, why=why, by=caller()
    )
    headers = {"content-security-policy": FORM_POLICY}
    return HTMLResponse(content, 400 if problem else 200, headers)


def job(job: Job, status: int = 200) -> Response:
    """The page of an action that was confirmed, which follows it."""
    return _live("job.html", status, job=job, running=job.state == RUNNING)


def refusal(request: Request, status: int, text: str) -> Response:
    """The page of an error, as JSON where JSON was asked for."""
    if request.url.path.endswith(".json"):
        return JSONResponse({"error": text}, status)
    content = load_template("refusal.html").render(status=status, text=text)
    return HTMLResponse(content, status, pages.HEADERS)


def _live(template: str, status: int, **context: object) -> Response:
    """A page that keeps itself true."""
    nonce = secrets.token_urlsafe(16)
    content = load_template(template).render(**context, nonce=nonce, script=pages.SCRIPT)
    return HTMLResponse(content, status, pages.live_headers(nonce))
