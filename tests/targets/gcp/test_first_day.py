"""A stack's life in a project in which nothing was before, by those who are to live it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import celpy
import pytest
from celpy.adapter import json_to_cel

from tests.targets import clouds
from tests.targets.clouds import Platform
from training.retraining_admission import DRIFT, SCHEDULE

pytestmark = pytest.mark.engine

RETRIED = "retrying create due to on-error hook request"


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Platform]:
    with clouds.platform("gcp", tmp_path, "prod", account="empty") as platform:
        yield platform


def principal(platform: Platform, job: str) -> str:
    """The account of a job of the code host."""
    project = platform.config["gcp:project"]
    return f"serviceAccount:mlops-{platform.stack}-{job}@{project}.iam.gserviceaccount.com"


def check_runs(platform: Platform) -> None:
    """What starts a training says so, or it would count as a person's, for whom nothing waits."""
    parameters = {}
    for row in platform.cloud.resources("gcp:colab/schedule:Schedule"):
        job = row.inputs["createPipelineJobRequest"]["pipelineJob"]
        pipeline = json.loads(job["pipelineSpec"])["pipelineInfo"]["name"].rpartition("churn-")[2]
        parameters[pipeline] = job["runtimeConfig"].get("parameterValues", {})
        assert row.inputs["maxConcurrentRunCount"] == "1"
    assert parameters["training"] == {"trigger": SCHEDULE}
    assert not parameters["drift-check"]
    (workflow,) = platform.cloud.resources("gcp:workflows/workflow:Workflow")
    steps = json.loads(workflow.inputs["sourceContents"])["main"]["steps"]
    (start,) = (step["start"] for step in steps if "start" in step)
    assert start["args"]["body"]["runtimeConfig"]["parameterValues"] == {"trigger": DRIFT}


def check_pool(platform: Platform) -> None:
    """Tokens of the repository are taken, and none of another's, by what the cloud was told."""
    token = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
    (provider,) = platform.cloud.resources(token)
    environment = celpy.Environment()
    condition = environment.program(environment.compile(provider.inputs["attributeCondition"]))
    repository_id = str(platform.config["mlops:ci"]["github"]["repositoryId"])
    for repository, owner, expected in (
        (repository_id, "1", True),
        ("1", repository_id, False),
        (f"{repository_id}0", "1", False),
    ):
        claims = {"repository_id": repository, "repository_owner_id": owner}
        assert bool(condition.evaluate({"assertion": json_to_cel(claims)})) is expected


def test_a_stack_comes_up_in_an_empty_project_in_one_go_and_lives_as_its_roles(
    production: Platform,
) -> None:
    """An owner makes it; workflows preview, change and remove it; it comes up again at once."""
    assert RETRIED in production.up(), "the project was not ready at once"
    assert not production.cloud.lacking("gcp", production.target.settings)
    check_runs(production)
    check_pool(production)
    # A budget is the billing account's, where the project's roles do not reach.
    production.configure(budget=None, allowModelDeletion=True)
    production.up()
    production.cloud.principal = principal(production, "preview")
    production.no_changes()
    production.configure(retentionDays=90)
    production.cloud.principal = principal(production, "deploy")
    production.up()
    production.no_changes("--refresh")
    production.cloud.principal = None
    production.destroy()
    # What Google keeps of the first is in nobody's way.
    production.up()
    production.no_changes()


def test_a_stack_to_try_things_out_comes_up_in_one_go_too(tmp_path: Path) -> None:
    with clouds.platform("gcp", tmp_path, account="empty") as platform:
        platform.up()
        platform.no_changes("--refresh")
