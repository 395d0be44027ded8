"""The simulated cloud: what a provider does with a resource, without the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pulumi_simcloud import faults, objects
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.constraints import check_limits
from pulumi_simcloud.constraints.relations import check_relations
from pulumi_simcloud.context import Context
from pulumi_simcloud.diffs import Change, changes
from pulumi_simcloud.failures import CloudError, Failure, PartialError
from pulumi_simcloud.guards import (
    inside,
    keep_name,
    refuse_frozen,
    refuse_same,
    refuse_taken,
    refuse_used,
)
from pulumi_simcloud.invokes import MAKING, invoke
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.life import refuse_unregistered, wait
from pulumi_simcloud.naming import is_automatic, with_name
from pulumi_simcloud.outputs import outputs_of, value_of
from pulumi_simcloud.permissions import Operation, authorize, authorize_function
from pulumi_simcloud.platforms import PLACES, common_outputs, with_place
from pulumi_simcloud.references import used_by
from pulumi_simcloud.schema import UnknownTypeError, check_inputs, resource_schema
from pulumi_simcloud.state import Row, State, Transaction
from pulumi_simcloud.world import World

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Diff:
    """The differences of an update, and the order if it has to be a new resource."""

    changes: list[Change]
    delete_first: bool


class Cloud:
    """Resources of one provider instance in a state that other processes may share.

    `variables` are the platform's (see `platforms.variables`). Unless the world is `closed`, what
    a resource refers to may exist outside of this cloud. With a `principal` (a role's ARN, an
    object id, a member such as ``serviceAccount:EMAIL``) each operation needs its permission.
    """

    def __init__(
        self,
        state: State,
        variables: dict[str, Any],
        closed: bool = True,
        principal: str | None = None,
        empty: bool = False,
    ) -> None:
        self.state = state
        self.closed = closed
        self.variables = {**variables, "principal": principal} if principal else variables
        self.principal = principal
        self.empty = empty

    def check(
        self, urn: str, old: Inputs, new: Inputs, seed: bytes = b"", proposed: str | None = None
    ) -> tuple[Inputs, list[Failure]]:
        """The inputs with an automatic name, and everything that is wrong with them."""
        token, name = token_and_name(urn)
        try:
            schema = resource_schema(token)
        except UnknownTypeError as error:
            return new, [Failure("", str(error))]
        kind = catalog().get(token)
        if kind is None:
            reason = f"the simulated cloud's catalog has no entry for {token}"
            return new, [Failure("", reason)]
        with_names, failures = with_name(kind, name, old, new, seed, proposed)
        failures += check_inputs(schema, new)
        if not failures:
            # An automatic name has to pass the same rules as one that the program gives.
            for view in _views(kind, new, with_names):
                failures += [*check_relations(kind, view), *check_rules(kind, view)]
            failures += check_limits(kind, schema, with_names)
        return with_names, list(dict.fromkeys(failures))

    def diff(self, urn: str, old: Inputs, new: Inputs, outputs: Inputs) -> Diff:
        """Differences of new inputs from the old ones (and from the region in the outputs)."""
        kind = kind_of(urn)
        differences = changes(kind, old, new)
        expected = common_outputs(resource_schema(kind.token), new, self._variables(kind, new))
        for key in PLACES[kind.cloud]:
            moved = key in expected and outputs.get(key, expected[key]) != expected[key]
            if moved and not any(change.path == key for change in differences):
                differences.append(Change(key, "UPDATE", True))
        replaced = any(change.replaces for change in differences)
        return Diff(differences, replaced and _keeps_given_name(kind, old, new))

    def create(self, urn: str, inputs: Inputs, preview: bool = False) -> tuple[str, Inputs]:
        """Makes a resource: (id, outputs). In a preview nothing is made and the id is empty.

        Raises:
            CloudError: the service refuses, or a fault was asked for.
        """
        kind = kind_of(urn)
        if preview:
            return "", self._outputs(kind, inputs, "", preview=True)
        partial = faults.meet(self.state, "create", *token_and_name(urn))
        self._settle(kind, inputs)
        with self.state.transaction() as transaction:
            world = self._world(transaction, kind, inputs)
            uses = used_by(kind, inputs, world)
            refuse_taken(transaction, world, kind, inputs, self._variables)
            serial = f"{urn}#{transaction.log('create', *token_and_name(urn))}"
            outputs = self._outputs(kind, inputs, serial)
            row = Row(kind.token, "", urn, serial, inputs, outputs, uses)
            row.id = str(value_of(kind.id, self._naming(kind, row)))
            self._authorize(Operation("create", kind, row), world)
            refuse_same(transaction, kind, row)
            transaction.put(row)
            objects.store(transaction, kind, self._context(kind, row))
        if partial:
            raise PartialError(f"injected failure after creation of {row.id}", row.id, row.outputs)
        return row.id, outputs

    def update(
        self, urn: str, identity: str, inputs: Inputs, old_outputs: Inputs, preview: bool = False
    ) -> Inputs:
        """Changes a resource in place: its new outputs."""
        kind = kind_of(urn)
        if preview:
            expected = self._outputs(kind, inputs, "", preview=True)
            unchanged = {
                key: old_outputs[key]
                for key in kind.computed
                if key in old_outputs and key not in kind.volatile
            }
            return {**expected, **unchanged}
        partial = faults.meet(self.state, "update", *token_and_name(urn))
        self._settle(kind, inputs)
        with self.state.transaction() as transaction:
            row = transaction.row(kind.token, identity)
            if row is None:
                raise CloudError(f"NotFound: {kind.title} {identity!r} does not exist")
            refuse_frozen(kind, row.inputs, inputs)
            row.uses = used_by(kind, inputs, self._world(transaction, kind, inputs, row))
            old = row.inputs
            world = self._world(transaction, kind, inputs)
            row.inputs, row.outputs = inputs, self._outputs(kind, inputs, row.serial)
            self._authorize(Operation("update", kind, row, old), world)
            transaction.put(row)
            transaction.log("update", *token_and_name(urn))
            objects.store(transaction, kind, self._context(kind, row))
        if partial:
            raise PartialError(
                f"injected failure after update of {identity}", identity, row.outputs
            )
        return row.outputs

    def read(self, urn: str, identity: str) -> Row | None:
        """A resource as the cloud has it now, None if it is gone."""
        faults.meet(self.state, "read", *token_and_name(urn))
        with self.state.transaction() as transaction:
            row = transaction.row(kind_of(urn).token, identity)
            if row is not None and self.principal:
                world = self._world(transaction, kind_of(urn), row.inputs)
                self._authorize(Operation("read", kind_of(urn), row), world)
            return row

    def delete(self, urn: str, identity: str) -> None:
        """Deletes a resource; one that is gone already is fine.

        Raises:
            CloudError: others still use it, it isn't empty, or a fault was asked for.
        """
        kind = kind_of(urn)
        faults.meet(self.state, "delete", *token_and_name(urn))
        with self.state.transaction() as transaction:
            row = transaction.row(kind.token, identity)
            if row is None:
                return
            if self.principal:
                world = self._world(transaction, kind, row.inputs)
                self._authorize(Operation("delete", kind, row), world)
            refuse_used(transaction, kind, row)
            if row.inputs.get("deletionPolicy") == "ABANDON":
                return
            objects.discard(transaction, kind, self._context(kind, row))
            for resident in inside(transaction, kind, row):
                transaction.remove(*resident.key)
            transaction.remove(*row.key)
            keep_name(transaction, kind, self._context(kind, row))
            transaction.log("delete", *token_and_name(urn))

    def invoke(self, token: str, args: Inputs) -> Inputs:
        """The answer of a provider function.

        Raises:
            CloudError: it is not known, or the principal may not call it.
        """
        with self.state.transaction() as transaction:
            if self.principal:
                world = self._new_world(transaction, transaction.rows(), self.variables)
                authorize_function(self.principal, token.split(":")[0], token, world)
            answer = invoke(token, args, self.variables)
            if token in MAKING:
                transaction.state_fact("agent", answer[MAKING[token]])
        return answer

    def _authorize(self, operation: Operation, world: World) -> None:
        if self.principal:
            authorize(self.principal, operation, world)

    def _variables(self, kind: Kind, inputs: Inputs) -> dict[str, Any]:
        return with_place(kind, inputs, self.variables)

    def _outputs(self, kind: Kind, inputs: Inputs, serial: str, preview: bool = False) -> Inputs:
        return outputs_of(kind, inputs, self._variables(kind, inputs), serial, preview)

    def _context(self, kind: Kind, row: Row) -> Context:
        variables = self._variables(kind, row.inputs)
        return Context({**row.inputs, **row.outputs}, variables, row.serial)

    def _naming(self, kind: Kind, row: Row) -> Context:
        """The values that an id is made of: on Azure the inputs, since the answer of a version
        gives as its name the version's, where the id has the asset's too.
        """
        context = self._context(kind, row)
        if kind.cloud != "azure-native":
            return context
        return replace(context, inputs={**context.inputs, **row.inputs})

    def _world(
        self, transaction: Transaction, kind: Kind, inputs: Inputs, but: Row | None = None
    ) -> World:
        rows = [row for row in transaction.rows() if but is None or row.key != but.key]
        return self._new_world(transaction, rows, self._variables(kind, inputs))

    def _new_world(self, transaction: Transaction, rows: list[Row], variables: Inputs) -> World:
        agents = transaction.facts("agent")
        return World(rows, catalog(), variables, self.closed, self.empty, agents)

    def _settle(self, kind: Kind, inputs: Inputs) -> None:
        """Refuses what an account that is empty does not have, or does not know yet."""
        if not self.empty:
            return
        with self.state.transaction() as transaction:
            world = self._world(transaction, kind, inputs)
            registered = transaction.facts("provider")
        refuse_unregistered(kind, world, registered)
        wait(self.state, kind, inputs, world)


def _keeps_given_name(kind: Kind, old: Inputs, new: Inputs) -> bool:
    """True if the program gives the name, and the same as before: two can't exist at once."""
    if kind.name is None or not kind.name.auto or is_automatic(kind, new):
        return False
    return old.get(kind.name.property) == new.get(kind.name.property)


def _views(kind: Kind, new: Inputs, with_names: Inputs) -> list[Inputs]:
    """The inputs as rules have to see them: a name excludes the prefix that it was made of."""
    prefix = kind.name.prefix if kind.name else None
    if prefix is None or new.get(prefix) is None or not is_automatic(kind, with_names):
        return [with_names]
    return [new, {key: value for key, value in with_names.items() if key != prefix}]


def check_rules(kind: Kind, inputs: Inputs) -> list[Failure]:
    """Failures of the inputs by the catalog's own rules."""
    return [failure for rule in kind.rules for failure in rule(inputs)]


def token_and_name(urn: str) -> tuple[str, str]:
    """Type token and resource name of a Pulumi URN."""
    kinds, name = urn.split("::", 3)[2:4]
    return kinds.rsplit("$", 1)[-1], name


def kind_of(urn: str) -> Kind:
    """The catalog's entry for a URN.

    Raises:
        CloudError: the catalog has none.
    """
    token, _ = token_and_name(urn)
    if token not in catalog():
        raise CloudError(f"the simulated cloud's catalog has no entry for {token}")
    return catalog()[token]
