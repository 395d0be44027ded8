"""A stack's life in a project in which nothing was before, by those who are to live it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets import clouds
from tests.targets.clouds import Platform

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


def test_a_stack_comes_up_in_an_empty_project_in_one_go_and_lives_as_its_roles(
    production: Platform,
) -> None:
    """An owner makes it; workflows preview, change and remove it; it comes up again at once."""
    assert RETRIED in production.up(), "the project was not ready at once"
    assert not production.cloud.lacking("gcp", production.target.settings)
    production.cloud.principal = principal(production, "preview")
    production.no_changes()
    production.configure(allowModelDeletion=True, retentionDays=90)
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
