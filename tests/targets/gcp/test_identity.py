"""A workflow's token lets it act as the jobs that it may act as, and as no other.

What the pool maps a token with is evaluated as Google Cloud does, by the rules of CEL: a claim that
a token lacks is an error, and refuses it.
"""

from __future__ import annotations

import celpy
import pytest
from celpy.adapter import json_to_cel

from components.identity.gcp import CLAIMS, members
from components.settings import Github

REPOSITORY = 7654321
GITHUB = Github.model_validate({"repository": "my-company/churn", "repositoryId": REPOSITORY})
JOBS = members(GITHUB, "gcp-prod")
# Claims of a token (docs.github.com, "OpenID Connect reference"): `environment` is one of a job
# that runs in an environment only.
TOKEN = {
    "sub": "repo:my-company/churn:ref:refs/heads/main",
    "repository_id": str(REPOSITORY),
    "event_name": "push",
    "ref": "refs/heads/main",
}
PULL_REQUEST = {"event_name": "pull_request", "ref": "refs/pull/7/merge"}


def mapped(token: dict[str, str]) -> set[str]:
    """The attributes of an identity, as members name them."""
    environment = celpy.Environment()
    variables = {"assertion": json_to_cel(token)}
    return {
        f"{name}/{environment.program(environment.compile(rule)).evaluate(variables)}"
        for name, rule in CLAIMS.items()
    }


@pytest.mark.parametrize(
    "token,jobs",
    [
        (PULL_REQUEST, {"preview"}),
        ({}, {"preview"}),
        ({"event_name": "schedule"}, {"preview"}),
        ({"ref": "refs/heads/feature"}, set()),
        ({"ref": "refs/tags/main"}, set()),
        ({"environment": "gcp-prod"}, {"deploy", "promote"}),
        ({"environment": "gcp-dev"}, set()),
        ({**PULL_REQUEST, "environment": "gcp-prod"}, {"deploy", "promote"}),
        ({**PULL_REQUEST, "repository_id": "1234567"}, set()),
        ({"environment": "gcp-prod", "repository_id": f"{REPOSITORY}0"}, set()),
        # A branch that is called as another context ends.
        ({"ref": "environment:gcp-prod"}, set()),
        ({"event_name": "pull_request_target", "ref": "pull_request"}, set()),
    ],
)
def test_a_token_acts_as_its_jobs(token: dict[str, str], jobs: set[str]) -> None:
    attributes = mapped(TOKEN | token)
    assert {job for job, principals in JOBS.items() if attributes & set(principals)} == jobs
