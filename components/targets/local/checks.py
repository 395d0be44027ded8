"""Checks of settings on this computer: what only a cloud has, and data that is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from components.scope import StackScope
from components.settings import Model
from components.targets.refusals import refused
from training.errors import UserError
from training.table_files import column_names, listed

EMAIL = re.compile(r"[^@\s,;:<>()\[\]]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")


def check(scope: StackScope, config: Mapping[str, str]) -> None:
    """Raise UserError for what only a cloud has, and for data that is not there."""
    settings = scope.settings
    stack = {
        "budget.monthly": (settings.budget.monthly, "costs nothing that can raise an alarm"),
        "ci.github.repository": (
            settings.ci.github.repository,
            "has nothing that a workflow could act on",
        ),
    }
    for key, (value, reason) in stack.items():
        if value:
            raise refused(key, value, f"target 'local' {reason}")
    for address in settings.alerts.emails:
        if not EMAIL.fullmatch(address):
            reason = "give an e-mail address, such as team@example.com"
            raise refused("alerts.emails", address, reason)
    for model in settings.models:
        _check_model(model)


def _check_model(model: Model) -> None:
    compute, endpoint = model.compute, model.endpoint
    cloud_only = {
        "compute.image": compute.image,
        "compute.instanceType": compute.instance_type,
        "endpoint.instanceType": endpoint.instance_type,
        "endpoint.instances": endpoint.instances if endpoint.instances != 1 else None,
        "endpoint.maxInstances": endpoint.max_instances,
    }
    for key, value in cloud_only.items():
        if value is not None:
            reason = "target 'local' trains and serves in one process each; leave it out"
            raise refused(key, value, reason, model)
    _check_columns(
        model.name,
        model.data.location,
        {
            "data.target": model.data.target,
            "data.key": model.data.key,
            **{f"data.columns.{name}": name for name in model.data.columns},
            "data.timeColumn": model.data.time_column,
            "split.by": model.split.by,
        },
    )


def _check_columns(model: str, location: str, columns: dict[str, str | None]) -> None:
    """Raise UserError unless the table has the columns; `columns` names them by setting."""
    try:
        names = column_names(location)
    except UserError as error:
        raise UserError(f"mlops:data.location of model {model!r}: {error}") from None
    problems = [
        f"mlops:{setting} of model {model!r}: no column {column!r} in {location!r}; {listed(names)}"
        for setting, column in columns.items()
        if column is not None and column not in names
    ]
    if problems:
        raise UserError("\n".join(problems))
