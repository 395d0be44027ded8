"""Checks of settings on Azure: locations, names, sizes, schedules, time zones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from components.targets.azure.machines import (
    LOCATIONS,
    SERVING_SIZES,
    TIME_ZONES,
    TRAINING_SIZES,
    near,
)
from components.targets.refusals import (
    bad_addresses,
    bad_age,
    bad_instances,
    bad_names,
    bad_rollback_alarms,
    bad_webhooks,
    refused,
)
from training.errors import UserError

if TYPE_CHECKING:
    from components.scope import StackScope
    from components.settings import Model

MOST_INSTANCES = 50

# A vault's name is "<prefix>-<stack>" and 8 random digits in 24 characters; an endpoint's is
# "<prefix>-<stack>-<model>" and 8 in 32 ("Naming rules and restrictions for Azure resources").
MOST_STACK, MOST_MODEL = 16, 24
# learn.microsoft.com, "Resolve errors for reserved resource names": a name that is part of an
# address has none of the first anywhere, and does not begin with one of the others. Of xbox the
# page says now that it is reserved as a whole; services answer that no name may begin with it.
RESERVED, RESERVED_START = ("microsoft", "windows"), ("login", "xbox")
# A container image's name: host, path, tag or digest (github.com/distribution/reference).
CONTAINER_IMAGE = re.compile(
    r"[a-z0-9.-]+(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w][\w.-]{0,127})?"
    r"(@sha256:[0-9a-f]{64})?"
)
ENVIRONMENT = re.compile(
    r"azureml:(//registries/[\w-]+/environments/[\w.-]+/versions/[\w.-]+|/subscriptions/\S+"
    r"/environments/[\w.-]+/versions/[\w.-]+)"
)
TAG = re.compile(r"[^<>%&\\?/]{1,512}")
# "Storage Accounts - Create": tags.
MOST_TAGS = 15
# No two hyphens in a row.
NAME = r"(?=.{{1,{most}}}$)[a-z]([a-z0-9]|-(?!-))*"
NAMES = "allowed: {most} of a-z, 0-9 and single hyphens"

DATA = re.compile(
    r"azureml://datastores/\w+/paths/.+|https://[a-z0-9]+\.blob\.core\.windows\.net/.+"
    r"|(abfss|wasbs)://[\w-]+@[\w.-]+/.*"
)
# "Naming rules and restrictions for Azure resources".
REGISTRY = re.compile(
    r"(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.MachineLearningServices"
    r"/registries/)?[A-Za-z0-9][\w-]{2,32}"
)
LOG_DAYS = range(30, 731)
# A log alert looks back two days at most ("Log search alert rules").
LONGEST_AGE_HOURS = 48


def problems(scope: StackScope, config: Mapping[str, str]) -> Iterator[UserError]:
    """All that Azure would refuse."""
    settings = scope.settings
    location = config.get("azure-native:location", "").lower().replace(" ", "")
    if location not in LOCATIONS:
        yield UserError(
            f"azure-native:location: {config.get('azure-native:location')!r} is not allowed: "
            f"Azure ML is in {', '.join(LOCATIONS)}"
        )
    stack = scope.prefix
    yield from _bad_names("prefix", settings.prefix, stack, MOST_STACK)
    if settings.retention_days not in LOG_DAYS:
        yield refused(
            "retentionDays",
            settings.retention_days,
            f"Log Analytics keeps logs {LOG_DAYS.start} to {LOG_DAYS.stop - 1} days",
        )
    yield from _reserved("prefix", settings.prefix, stack)
    yield from bad_addresses(settings)
    yield from _bad_tags(scope.models[0].tags if scope.models else scope.tags)
    yield from bad_webhooks(settings, "an action group takes https URLs, and keeps them readable")
    shared = settings.registry.shared
    if shared is not None and not REGISTRY.fullmatch(shared):
        yield refused(
            "registry.shared",
            shared,
            "give a name of 3 to 33 letters, digits, _ and -, or /subscriptions/S/resourceGroups/G/"
            "providers/Microsoft.MachineLearningServices/registries/NAME",
        )
    for model in settings.models:
        yield from _bad_values(model, stack)


def _bad_values(model: Model, stack: str) -> Iterator[UserError]:
    yield from _bad_names("model", model.name, f"{stack}-{model.name}", MOST_MODEL)
    image = model.compute.image
    if image is not None and not (CONTAINER_IMAGE.fullmatch(image) or ENVIRONMENT.fullmatch(image)):
        yield refused(
            "compute.image",
            image,
            "give a container image as HOST/PATH:TAG, or an environment as "
            "azureml://registries/REGISTRY/environments/NAME/versions/VERSION",
            model,
        )
    if not DATA.fullmatch(model.data.location):
        yield refused(
            "data.location",
            model.data.location,
            "give azureml://datastores/NAME/paths/PATH, https://ACCOUNT.blob.core.windows.net/PATH "
            "or abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH",
            model,
        )
    if model.timezone not in TIME_ZONES:
        yield refused(
            "timezone",
            model.timezone,
            "it has no counterpart among the time zones of Windows, which Azure ML's schedules are "
            "in; give a city such as Europe/Berlin",
            model,
        )
    for key, cron in (
        ("drift.schedule", model.drift.schedule),
        ("retraining.schedule", model.retraining.schedule),
    ):
        if cron is not None:
            yield from _bad_cron(key, cron, model)
    for key, size, sizes in (
        ("compute.instanceType", model.compute.instance_type, TRAINING_SIZES),
        ("endpoint.instanceType", model.endpoint.instance_type, SERVING_SIZES),
    ):
        if size is not None and size not in sizes:
            reason = f"Azure ML has no such size; allowed is {', '.join(near(size, sizes))}"
            yield refused(key, size, reason, model)
    yield from bad_instances(model, MOST_INSTANCES)
    yield from bad_rollback_alarms(model)
    yield from bad_age(model, LONGEST_AGE_HOURS)


def _bad_names(key: str, value: str, name: str, most: int) -> Iterator[UserError]:
    yield from bad_names(key, value, name, NAME.format(most=most), NAMES.format(most=most))


def _reserved(key: str, value: str, name: str) -> Iterator[UserError]:
    word = next((word for word in RESERVED if word in name), None) or next(
        (word for word in RESERVED_START if name.startswith(word)), None
    )
    if word is not None:
        yield refused(key, value, f"Azure takes no name of a resource with {word!r} there")


def _bad_tags(tags: Mapping[str, str]) -> Iterator[UserError]:
    """Tags that a resource of the stack does not take; each has the stack's own, too."""
    if len(tags) > MOST_TAGS:
        reason = f"a storage account takes {MOST_TAGS} tags, the platform's own among them"
        yield refused("tags", f"{len(tags)} tags", reason)
    for key, value in tags.items():
        if not TAG.fullmatch(key) or len(value) > 256:
            reason = "1-512 characters, none of < > % & \\ ? /, and a value of at most 256"
            yield refused("tags", key, reason)


def _bad_cron(key: str, expression: str, model: Model) -> Iterator[UserError]:
    """A schedule that would run too often: Azure ML ignores days and months of an expression.

    Source: learn.microsoft.com, "Schedule machine learning pipeline jobs".
    """
    _, _, day, month, weekday = expression.split()
    if (day, month) != ("*", "*"):
        reason = "Azure ML ignores the day of the month and the month, so both have to be *"
        yield refused(key, expression, reason, model)
    if "7" in weekday:
        reason = "Azure ML counts weekdays from 0 (Sunday) to 6"
        yield refused(key, expression, reason, model)
