"""A release as a whole: the record, the endpoint, and the way back."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.serving.platforms import make_platform, register
from training import deployment, release, versions
from training.endpoint import local
from training.errors import UserError
from training.platform import Platform


def refuse(platform: Platform, model: str, version: int, say: object) -> bool:
    raise UserError(f"the canary of version {version} raised an alarm")


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = make_platform(tmp_path)
    for _ in range(3):
        register(made)
    return made


def test_a_version_of_other_libraries_is_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**versions.installed_libraries(), "scikit-learn": "0.24.2"}
    monkeypatch.setattr(versions, "installed_libraries", lambda: other)
    with pytest.raises(UserError, match=r"here is 0\.24\.2"):
        deployment.promote(platform, "toys", 1, why="", say=print)
    assert release.champion(platform.store, "toys") is None


def test_without_an_endpoint_the_record_is_the_release(platform: Platform) -> None:
    record, served = deployment.promote(platform, "toys", 1, why="good", say=print)
    assert (record.version, served) == (1, False)


def test_what_the_endpoint_refuses_is_withdrawn(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.promote(platform, "toys", 1, why="good", say=print)
    deployment.promote(platform, "toys", 2, why="better", say=print)
    endpoint: ModuleType = local
    monkeypatch.setattr(endpoint, "deploy", refuse)
    with pytest.raises(UserError, match="canary of version 3"):
        deployment.promote(platform, "toys", 3, why="best", say=print)
    records = release.history(platform.store, "toys")
    assert [(r.version, r.kind) for r in records[2:]] == [(3, "promote"), (2, "rollback")]
    assert "canary of version 3" in records[-1].why
    # The next rollback goes to what was before version 2, not back to the refused one.
    assert release.before(platform.store, "toys") == 1
