"""The pipeline's step that releases: what a run that is resumed goes on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.serving.platforms import make_platform, register
from training import release, steps
from training.errors import UserError
from training.platform import Platform
from training.steps import release as step


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stack with two versions, of which a run has registered the second."""
    platform = make_platform(tmp_path)
    for _ in range(2):
        register(platform)
    registered = {"version": 2, "reason": "it is better"}
    (tmp_path / "registered").mkdir()
    (tmp_path / "registered/result.json").write_text(json.dumps(registered))
    monkeypatch.setattr(step, "platform_at", lambda uri: platform)
    return platform


def run(platform: Platform, name: str = "r1", without: str = "") -> dict[str, Any]:
    registered = str(platform.root / "registered")
    flags = {"out": str(platform.root / "out"), "model": "toys", "store": platform.store.uri,
             "register": registered, "run": name}  # fmt: skip
    flags.pop(without, None)
    parts = (part for flag, value in flags.items() for part in (f"--{flag}", value))
    return steps.run("release", [*parts])


@pytest.mark.parametrize("flag", ["model", "store", "register", "run"])
def test_each_flag_is_needed(
    flag: str, platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(platform, without=flag)
    assert f"the following arguments are required: --{flag}" in capsys.readouterr().err
    assert release.history(platform.store, "toys") == []


def test_a_run_releases_what_it_registered_once(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    record = run(platform)
    assert {name: record[name] for name in ("version", "kind", "by", "why", "previous")} == {
        "version": 2, "kind": "release", "by": "pipeline run r1", "why": "it is better",
        "previous": None,
    }  # fmt: skip
    said = capsys.readouterr().out
    assert "version 2 is the champion, was none" in said and "no endpoint is running" in said
    assert run(platform) == record
    release.promote(platform.store, "toys", 1, why="by hand")
    assert run(platform) == record, "what came since is not undone"
    assert [r.version for r in release.history(platform.store, "toys")] == [2, 1]


def test_a_run_goes_on_with_a_release_that_it_began(platform: Platform) -> None:
    release.promote(platform.store, "toys", 2, why="w", by="pipeline run r1", staged=True)
    record = run(platform)
    assert record["number"] == 1
    assert release.steps(platform.store, "toys", 1).records()[-1]["step"] == release.FINISHED
    with pytest.raises(UserError, match="is the champion already"):
        run(platform, "r2")


def test_a_run_leaves_a_newer_release_that_is_under_way(platform: Platform) -> None:
    release.promote(platform.store, "toys", 2, why="w", by="pipeline run r1", staged=True)
    release.promote(platform.store, "toys", 1, why="by hand", staged=True)
    assert run(platform)["number"] == 1
    assert release.steps(platform.store, "toys", 2).records() == [], "somebody else's"


def test_a_run_whose_release_is_over_is_not_brought_to_the_endpoint_anew(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    release.promote(platform.store, "toys", 1, why="first")
    run(platform)
    assert "version 2 is the champion, was 1" in capsys.readouterr().out
    run(platform)
    assert capsys.readouterr().out == ""
