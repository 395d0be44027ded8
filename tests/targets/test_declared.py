"""Stacks of all clouds as declared: what the code host's jobs may do with each resource.

What an operation needs is the simulated cloud's own knowledge, of the services' references and the
providers' sources (`pulumi_simcloud.permissions`), and no table of the program's.
"""

from __future__ import annotations

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.permissions import Operation, authorize
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

from tests.targets import clouds
from tests.targets.declared import Declared, declared

# What stands for a principal, the output by which the cloud knows it, and the job's name before.
PRINCIPALS = {
    "aws": ("Role", "arn", "ci-"),
    "azure": ("UserAssignedIdentity", "principalId", ""),
    "gcp": ("Account", "member", ""),
}


@pytest.fixture(scope="module", params=sorted(clouds.TARGETS))
def stack(request: pytest.FixtureRequest) -> Declared:
    """The production stack of each target, with jobs of a code host."""
    return declared(f"{request.param}-prod")


def rows(stack: Declared) -> list[Row]:
    return [resource.row for resource in stack.resources if resource.row]


def refusals(stack: Declared, job: str, verb: str) -> dict[str, set[str]]:
    """The names of resources that a job may not do something with, by type."""
    token, output, before = PRINCIPALS[stack.target]
    principal = stack.of(token)[f"{before}{job}"].outputs[output]
    world = World(rows(stack), catalog(), variables(stack.package, stack.settings))
    refused: dict[str, set[str]] = {}
    for row in rows(stack):
        kind = row.token.rpartition(":")[2]
        try:
            authorize(principal, Operation(verb, catalog()[row.token], row), world)
        except CloudError:
            refused.setdefault(kind, set()).add(row.urn.rpartition("::")[2])
    return refused


# What a workflow may not make or take away, and a person does before or after. On AWS the groups
# of job logs are the account's. On Azure a person alone makes roles and gives those of the jobs; a
# part of an account goes with it. On Google Cloud a budget is the billing account's.
BY_A_PERSON: dict[tuple[str, str], set[str]] = {
    ("aws", "create"): set(),
    ("aws", "read"): set(),
    ("aws", "delete"): {"LogGroup"},
    ("azure", "create"): {"RoleDefinition", "RoleAssignment"},
    ("azure", "read"): set(),
    ("azure", "delete"): {"BlobServiceProperties"},
    ("gcp", "create"): {"Budget"},
    ("gcp", "read"): {"Budget"},
    ("gcp", "delete"): {"Budget"},
}
# Objects in the store are what a release writes; a version of code is registered beside a model's;
# what is switched on in a project stays on, its identity is there or is not, and a key ring cannot
# be deleted.
BY_ANYBODY = {
    "BucketObject", "CodeVersion", "KeyRing", "OnlineEndpoint", "Service", "ServiceIdentity",
}  # fmt: skip


@pytest.mark.parametrize("verb", ["create", "read", "delete"])
def test_whoever_deploys_makes_reads_and_deletes_the_resources(stack: Declared, verb: str) -> None:
    refused = refusals(stack, "deploy", verb)
    assert set(refused) == BY_A_PERSON[stack.target, verb]
    if "RoleAssignment" in refused:
        allowed_names = set(stack.of("RoleAssignment")) - refused["RoleAssignment"]
        assert allowed_names and all(name.startswith("churn-") for name in allowed_names), (
            allowed_names
        )
    if "LogGroup" in refused:
        assert refused["LogGroup"] == {"job-logs-TrainingJobs", "job-logs-ProcessingJobs"}


def test_whoever_previews_reads_the_resources_and_makes_none(stack: Declared) -> None:
    assert set(refusals(stack, "preview", "read")) == BY_A_PERSON[stack.target, "read"]
    kinds = {row.token.rpartition(":")[2] for row in rows(stack)}
    for verb in ("create", "delete"):
        assert kinds - set(refusals(stack, "preview", verb)) <= {
            "KeyRing",
            "ServiceIdentity",
            "Service",
        }


def test_whoever_promotes_makes_and_deletes_no_resource_of_the_stack(stack: Declared) -> None:
    kinds = {row.token.rpartition(":")[2] for row in rows(stack)}
    for verb in ("create", "delete"):
        assert kinds - set(refusals(stack, "promote", verb)) <= BY_ANYBODY


def test_what_runs_in_the_stack_lacks_nothing(stack: Declared) -> None:
    assert stack.lacking() == []
