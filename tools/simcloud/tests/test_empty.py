"""An account in which nothing was before: time, agents, resource providers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.invokes import MAKING
from pulumi_simcloud.kinds import Settle
from pulumi_simcloud.life import DEFAULT_PROVIDERS, NotYetError
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import State
from pulumi_simcloud.world import World
from samples import SAMPLES, SETTINGS
from samples.world import Filled

ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
MEMBER = "gcp:projects/iAMMember:IAMMember"
TOLD = "Role {id} does not exist in the resource's hierarchy"


def urn(token: str, name: str = "a") -> str:
    return f"urn:pulumi:a::b::{token}::{name}"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog in which a new custom role is known on the third attempt to grant it."""
    settle = Settle("role", (ROLE,), TOLD, attempts=2)
    kind = replace(catalog()[MEMBER], settles=(settle,))
    monkeypatch.setitem(catalog(), MEMBER, kind)


def granted(folder: Path, empty: bool) -> tuple[Cloud, dict[str, Any]]:
    """A cloud with a custom role, and the inputs of a grant of it."""
    cloud = Cloud(State(folder), variables("gcp", SETTINGS["gcp"]), empty=empty)
    for api in ("iam", "cloudresourcemanager"):
        service = {"project": "sim-project", "service": f"{api}.googleapis.com"}
        cloud.create(urn("gcp:projects/service:Service", api), service)
    inputs = {"roleId": "steps", "title": "a", "permissions": ["storage.buckets.get"]}
    identity, _ = cloud.create(urn(ROLE), inputs)
    member = {"project": "sim-project", "role": identity, "member": "user:a@example.org"}
    return cloud, member


@pytest.mark.usefixtures("slow")
def test_what_was_just_made_is_known_after_some_attempts(tmp_path: Path) -> None:
    cloud, member = granted(tmp_path, empty=True)
    for _ in range(2):
        with pytest.raises(NotYetError, match="projects/sim-project/roles/steps does not exist"):
            cloud.create(urn(MEMBER), member)
    cloud.create(urn(MEMBER), member)
    # Once it is known, it is to all who grant it in the same way.
    cloud.create(urn(MEMBER, "b"), {**member, "member": "user:b@example.org"})


@pytest.mark.usefixtures("slow")
def test_a_settled_account_knows_everything_at_once(tmp_path: Path) -> None:
    cloud, member = granted(tmp_path, empty=False)
    cloud.create(urn(MEMBER), member)


@pytest.mark.usefixtures("slow")
def test_what_is_made_anew_has_to_settle_anew(tmp_path: Path) -> None:
    cloud, member = granted(tmp_path, empty=True)
    for attempt in range(3):
        if attempt < 2:
            with pytest.raises(NotYetError):
                cloud.create(urn(MEMBER), member)
        else:
            identity, _ = cloud.create(urn(MEMBER), member)
            cloud.delete(urn(MEMBER), identity)
    cloud.delete(urn(ROLE), member["role"])
    cloud.create(urn(ROLE), {"roleId": "steps", "title": "a", "permissions": ["a.b.c"]})
    with pytest.raises(NotYetError):
        cloud.create(urn(MEMBER), member)


def test_agents_are_there_once_something_made_them(tmp_path: Path) -> None:
    cloud = Cloud(State(tmp_path), variables("gcp", SETTINGS["gcp"]), empty=True)

    def agents() -> frozenset[str]:
        with cloud.state.transaction() as transaction:
            return cloud._new_world(transaction, transaction.rows(), cloud.variables).agents

    assert not agents()
    token = "gcp:storage/getProjectServiceAccount:getProjectServiceAccount"
    answer = cloud.invoke(token, {})
    assert agents() == {answer[MAKING[token]]}
    service = {"service": "pubsub.googleapis.com", "project": "sim-project"}
    _, outputs = cloud.create(urn("gcp:projects/serviceIdentity:ServiceIdentity"), service)
    assert agents() == {answer[MAKING[token]], outputs["email"]}


def test_a_resource_provider_has_to_be_registered(tmp_path: Path) -> None:
    sim = SimCloud(tmp_path, account="empty")
    cloud = Cloud(sim.state, variables("azure-native", SETTINGS["azure-native"]), empty=True)
    group = {"resourceGroupName": "sim", "location": "westeurope"}
    cloud.create(urn("azure-native:resources:ResourceGroup"), group)
    identity = "azure-native:managedidentity:UserAssignedIdentity"
    inputs = {**group, "resourceName": "sim-identity"}
    with pytest.raises(CloudError, match="MissingSubscriptionRegistration"):
        cloud.create(urn(identity), inputs)
    sim.register("Microsoft.ManagedIdentity")
    cloud.create(urn(identity), inputs)


def test_the_namespace_of_a_type_is_that_of_its_id() -> None:
    namespaces = {kind.namespace for kind in catalog().values() if kind.cloud == "azure-native"}
    assert "Microsoft.MachineLearningServices" in namespaces
    assert all(
        name and name.startswith("Microsoft.") for name in namespaces - {"microsoft.insights"}
    )
    assert {name.lower() for name in namespaces if name} - DEFAULT_PROVIDERS
    assert catalog()["aws:s3/bucket:Bucket"].namespace is None


@pytest.mark.parametrize("package", SAMPLES)
def test_the_samples_live_twice_on_the_same_day(package: str, tmp_path: Path) -> None:
    """All goes and comes again with the same names, but for what its service keeps."""
    world = Filled(tmp_path, package)
    for name in reversed(list(world.outputs)):
        world.delete(name)
    names_kept = [
        name for name, (token, _) in SAMPLES[package].items() if catalog()[token].keeps_name
    ]
    for name in SAMPLES[package]:
        try:
            world.create(name, world.inputs(name))
        except CloudError as error:
            assert name in names_kept, f"{name}: {error}"
            free_and_create(world, name)
    assert bool(names_kept) == any(catalog()[t].keeps_name for t, _ in SAMPLES[package].values())


def free_and_create(world: Filled, name: str) -> None:
    """What is kept, freed as by time."""
    with world.cloud.state.transaction() as transaction:
        transaction.sql.execute("DELETE FROM names")
    world.create(name, world.inputs(name))


def test_an_account_is_settled_or_empty(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="settled, empty"):
        SimCloud(tmp_path, account="new")
    assert World([], catalog(), {}, empty=True).empty
