"""The life of a stack on every cloud: up, nothing to do, failures, destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets import clouds
from tests.targets.clouds import Platform
from tests.targets.page import stale

pytestmark = pytest.mark.engine


def test_up_a_clean_second_preview_a_clean_refresh_and_an_empty_cloud(platform: Platform) -> None:
    planned = platform.changes()
    assert not platform.made(), "a preview makes nothing"
    platform.up()
    assert len(platform.made()) + len(platform.written()) == len(planned)
    platform.no_changes()
    platform.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    platform.no_changes()
    assert not stale(platform.stack, platform.exported()), "make docs"
    platform.release()
    platform.destroy()
    assert not platform.made()


def test_what_fails_at_every_resource_in_turn_is_made_good_by_the_next_run(
    platform: Platform,
) -> None:
    planned = platform.changes()
    for kind, name in map(str.split, planned):
        # The hardest: it is there, and the engine does not know whether it is as it should be.
        platform.cloud.fail_halfway("create", f"*:{kind}::{name}")
        platform.cloud.fail("delete", f"*:{kind}::{name}")
    assert platform.attempts("up", len(planned)) > 1
    platform.no_changes()
    assert len(platform.made()) + len(platform.written()) == len(planned)
    assert platform.attempts("destroy", len(planned)) > 1
    assert not platform.made()


def test_production_comes_up_and_is_protected(target: str, tmp_path: Path) -> None:
    with clouds.platform(target, tmp_path, "prod") as platform:
        platform.up()
        platform.no_changes()
        assert not stale(platform.stack, platform.exported()), "make docs"
        before = platform.made()
        assert "protect" in platform.destroy(fails=True)
        assert platform.made() == before, "what refuses, refuses before anything is gone"
