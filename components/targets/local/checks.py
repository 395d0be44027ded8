"""Checks of settings on this computer: what only a cloud has, and data that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.scope import StackScope
from components.settings import Model
from components.targets.refusals import bad_addresses, refused
from training.errors import UserError
from training.table_files import column_names, list_names


def problems(scope: StackScope, config: Mapping[str, str]) -> Iterator[UserError]:
    """What only a cloud has, and data that is not there."""
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
            yield refused(key, value, f"target 'local' {reason}")
    yield from bad_addresses(settings)
    for model in settings.models:
        yield from _bad_values(model)
        yield from _differing(settings.models[0], model)


def _differing(first: Model, model: Model) -> Iterator[UserError]:
    """Settings of the one server of a stack that a model has otherwise than the first one."""
    for key in ("port", "workers"):
        value, other = (getattr(side.endpoint, key) for side in (model, first))
        if value != other:
            reason = f"one server serves all models, and model {first.name!r} has {other}"
            yield refused(f"endpoint.{key}", value, reason, model)


def _bad_values(model: Model) -> Iterator[UserError]:
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
            yield refused(key, value, reason, model)
    yield from _absent_columns(
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


def _absent_columns(
    model: str, location: str, columns: dict[str, str | None]
) -> Iterator[UserError]:
    """The columns that the table lacks; `columns` names them by setting."""
    try:
        names = column_names(location)
    except UserError as error:
        yield UserError(f"mlops:data.location of model {model!r}: {error}")
        return
    for setting, column in columns.items():
        if column is not None and column not in names:
            yield UserError(
                f"mlops:{setting} of model {model!r}: no column {column!r} in {location!r}; "
                f"{list_names(names)}"
            )
