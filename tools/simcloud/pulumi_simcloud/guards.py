"""Obstacles to a create or a delete: names, parents, switched-off APIs, users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row, Transaction
from pulumi_simcloud.world import World

Inputs = dict[str, Any]
SERVICE = "gcp:projects/service:Service"


def identity(kind: Kind, context: Context) -> str | None:
    """The identity that has to be unique among its kind; None if nothing has to be."""
    return context.fill(kind.unique) if kind.unique else None


def refuse_taken(
    transaction: Transaction,
    world: World,
    kind: Kind,
    inputs: Inputs,
    variables: Callable[[Kind, Inputs], dict[str, Any]],
) -> None:
    """Refuses a name that is taken, a parent that isn't there, an API that isn't enabled.

    Raises:
        CloudError: one of these.
    """
    context = Context(inputs, world.variables, "")
    parent = context.fill(kind.parent) if kind.parent else None
    if world.closed and parent and not _is_there(parent, world):
        raise CloudError(f"ParentResourceNotFound: {kind.title}: {parent!r} does not exist")
    reasons = [reason for demand in kind.demands for reason in demand(inputs, world)]
    if reasons:
        raise CloudError(f"ValidationException: {kind.title}: {'; '.join(reasons)}")
    if world.closed and kind.service and not _is_enabled(kind.service, world):
        project = world.variables["project"]
        raise CloudError(
            f"SERVICE_DISABLED: {kind.title}: {kind.service} is not enabled in project {project!r}"
        )
    name = identity(kind, context)
    if name is not None:
        conflict = transaction.name_conflict(kind.token, name)
        if conflict and not (kind.revives and kind.revives(inputs)):
            raise CloudError(f"AlreadyExists: {kind.title} {name!r} {conflict}")
        transaction.release(kind.token, name)
        for row in world.of(kind.token):
            if identity(kind, Context(row.inputs, variables(kind, row.inputs), "")) == name:
                raise CloudError(f"AlreadyExists: {kind.title} {name!r} already exists")


def _is_there(parent: str, world: World) -> bool:
    """Whether a resource lives in one of this cloud, in the subscription or above it."""
    subscription = f"/subscriptions/{world.variables.get('subscription')}"
    above = "/providers/microsoft.management/managementgroups/"
    if parent.lower() == subscription.lower() or parent.lower().startswith(above):
        return True
    return any(row.id.lower() == parent.lower() for row in world.rows)


def refuse_same(transaction: Transaction, kind: Kind, row: Row) -> None:
    """Refuses a second resource with the same id.

    Raises:
        CloudError: there is one.
    """
    if transaction.row(*row.key) and not kind.overwrites:
        raise CloudError(f"AlreadyExists: {kind.title} {row.id!r} already exists")


def refuse_frozen(kind: Kind, old: Inputs, new: Inputs) -> None:
    """Refuses an update in place of what the service never changes.

    Raises:
        CloudError: the update changes such a thing.
    """
    for path in kind.frozen:
        if list(select(old, path)) != list(select(new, path)):
            raise CloudError(f"Conflict: {kind.title}: {path} of an existing one can't be changed")


def refuse_used(transaction: Transaction, kind: Kind, row: Row) -> None:
    """Refuses to delete what is protected, or what other resources still refer to.

    Raises:
        CloudError: one of these.
    """
    path, default = kind.protected or ("", False)
    guarded = next((value for _, value in select(row.inputs, path)), default) if path else False
    if guarded or row.inputs.get("deletionPolicy") == "PREVENT":
        raise CloudError(f"DeletionProtected: {kind.title} {row.id!r} is protected from deletion")
    own = {resident.key for resident in inside(transaction, kind, row)}
    users = [
        f"{other.token.rsplit(':', 1)[1]} {other.id!r}"
        for other in transaction.rows()
        if list(row.key) in other.uses and other.key not in {row.key, *own}
    ]
    if users:
        raise CloudError(
            f"DeleteConflict: {kind.title} {row.id!r} is used by {', '.join(users[:3])}"
        )


def inside(transaction: Transaction, kind: Kind, row: Row) -> list[Row]:
    """Content of a resource, which is deleted with it and is no user: objects, residents."""
    residents = []
    for other in transaction.rows():
        other_kind = catalog()[other.token]
        is_content = (
            kind.contents is not None and other_kind.object_in and list(row.key) in other.uses
        )
        if is_content or (other_kind.resident and other.id.startswith(f"{row.id}/")):
            residents.append(other)
    return residents


def keep_name(transaction: Transaction, kind: Kind, context: Context) -> None:
    """After a delete, holds the name if the service does."""
    name = identity(kind, context)
    if kind.keeps_name and name:
        transaction.take(kind.token, name, kind.keeps_name)


def _is_enabled(service: str, world: World) -> bool:
    enabled = {row.inputs["service"] for row in world.of(SERVICE)}
    return service in enabled or service in table("gcp_services")
