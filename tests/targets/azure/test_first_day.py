"""A stack's life in an empty subscription, by those who are to live it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_simcloud.platforms import CLIENT, SUBSCRIPTION
from pulumi_simcloud.state import Row

from tests.targets import clouds
from tests.targets.clouds import Platform
from tools.doctor.azure import PROVIDERS

pytestmark = pytest.mark.engine

ML = "azure-native:machinelearningservices"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
GITHUB = {"repository": "my-company/churn", "repositoryId": 1234567}
RETRIED = "retrying create due to on-error hook request"
# "Azure built-in roles".
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ASSIGNER = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"  # Role Based Access Control Administrator
ACCESS = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"  # User Access Administrator


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Platform]:
    with clouds.platform("azure", tmp_path, "prod", account="empty") as platform:
        yield platform


def give(platform: Platform, *roles: str) -> None:
    """Give the caller roles on the subscription, as somebody did before."""
    scope = f"/subscriptions/{SUBSCRIPTION}"
    with platform.cloud.state.transaction() as transaction:
        for role in roles:
            place = f"{scope}/providers/Microsoft.Authorization"
            inputs = {
                "scope": scope,
                "principalId": CLIENT,
                "principalType": "User",
                "roleDefinitionId": f"{place}/roleDefinitions/{role}",
            }
            urn = f"urn:pulumi:seed::seed::{ASSIGNMENT}::{role}"
            row = Row(ASSIGNMENT, f"{place}/roleAssignments/{role}", urn, role, inputs, inputs)
            transaction.put(row)
    platform.cloud.principal = CLIENT


def identity(platform: Platform, job: str) -> str:
    """The principal of a job of the code host."""
    (row,) = (
        row
        for row in platform.cloud.resources("azure-native:managedidentity:UserAssignedIdentity")
        if row.inputs["resourceName"] == f"mlops-{platform.stack}-{job}"
    )
    return row.outputs["principalId"]


def test_production_comes_up_in_one_go_and_lives_as_its_roles(production: Platform) -> None:
    """A person makes it; workflows preview, change and remove it; it comes up again at once."""
    give(production, CONTRIBUTOR, ACCESS)
    assert "MissingSubscriptionRegistration" in production.up(fails=True)
    production.cloud.register(*PROVIDERS)
    assert RETRIED in production.up(), "a new role was not known at once"
    production.configure(allowModelDeletion=True)
    production.up()
    production.cloud.principal = identity(production, "preview")
    production.no_changes()
    production.configure(retentionDays=90, models={"churn": {}, "late": {}}, model=None)
    production.cloud.principal = identity(production, "deploy")
    production.up()
    production.no_changes("--refresh")
    # A model that is taken out, with schedules that are on.
    production.configure(models=None, model="churn")
    production.up()
    scheduled = production.cloud.resources(f"{ML}:Schedule")
    assert {row.inputs["name"].rpartition("churn-")[2] for row in scheduled} == {
        "retraining",
        "drift-check",
    }
    production.destroy()
    assert not production.created_rows()
    production.cloud.principal = CLIENT
    production.up()
    production.no_changes()


def test_who_may_assign_roles_but_define_none_is_refused(production: Platform) -> None:
    give(production, CONTRIBUTOR, ASSIGNER)
    production.cloud.register(*PROVIDERS)
    assert "Microsoft.Authorization/roleDefinitions/write" in production.up(fails=True)


def test_development_comes_up_in_one_go_too(tmp_path: Path) -> None:
    with clouds.platform("azure", tmp_path, account="empty") as platform:
        give(platform, CONTRIBUTOR, ACCESS)
        platform.cloud.register(*PROVIDERS)
        platform.up()
        platform.no_changes("--refresh")
        platform.configure(retraining={"schedule": None})
        platform.up()
        (schedule,) = platform.cloud.resources(f"{ML}:Schedule")
        assert schedule.inputs["name"].endswith("drift-check")
        platform.destroy()
        assert not platform.created_rows()


def test_a_registry_of_another_group_takes_the_models_of_who_may_deploy(tmp_path: Path) -> None:
    """`preview` reads the roles given there, `deploy` gives those of a new model, and no others."""
    group = {"resourceGroupName": "my-company", "registryName": "company-models"}
    place = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/my-company"
    registry = f"{place}/providers/Microsoft.MachineLearningServices/registries/company-models"
    with clouds.platform("azure", tmp_path) as platform:
        platform.cloud.seed(f"{ML}:Registry", "company-models", group, platform.target.settings)
        platform.configure(**{"registry.shared": registry, "ci.github": GITHUB})
        platform.up()
        platform.cloud.principal = identity(platform, "preview")
        platform.no_changes("--refresh")
        platform.configure(models={"churn": {}, "late": {}}, model=None)
        platform.cloud.principal = identity(platform, "deploy")
        platform.up()
        conditions = {
            row.urn.rpartition("::")[2]: row.inputs.get("condition")
            for row in platform.cloud.resources(ASSIGNMENT)
            if row.inputs["scope"] == registry
        }
        steps = {"churn-steps-registry", "late-steps-registry"}
        jobs = {f"{job}-registry" for job in ("preview", "deploy", "promote")}
        assert conditions.keys() == steps | jobs
        assert [name for name, condition in conditions.items() if condition] == ["deploy-registry"]
        platform.configure(models=None, model="churn")
        platform.up()
