"""Refusals shared by several targets, in the same words."""

from __future__ import annotations

import re
from typing import Any

from components.monitoring import alarm_rules
from components.settings import Model, Settings
from training.errors import UserError


def refused(key: str, value: Any, reason: str, model: Model | None = None) -> UserError:
    """The error for a setting of the stack, or of `model`: its key, its value and what is allowed.

    A number with a fraction is told as people write it, anything else as Python does.
    """
    owner = f" of model {model.name!r}" if model else ""
    written_value = f"{value:g}" if isinstance(value, float) else repr(value)
    return UserError(f"mlops:{key}{owner}: {written_value} is not allowed: {reason}")


def check_names(key: str, value: str, name: str, pattern: str, allowed: str) -> None:
    """Raise UserError if the names that a setting makes, such as `name`, do not match."""
    if not re.fullmatch(pattern, name):
        reason = f"it makes names such as {name!r}, {len(name)} characters; {allowed}"
        raise refused(key, value, reason)


def check_webhooks(settings: Settings, reason: str) -> None:
    """Raise UserError for a receiver that only a server on this computer could post to."""
    for address in settings.alerts.webhooks:
        if not address.startswith("https://"):
            raise refused("alerts.webhooks", address, reason)


def check_instances(model: Model, most: int | None = None) -> None:
    """Raise UserError for fewer instances at most than at least, and for more than `most`."""
    least, scaled = model.endpoint.instances, model.endpoint.max_instances
    if scaled is not None and scaled < least:
        reason = f"fewer than endpoint.instances, {least}"
        raise refused("endpoint.maxInstances", scaled, reason, model)
    for key, count in (("instances", least), ("maxInstances", scaled or least)):
        if most is not None and count > most:
            raise refused(f"endpoint.{key}", count, f"there are {most} at most", model)


def check_rollback_alarms(model: Model) -> None:
    """Raise UserError for an alarm that is none of the model's, so that no release could ask it."""
    names = [rule.name for rule in alarm_rules(model)]
    for alarm in model.endpoint.rollback_alarms:
        if alarm not in names:
            reason = f"a release watches the model's alarms: {', '.join(names)}"
            raise refused("endpoint.rollbackAlarms", alarm, reason, model)


def check_age(model: Model, hours: int) -> None:
    """Raise UserError for an age that an alarm, which looks back `hours`, could not tell."""
    if model.drift.max_age_hours > hours:
        reason = f"an alarm looks back {hours} hours at most"
        raise refused("drift.maxAgeHours", model.drift.max_age_hours, reason, model)
