"""A teardown takes away what pipelines and releases made, and nothing that is protected."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.targets import clouds
from tests.targets.aws.releases import release
from tests.targets.clouds import Platform

pytestmark = pytest.mark.engine


def destroy(platform: Platform) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.destroy", platform.stack, "--yes", "--json"],
        cwd=platform.project.path,
        env={**platform.project.environment(), **platform.cloud.environment},
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_versions_and_releases_go_with_the_stack_if_models_may(tmp_path: Path) -> None:
    with clouds.platform("aws", tmp_path) as platform:
        platform.configure(allowModelDeletion=False)
        platform.up()
        release(platform.cloud)
        before = platform.made()
        told = destroy(platform)
        assert not told["finished"] and platform.made() == before
        assert "protected" in {one["name"]: one["why"] for one in told["kept"]}["churn-entry"]
        platform.configure(allowModelDeletion=True)
        platform.up()
        told = destroy(platform)
        assert told["finished"] and not platform.made()
        assert {one["type"] for one in told["kept"]} == {"kms.Key"}
