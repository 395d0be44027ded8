"""The first day in an empty account, and every day after, as the roles that the docs name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets import clouds
from tests.targets.clouds import TARGETS, Platform

pytestmark = pytest.mark.engine

ACCOUNT = "arn:aws:iam::123456789012:role"


@pytest.fixture(params=["dev", "prod"])
def first_day(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Platform]:
    """The stack in an account that has nothing but the team's data."""
    with clouds.platform("aws", tmp_path, request.param, account="empty") as made:
        made.configure(**{"ci.github": {"repository": "my-company/churn"}})
        yield made


def test_up_in_one_go_then_by_the_roles_of_the_workflows(first_day: Platform) -> None:
    first_day.up()
    assert list(first_day.cloud.lacking("aws", TARGETS["aws"].settings)) == []
    prefix = f"{ACCOUNT}/mlops-{first_day.stack}"
    first_day.cloud.principal = f"{prefix}-preview"
    first_day.no_changes()
    first_day.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    first_day.cloud.principal = f"{prefix}-deploy"
    first_day.configure(**{"drift.schedule": "30 5 * * *", "alerts.emails": ["b@example.com"]})
    first_day.up()
    first_day.no_changes()
    assert list(first_day.cloud.lacking("aws", TARGETS["aws"].settings)) == []


def test_the_role_that_deploys_makes_the_stack_anew(first_day: Platform) -> None:
    """All but its own roles: what it is to be cannot make itself."""
    first_day.configure(allowModelDeletion=True)
    first_day.up()
    first_day.cloud.principal = f"{ACCOUNT}/mlops-{first_day.stack}-deploy"
    first_day.configure(model="other")
    first_day.up()
    first_day.configure(model="churn")
    first_day.up()


def test_the_role_that_previews_changes_nothing(first_day: Platform) -> None:
    first_day.up()
    first_day.cloud.principal = f"{ACCOUNT}/mlops-{first_day.stack}-preview"
    first_day.configure(**{"drift.schedule": "30 5 * * *"})
    assert "AccessDenied" in first_day.run("up", "--yes", "--skip-preview", fails=True)
