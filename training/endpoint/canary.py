"""A canary where the service shifts no traffic by itself: its time, watched by the alarms."""

from __future__ import annotations

import time
from typing import Any

from training.endpoint import Say
from training.errors import UserError
from training.monitoring import ALARM, monitoring_of
from training.platform import Platform

WATCH_SECONDS = 15.0


def watch(
    platform: Platform, model: str, part: dict[str, Any], version: int, say: Say, copies: int = 0
) -> None:
    """Let the time of the canary `version` pass; `part` is the model's ``endpoint.json``.

    `copies` is how many percent of the requests it gets a copy of, while it answers none yet.
    Raises UserError as soon as one of the rollback alarms fires; what is served then is the
    caller's to mend.
    """
    share = f"copies of {copies} %" if copies else f"{part['canary_percent']} %"
    minutes = part["canary_minutes"]
    say(f"version {version} gets {share} of the requests, watched for {minutes:g} minutes")
    deadline = time.monotonic() + minutes * 60
    while True:
        for alarm in monitoring_of(platform).alarms(platform, model):
            if alarm.name in part["alarms"] and alarm.state == ALARM:
                raise UserError(
                    f"version {version} is not served: alarm {alarm.name!r} fired while it had "
                    f"{share} of the requests ({alarm.says})"
                )
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(WATCH_SECONDS, left))
