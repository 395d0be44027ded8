"""Settings that Azure takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from components.names import prefix
from components.targets.azure_places import (
    LOCATIONS,
    SERVING_SIZES,
    TIME_ZONES,
    TRAINING_SIZES,
    near,
)
from training.errors import UserError

if TYPE_CHECKING:
    from components.settings import Model, Settings

COMPUTE, ENDPOINT = "Standard_DS3_v2", "Standard_DS3_v2"
# Where an id of an asset begins that is no container image.
ASSET = "azureml:"
# The curated scikit-learn environment, pinned; it serves too.
IMAGE = "azureml://registries/azureml/environments/sklearn-1.5/versions/54"

MOST_INSTANCES = 50

# A vault's name is "<prefix>-<stack>" and 8 random digits in 24 characters; a cluster's is
# "<prefix>-<stack>-<model>" in 24 ("Naming rules and restrictions for Azure resources").
MOST_STACK, MOST_MODEL = 16, 24
STACK = re.compile(r"[a-z]([a-z0-9]|-(?!-))*")

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
MOST_HOURS = 48


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Raise UserError for what Azure would refuse, before any resource is touched."""
    location = given.get("azure-native:location", "").lower().replace(" ", "")
    if location not in LOCATIONS:
        raise UserError(
            f"azure-native:location: {given.get('azure-native:location')!r} is not allowed: "
            f"Azure ML is in {', '.join(LOCATIONS)}"
        )
    stack = prefix(settings)
    if len(stack) > MOST_STACK or not STACK.fullmatch(stack):
        raise UserError(
            f"mlops:prefix: names begin with {stack!r} (prefix and stack), which has "
            f"{len(stack)} characters; allowed: {MOST_STACK} of a-z, 0-9 and single hyphens"
        )
    if settings.retention_days not in LOG_DAYS:
        raise UserError(
            f"mlops:retentionDays: {settings.retention_days} is not allowed: Log Analytics keeps "
            f"logs {LOG_DAYS.start} to {LOG_DAYS.stop - 1} days"
        )
    for address in settings.alerts.webhooks:
        if not address.startswith("https://"):
            raise UserError(
                f"mlops:alerts.webhooks: {address!r} is not allowed: an action group takes https "
                "URLs, and keeps them readable"
            )
    shared = settings.registry.shared
    if shared is not None and not REGISTRY.fullmatch(shared):
        raise UserError(
            f"mlops:registry.shared: {shared!r} is not allowed: give a name of 3 to 33 letters, "
            "digits, _ and -, or /subscriptions/S/resourceGroups/G/providers/"
            "Microsoft.MachineLearningServices/registries/NAME"
        )
    for model in settings.models:
        _check_model(model, stack)


def compute_type(model: Model) -> str:
    """The instance type that a model's steps run on."""
    return model.compute.instance_type or COMPUTE


def endpoint_type(model: Model) -> str:
    """The instance type that a model is served from."""
    return model.endpoint.instance_type or ENDPOINT


def image(model: Model) -> str:
    """The environment's id or the container image that a model is trained and served in."""
    return model.compute.image or IMAGE


def windows_zone(name: str) -> str:
    """The time zone as Azure ML's schedules call it."""
    return TIME_ZONES[name]


def _check_model(model: Model, stack: str) -> None:
    where = f"of model {model.name!r}"
    name = f"{stack}-{model.name}"
    if len(name) > MOST_MODEL or not STACK.fullmatch(name):
        raise UserError(
            f"mlops:model: names {where} begin with {name!r} (prefix, stack and model), which has "
            f"{len(name)} characters; allowed: {MOST_MODEL} of a-z, 0-9 and single hyphens"
        )
    if not DATA.fullmatch(model.data.location):
        raise UserError(
            f"mlops:data.location {where}: {model.data.location!r} is not allowed: give "
            "azureml://datastores/NAME/paths/PATH, https://ACCOUNT.blob.core.windows.net/PATH or "
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH"
        )
    if model.timezone not in TIME_ZONES:
        raise UserError(
            f"mlops:timezone {where}: {model.timezone!r} has no counterpart among the time zones "
            "of Windows, which Azure ML's schedules are in; give a city such as Europe/Berlin"
        )
    _check_cron("drift.schedule", model.drift.schedule, where)
    _check_cron("retraining.schedule", model.retraining.schedule, where)
    _check_endpoint(model, where)
    _check_size("compute.instanceType", model.compute.instance_type, TRAINING_SIZES, where)
    if model.drift.max_age_hours > MOST_HOURS:
        raise UserError(
            f"mlops:drift.maxAgeHours {where}: {model.drift.max_age_hours:g} is not allowed: an "
            f"alarm on Azure looks back {MOST_HOURS} hours at most"
        )


def _check_endpoint(model: Model, where: str) -> None:
    from components.monitoring import rules

    endpoint = model.endpoint
    _check_size("endpoint.instanceType", endpoint.instance_type, SERVING_SIZES, where)
    if endpoint.port:
        raise UserError(f"mlops:endpoint.port {where}: an endpoint on Azure has an address")
    most = max(endpoint.instances, endpoint.max_instances or 0)
    if most > MOST_INSTANCES:
        raise UserError(
            f"mlops:endpoint.instances {where}: {most} is not allowed: a deployment has "
            f"{MOST_INSTANCES} instances at most"
        )
    known = [rule["name"] for rule in rules(model)]
    for alarm in endpoint.rollback_alarms:
        if alarm not in known:
            raise UserError(
                f"mlops:endpoint.rollbackAlarms {where}: {alarm!r} is not allowed: a release "
                f"watches the model's alarms: {', '.join(known)}"
            )


def _check_size(key: str, size: str | None, sizes: tuple[str, ...], where: str) -> None:
    if size is not None and size not in sizes:
        raise UserError(
            f"mlops:{key} {where}: {size!r} is not allowed: Azure ML has no such size; "
            f"allowed is {', '.join(near(size, sizes))}"
        )


def _check_cron(key: str, expression: str | None, where: str) -> None:
    """Azure ML ignores days and months of a cron expression, and so would run too often.

    Source: learn.microsoft.com, "Schedule machine learning pipeline jobs".
    """
    if expression is None:
        return
    _, _, day, month, weekday = expression.split()
    if (day, month) != ("*", "*"):
        raise UserError(
            f"mlops:{key} {where}: {expression!r} is not allowed: Azure ML ignores the day of the "
            "month and the month, so both have to be *"
        )
    if "7" in weekday:
        raise UserError(
            f"mlops:{key} {where}: {expression!r} is not allowed: Azure ML counts weekdays from "
            "0 (Sunday) to 6"
        )
