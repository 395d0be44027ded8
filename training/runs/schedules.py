"""Schedules of a model: what the stack's document says of them, and when they fire next.

The document is ``schedules.json``, as the component `retraining` writes it: ``{"cron",
"timezone"}`` of each schedule, of a cloud also ``"schedule"``, its name at the service.
"""

from __future__ import annotations

from typing import Any

from training import clock
from training.errors import UserError
from training.pipeline import DRIFT_CHECK, TRAINING
from training.platform import Platform

DOCUMENT = "schedules.json"
# The pipeline that each schedule runs, by the schedule's name in the document.
PIPELINES = {"retraining": TRAINING.name, "drift_check": DRIFT_CHECK.name}

# ``{"name", "cron", "timezone", "on", "next"}``: `next` is None while it is off.
Schedule = dict[str, Any]


def read_schedules(platform: Platform, model: str) -> dict[str, dict[str, str]]:
    """What the document says of each schedule of `model` that there is, by its name."""
    part = platform.part(model, DOCUMENT)
    return {name: part[name] for name in PIPELINES if part.get(name)}


def read_service_schedules(platform: Platform, model: str) -> dict[str, dict[str, str]]:
    """The same of a cloud's stack, each with its name at the service.

    Raises UserError if the stack was brought up before its document had the names.
    """
    schedules = read_schedules(platform, model)
    if any("schedule" not in times for times in schedules.values()):
        raise UserError(f"stack {platform.stack!r} does not tell its schedules' names: pulumi up")
    return schedules


def describe(
    name: str, times: dict[str, str], *, is_on: bool, following: str | None = None
) -> Schedule:
    """A schedule; its next time as the service tells it, or else by its expression."""
    if is_on and following is None:
        # Its library is in no container of a pipeline's, where runs are started too.
        from training.serving.cron import Cron

        moment = Cron.parse(times["cron"], times["timezone"]).after(clock.now())
        following = moment and clock.text(moment)
    return {
        "name": name,
        "cron": times["cron"],
        "timezone": times["timezone"],
        "on": is_on,
        "next": following if is_on else None,
    }
