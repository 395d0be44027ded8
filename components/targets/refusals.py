"""Refusals shared by several targets, in the same words.

Each function yields an error for all that it finds, so that a person is told everything at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from components.monitoring import alarm_rules
from components.settings import Model, Settings
from training.errors import UserError

# What the services' own forms take; addresses with quotes or brackets are refused by some of them.
EMAIL = re.compile(r"[^@\s,;:<>()\[\]]{1,64}@(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def refused(key: str, value: Any, reason: str, model: Model | None = None) -> UserError:
    """The error for a setting of the stack, or of `model`: its key, its value and what is allowed.

    A number with a fraction is told as people write it, anything else as Python does.
    """
    owner = f" of model {model.name!r}" if model else ""
    written_value = f"{value:g}" if isinstance(value, float) else repr(value)
    return UserError(f"mlops:{key}{owner}: {written_value} is not allowed: {reason}")


def bad_names(key: str, value: str, name: str, pattern: str, limits: str) -> Iterator[UserError]:
    """The names that a setting makes, such as `name`, if they do not match."""
    if not re.fullmatch(pattern, name):
        reason = f"it makes names such as {name!r}, {len(name)} characters; {limits}"
        yield refused(key, value, reason)


def bad_webhooks(settings: Settings, reason: str) -> Iterator[UserError]:
    """Receivers that only a server on this computer could post to."""
    for address in settings.alerts.webhooks:
        if not address.startswith("https://"):
            yield refused("alerts.webhooks", address, reason)


def bad_addresses(settings: Settings) -> Iterator[UserError]:
    """Receivers of alarms and of the budget that are no e-mail addresses."""
    for key, addresses in (
        ("alerts.emails", settings.alerts.emails),
        ("budget.receivers", settings.budget.receivers),
    ):
        for address in addresses:
            if not EMAIL.fullmatch(address):
                yield refused(key, address, "give an e-mail address, such as team@example.com")


def bad_instances(model: Model, most: int | None = None) -> Iterator[UserError]:
    """Fewer instances at most than at least, and more than `most`."""
    least, scaled = model.endpoint.instances, model.endpoint.max_instances
    if scaled is not None and scaled < least:
        reason = f"fewer than endpoint.instances, {least}"
        yield refused("endpoint.maxInstances", scaled, reason, model)
    for key, count in (("instances", least), ("maxInstances", scaled)):
        if most is not None and count is not None and count > most:
            yield refused(f"endpoint.{key}", count, f"there are {most} at most", model)


def bad_rollback_alarms(model: Model) -> Iterator[UserError]:
    """Alarms that are none of the model's, so that no release could ask them."""
    names = [rule.name for rule in alarm_rules(model)]
    for alarm in model.endpoint.rollback_alarms:
        if alarm not in names:
            reason = f"a release watches the model's alarms: {', '.join(names)}"
            yield refused("endpoint.rollbackAlarms", alarm, reason, model)


def bad_age(model: Model, hours: int) -> Iterator[UserError]:
    """An age that an alarm, which looks back `hours`, could not tell."""
    if model.drift.max_age_hours > hours:
        reason = f"an alarm looks back {hours} hours at most"
        yield refused("drift.maxAgeHours", model.drift.max_age_hours, reason, model)
