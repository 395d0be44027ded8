"""The first day in an empty account, and a preview as the role that the docs name."""

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
    with clouds.platform("aws", tmp_path, request.param, account="empty") as platform:
        platform.configure(**{"ci.github": {"repository": "my-company/churn"}})
        yield platform


def test_up_in_one_go_and_a_preview_by_its_role(first_day: Platform) -> None:
    first_day.up()
    assert list(first_day.cloud.lacking("aws", TARGETS["aws"].settings)) == []
    prefix = f"{ACCOUNT}/mlops-{first_day.stack}"
    first_day.cloud.principal = f"{prefix}-preview"
    first_day.no_changes()
    first_day.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
