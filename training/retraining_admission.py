"""Retraining admission: the one check before every retraining, by schedule, drift or hand.

A lease lets one run at a time through, a cooldown and a minimum of new rows keep retraining
from chasing noise. Somebody who retrains by hand has decided already, so only the lease counts
then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from training import clock, release, versions
from training.caller import caller
from training.journal import Journal, JournalMovedError
from training.store import Store

MANUAL, SCHEDULE, DRIFT = "manual", "schedule", "drift"
TRIGGERS = (MANUAL, SCHEDULE, DRIFT)


@dataclass(frozen=True)
class Rules:
    """Needs of a retraining: new labeled rows, hours since the last one, and its time limit."""

    min_rows: int
    cooldown_hours: float
    max_run_minutes: float


@dataclass(frozen=True)
class Request:
    """One run that asks: `rows` labeled rows are there; `as_of` is the time the data stands at."""

    run: str
    trigger: str
    rows: int
    as_of: datetime


def admit(
    store: Store, model: str, rules: Rules, request: Request, alive: Callable[[str], bool]
) -> str | None:
    """Let the run through and return None, or return why not; either way it is recorded.

    `alive` tells whether the run that holds the lease still runs: a killed run frees it.
    """
    journal = admissions(store, model)
    refusal = None
    if request.trigger != MANUAL:
        refusal = _too_soon(journal, rules, request) or _too_few(store, model, rules, request)
    refusal = refusal or _lease(store, model, rules, request, alive)
    journal.append(
        {
            "run": request.run,
            "trigger": request.trigger,
            "admitted": refusal is None,
            "reason": refusal or "",
            "rows": request.rows,
            "as_of": clock.text(request.as_of),
        }
    )
    return refusal


def ask(store: Store, model: str, why: str, by: str | None = None) -> dict[str, Any]:
    """Keep who asks for a retraining by hand, and why, before it is begun."""
    record = {"by": by or caller(), "why": why, "when": clock.text(clock.now())}
    return requests(store, model).append(record)


def requests(store: Store, model: str) -> Journal:
    """The retrainings that people asked for: by whom, why and when."""
    return Journal(store, f"models/{model}/retraining-requests", ("by", "why", "when"))


def finish(store: Store, model: str, run: str) -> None:
    """Free the lease if `run` holds it; the end of a run, good or bad."""
    leases = _leases(store, model)
    newest = leases.last()
    if newest and newest["run"] == run and newest["held"]:
        leases.append({"run": run, "held": False}, after=newest["number"])


def _too_soon(admissions: Journal, rules: Rules, request: Request) -> str | None:
    admitted = [record for record in admissions.records() if record["admitted"]]
    if not admitted:
        return None
    last = clock.parse(admitted[-1]["as_of"])
    ready = last + timedelta(hours=rules.cooldown_hours)
    # Data that stands before the last retraining's is a replay of the past, not haste.
    if not last <= request.as_of < ready:
        return None
    return (
        f"cooldown of {rules.cooldown_hours:g} h: the last retraining was admitted at "
        f"{clock.text(last)}, the next can be from {clock.text(ready)}"
    )


def _too_few(store: Store, model: str, rules: Rules, request: Request) -> str | None:
    champion = release.champion(store, model)
    trained_rows = (
        versions.manifest(store, model, champion.version)["data"]["rows"] if champion else 0
    )
    new = request.rows - trained_rows
    if new >= rules.min_rows:
        return None
    return f"{new} new labeled rows since the champion was trained, {rules.min_rows} are wanted"


def _lease(
    store: Store, model: str, rules: Rules, request: Request, alive: Callable[[str], bool]
) -> str | None:
    leases = _leases(store, model)
    newest = leases.last()
    moment = clock.now()
    if newest and newest["held"] and newest["run"] != request.run:
        running = clock.parse(newest["expires"]) > moment and alive(newest["run"])
        if running:
            return f"run {newest['run']} is under way; one retraining at a time"
    expires = moment + timedelta(minutes=rules.max_run_minutes)
    try:
        leases.append(
            {"run": request.run, "held": True, "expires": clock.text(expires)},
            after=newest["number"] if newest else 0,
        )
    except JournalMovedError:
        return "another run took the lease at the same moment; one retraining at a time"
    return None


def admissions(store: Store, model: str) -> Journal:
    """Every retraining that asked for admission: whether it got it, and why not."""
    return Journal(store, f"models/{model}/admissions")


def _leases(store: Store, model: str) -> Journal:
    return Journal(store, f"models/{model}/leases")
