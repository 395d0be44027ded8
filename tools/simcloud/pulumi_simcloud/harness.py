"""A simulated cloud for tests: serve it, look into it, change it behind the engine's back."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc

from pulumi_simcloud import faults
from pulumi_simcloud.catalog import catalog, clouds
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError, Failure
from pulumi_simcloud.life import ACCOUNTS, EMPTY, SETTLED
from pulumi_simcloud.permissions import lacking
from pulumi_simcloud.planes import Plane
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.references import dangling
from pulumi_simcloud.server import Provider, start
from pulumi_simcloud.state import Row, State
from pulumi_simcloud.world import World

# Who signs requests to the simulated AWS.
NOBODY = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
# Before each run the engine's Python host has pip list all packages, to learn which plugins they
# want. Here the server is every plugin, so pip is told to look nowhere: a sixth of a short run.
NO_PLUGINS = {"PIP_PATH": os.devnull}


def engine_environment(ports: Mapping[str, int]) -> dict[str, str]:
    """Variables that make a Pulumi engine use a server on this computer for each package."""
    return {
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items()),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


class SimCloud:
    """A cloud in a folder, served while the context lasts; the folder outlives it.

    `environment` is what a Pulumi process needs; everything else works without the server too.
    With `closed=False` what a program refers to but does not make is taken to exist; if it is
    `repeatable`, the names that the provider chooses are the same in every run.

    Beside the engine it serves calls that a program makes by itself: of SageMaker and CloudWatch
    where botocore looks for them, of Azure's blobs and Vertex AI at addresses that stand in
    `environment` under the names that `gateways` gives for `azure` and `gcp` (see `blobs` and
    `vertex` for the paths).

    With a `principal` every operation needs its permission in the cloud (see `permissions`): the
    ARN of a role, the object id of an identity, a member such as ``serviceAccount:EMAIL``. It can
    be changed between runs; a provider's own settings (`assumeRoles`, `impersonateServiceAccount`)
    go first.

    An `account` that is ``empty`` knows what was just made only after some attempts (the catalogs'
    `settles`), has no service agents but those that something made, and on Azure no resource
    providers but the default ones and those in `register`.
    """

    def __init__(
        self,
        folder: Path,
        closed: bool = True,
        repeatable: bool = False,
        gateways: Mapping[str, str] | None = None,
        principal: str | None = None,
        account: str = SETTLED,
    ) -> None:
        if account not in ACCOUNTS:
            raise ValueError(f"{account!r} is not one of {', '.join(ACCOUNTS)}")
        self.gateways = dict(gateways or {})
        self.state = State(folder)
        self.provider = Provider(self.state, closed, repeatable, principal, empty=account == EMPTY)
        self.environment: dict[str, str] = {}
        self._servers: list[grpc.Server] = []
        self._packages: list[Provider] = []
        self._planes: list[Plane] = []

    def register(self, *namespaces: str) -> None:
        """Registers resource providers in the Azure subscription, as a person does beforehand."""
        with self.state.transaction() as transaction:
            for namespace in namespaces:
                transaction.state_fact("provider", namespace.lower())

    @property
    def principal(self) -> str | None:
        """The principal of the next runs; None for somebody who may do everything."""
        return self.provider.principal

    @principal.setter
    def principal(self, name: str | None) -> None:
        for provider in (self.provider, *self._packages):
            provider.principal = name

    def __enter__(self) -> SimCloud:
        self._servers, ports, self._packages = start(self.provider)
        addresses = {}
        for variable, plane in self._served():
            self._planes.append(plane)
            plane.begin()
            addresses[variable] = plane.address
        self.environment = {**engine_environment(ports), **addresses, **NOBODY, **NO_PLUGINS}
        return self

    def __exit__(self, *_: object) -> None:
        for stop in [server.stop(None) for server in self._servers]:
            stop.wait()
        self._servers.clear()
        for plane in self._planes:
            plane.end()
        self._planes.clear()

    def _served(self) -> Iterator[tuple[str, Plane]]:
        """The servers beside the engine, each with the variable that holds its address."""
        if "aws" in clouds():
            from pulumi_simcloud import alarms, releases

            yield releases.URL, releases.Releases(self.state)
            yield alarms.URL, alarms.Alarms(self.state)
        if "azure-native" in clouds() and "azure" in self.gateways:
            from pulumi_simcloud.blobs import Blobs

            yield self.gateways["azure"], Blobs(self.state)
        if "gcp" in clouds() and "gcp" in self.gateways:
            from pulumi_simcloud.vertex import Vertex

            yield self.gateways["gcp"], Vertex(self.state)

    def resources(self, token: str | None = None) -> list[Row]:
        """The resources that exist, oldest first; of one type only if a type token is given."""
        with self.state.transaction() as transaction:
            rows = transaction.rows()
        return [copy.deepcopy(row) for row in rows if token in (None, row.token)]

    def resource(self, token: str, name: str) -> Row:
        """One resource by its name in the program or its id in the cloud.

        Raises:
            LookupError: there is none.
        """
        for row in self.resources(token):
            if name in (row.id, row.urn.rsplit("::", 1)[-1]):
                return row
        raise LookupError(f"no {token} named {name!r} in the simulated cloud")

    def change(self, token: str, name: str, **inputs: Any) -> None:
        """Changes settings of a resource behind the engine's back (None removes one)."""
        row = self.resource(token, name)
        for key, value in inputs.items():
            for values in (row.inputs, row.outputs):
                values.pop(key, None)
                if value is not None:
                    values[key] = value
        with self.state.transaction() as transaction:
            transaction.put(row)

    def lose(self, token: str, name: str) -> None:
        """Deletes a resource behind the engine's back."""
        row = self.resource(token, name)
        with self.state.transaction() as transaction:
            transaction.remove(*row.key)

    def seed(
        self,
        token: str,
        name: str,
        inputs: dict[str, Any],
        settings: dict[str, Any],
        by: str = "seed",
    ) -> Row:
        """Makes a resource that no program owns; `settings` are the provider's (its region...).

        Its URN has `by`, whoever made it, in place of a stack.

        Raises:
            CloudError: the cloud refuses it.
        """
        cloud = Cloud(self.state, variables(token.split(":")[0], settings))
        urn = f"urn:pulumi:{by}::{by}::{token}::{name}"
        checked, failures = cloud.check(urn, {}, inputs, name.encode())
        if failures:
            raise CloudError("; ".join(f"{item.path}: {item.reason}" for item in failures))
        cloud.create(urn, checked)
        return self.resource(token, name)

    def take_name(self, token: str, name: str) -> None:
        """Gives a name to somebody else: creating a resource of that type with it fails."""
        with self.state.transaction() as transaction:
            transaction.take(token, name, "is taken by another account")

    def put_object(self, store: str, key: str, body: bytes) -> None:
        """Writes an object; stores are `s3/BUCKET`, `gs/BUCKET`, `az/ACCOUNT/CONTAINER`."""
        with self.state.transaction() as transaction:
            transaction.write_object(store, key, body)

    def objects(self, store: str) -> dict[str, bytes]:
        """The objects of a store."""
        with self.state.transaction() as transaction:
            keys = transaction.objects(store)
            return {key: transaction.read_object(store, key) or b"" for key in keys}

    def stores(self) -> list[str]:
        """The stores that have any objects: among them what services keep no resources for."""
        with self.state.transaction() as transaction:
            lines = transaction.sql.execute("SELECT DISTINCT store FROM objects ORDER BY store")
            return [store for (store,) in lines]

    def fail(self, operation: str = "any", target: str = "*", **when: Any) -> None:
        """Plans a failure; `when` as in `faults.plan` (`nth`, `times`)."""
        faults.plan(self.state, "fail", operation, target, **when)

    def fail_halfway(self, operation: str = "create", target: str = "*", **when: Any) -> None:
        """Plans a failure after the operation took effect."""
        faults.plan(self.state, "partial", operation, target, **when)

    def slow(self, seconds: float, operation: str = "any", target: str = "*") -> None:
        """Makes every matching operation wait."""
        faults.plan(self.state, "slow", operation, target, times=0, seconds=seconds)

    def throttle(self, times: int, operation: str = "any", target: str = "*") -> None:
        """Throttles the next so many attempts; the provider gives up after its fifth."""
        faults.plan(self.state, "throttle", operation, target, times=times)

    def clear_faults(self) -> None:
        """Forgets all planned faults."""
        faults.clear(self.state)

    def journal(self) -> list[tuple[str, str, str]]:
        """The operations that took effect: (operation, type token, name in the program)."""
        with self.state.transaction() as transaction:
            return transaction.sql.execute(
                "SELECT operation, token, name FROM journal ORDER BY number"
            ).fetchall()

    def lacking(self, package: str, settings: dict[str, Any]) -> list[str]:
        """Permissions that the roles of jobs, schedules and endpoints lack when these run."""
        return list(
            lacking(World(self.resources(), catalog(), variables(package, settings)), package)
        )

    def dangling(self, package: str, settings: dict[str, Any]) -> list[Failure]:
        """Names in policies, dashboards and patterns of a cloud at rest that nothing goes by."""
        rows = self.resources()
        world = World(rows, catalog(), variables(package, settings))
        return dangling([row for row in rows if row.token.startswith(f"{package}:")], world)
