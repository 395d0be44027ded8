"""The life of a stack on every cloud: up, nothing to do, failures, destroy."""

from __future__ import annotations

import pytest

from tests.targets.clouds import Platform

pytestmark = pytest.mark.engine


def test_up_a_clean_second_preview_and_an_empty_cloud(platform: Platform) -> None:
    planned = platform.changes()
    assert not platform.made(), "a preview makes nothing"
    platform.up()
    assert len(platform.made()) + len(platform.written()) == len(planned)
    platform.no_changes()
    platform.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    platform.no_changes()
    platform.destroy()
    assert not platform.made()
