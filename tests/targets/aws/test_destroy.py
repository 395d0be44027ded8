"""A teardown takes away what pipelines and releases made, and nothing that is protected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets import clouds

pytestmark = pytest.mark.engine


def test_versions_and_releases_go_with_the_stack_if_models_may(tmp_path: Path) -> None:
    with clouds.platform("aws", tmp_path) as platform:
        platform.configure(allowModelDeletion=False)
        platform.up()
        platform.release()
        before = platform.made()
        told = platform.torn_down()
        assert not told["finished"] and platform.made() == before
        assert "protected" in {one["name"]: one["why"] for one in told["kept"]}["churn-entry"]
        platform.configure(allowModelDeletion=True)
        platform.up()
        told = platform.torn_down()
        assert told["finished"] and not platform.made()
        assert {one["type"] for one in told["kept"]} == {"kms.Key"}
