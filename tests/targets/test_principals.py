"""Stacks on clouds that know the caller: an owner, and the roles of the code host's jobs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.permissions import lacking
from pulumi_simcloud.platforms import variables
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

from tests.targets import clouds
from tests.targets.clouds import Platform

pytestmark = pytest.mark.engine
GITHUB = {"repository": "my-company/churn", "repositoryId": 1234567}
# Of each cloud, what stands for a principal, the output by which the cloud knows it, and the names
# of those that the jobs `preview` and `deploy` sign in as.
PRINCIPALS = {
    "aws": ("aws:iam/role:Role", "arn", "ci-preview", "ci-deploy"),
    "azure": (
        "azure-native:managedidentity:UserAssignedIdentity",
        "principalId",
        "preview",
        "deploy",
    ),
    "gcp": ("gcp:serviceaccount/account:Account", "member", "preview", "deploy"),
}

# Types that give somebody a permission.
GRANT = re.compile(r"rolePolicy|Policy$|RoleAssignment|IAMMember|IamMember")


def principal(rows: list[Row], target: str, name: str) -> str:
    """Whom a job of the code host signs in as."""
    token, output, *_ = PRINCIPALS[target]
    (row,) = [row for row in rows if row.token == token and row.urn.endswith(f"::{name}")]
    return row.outputs[output]


def lacking_without_grants(platform: Platform) -> list[str]:
    """What jobs, schedules and endpoints would lack if nobody were given anything."""
    target = platform.target
    rows = [row for row in platform.cloud.resources() if not GRANT.search(row.token)]
    world = World(rows, catalog(), variables(target.package, target.settings))
    return list(lacking(world, target.package))


def test_the_jobs_of_the_code_host_may_do_what_they_do(target: str, tmp_path: Path) -> None:
    """`preview` reads every resource, `deploy` changes and makes some; nothing more is needed."""
    *_, preview, deploy = PRINCIPALS[target]
    with clouds.platform(target, tmp_path) as platform:
        platform.configure(**{"ci.github": GITHUB})
        platform.up()
        assert not platform.cloud.lacking(platform.target.package, platform.target.settings)
        assert lacking_without_grants(platform), "nothing is asked of what runs"
        platform.cloud.principal = principal(platform.created_rows(), target, preview)
        platform.no_changes("--refresh")
        platform.configure(**{"gate.margin": 0.02, "drift.alpha": 0.02})
        assert "AccessDenied" in platform.up(fails=True), "a job that reads changes nothing"
        platform.cloud.principal = principal(platform.created_rows(), target, deploy)
        platform.up()
        platform.no_changes("--refresh")
