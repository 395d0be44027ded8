"""Time in an account in which nothing was before: what a service knows only a while later.

There is no clock here: what was made a moment ago is not known for a number of attempts, however
long the program waits between them. An account that is `settled` knows everything at once.
"""

from __future__ import annotations

from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.kinds import Kind, Settle
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row, State
from pulumi_simcloud.world import World

SETTLED, EMPTY = "settled", "empty"
ACCOUNTS = (SETTLED, EMPTY)


class NotYetError(CloudError):
    """A service does not know yet what was made a moment ago."""


def wait(state: State, kind: Kind, inputs: dict[str, object], world: World) -> None:
    """Counts an attempt at a create or update that names what was just made.

    Raises:
        NotYetError: what it names is not known yet; one of the next attempts will do.
    """
    messages = []
    with state.transaction() as transaction:
        for settle in kind.settles:
            for row in _rows_referred_to(settle, inputs, world):
                about = f"{kind.token} {settle.path}"
                if transaction.attempt(row.serial, about) <= settle.attempts:
                    messages.append(settle.message.format(id=row.id, **row.outputs))
    if messages:
        raise NotYetError("; ".join(dict.fromkeys(messages)))


def _rows_referred_to(settle: Settle, inputs: dict[str, object], world: World) -> list[Row]:
    if settle.find is not None:
        return list(settle.find(inputs, world))
    values = [value for _, value in select(inputs, settle.path)]
    rows = [world.find(settle.to, value, settle.by) for value in values]
    return [row for row in rows if row is not None]


def refuse_unregistered(kind: Kind, world: World, registered: frozenset[str]) -> None:
    """Refuses a type whose resource provider is not registered in an Azure subscription.

    Raises:
        CloudError: it is not (MissingSubscriptionRegistration).
    """
    namespace = kind.namespace
    if namespace is not None and namespace.lower() not in registered | DEFAULT_PROVIDERS:
        subscription = world.variables["subscription"]
        raise CloudError(
            f"MissingSubscriptionRegistration: The subscription {subscription!r} is not registered"
            f" to use namespace {namespace!r}"
        )


# "Registered by default": learn.microsoft.com/azure/azure-resource-manager/management/
# azure-services-resource-providers.
DEFAULT_PROVIDERS = frozenset(
    {
        "microsoft.authorization",
        "microsoft.billing",
        "microsoft.commerce",
        "microsoft.consumption",
        "microsoft.costmanagement",
        "microsoft.features",
        "microsoft.marketplaceordering",
        "microsoft.portal",
        "microsoft.resourcegraph",
        "microsoft.resources",
        "microsoft.serialconsole",
        "microsoft.support",
    }
)
