"""Settings that this computer takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from components import tables
from training.errors import UserError

if TYPE_CHECKING:
    from components.settings import Model, Settings


def check(settings: Settings, given: Mapping[str, str]) -> None:
    """Raise UserError for what only a cloud has, and for data that is not there."""
    if settings.alerts.emails:
        raise UserError(
            "mlops:alerts.emails: target 'local' sends no e-mail; allowed: alerts.webhooks"
        )
    if settings.budget.monthly is not None:
        raise UserError("mlops:budget: target 'local' costs nothing that can raise an alarm")
    if settings.ci.github.repository is not None:
        raise UserError("mlops:ci: target 'local' has nothing that a workflow could act on")
    for model in settings.models:
        _check_model(model)


def _check_model(model: Model) -> None:
    where = f"model {model.name!r}"
    endpoint = model.endpoint
    if endpoint.instance_type or endpoint.instances != 1 or endpoint.max_instances:
        raise UserError(
            f"mlops:endpoint: target 'local' serves {where} from one process; leave "
            "instanceType, instances and maxInstances out"
        )
    if model.compute.instance_type or model.compute.image:
        raise UserError(
            f"mlops:compute: target 'local' trains {where} in a process; leave instanceType and "
            "image out"
        )
    tables.check(
        model.name,
        model.data.location,
        {
            "data.target": model.data.target,
            "data.timeColumn": model.data.time_column,
            "split.by": model.split.by,
        },
    )
