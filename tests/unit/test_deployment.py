"""A release as a whole: the record, the endpoint, and the way back."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.serving.platforms import make_platform, register
from training import deployment, release, versions
from training.caller import caller
from training.cli import status
from training.cli.output import printable
from training.endpoint import DEFAULTS, Signals
from training.endpoint.verdict import judge
from training.errors import UserError
from training.platform import Platform
from training.serving import trial


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    platform = make_platform(tmp_path)
    for _ in range(3):
        register(platform)
    return platform


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


def test_a_version_that_cannot_be_loaded_is_refused_before_its_record(platform: Platform) -> None:
    number = register(platform, estimator=Bomb())
    with pytest.raises(UserError, match=r"cannot be loaded here: .*SystemExit"):
        deployment.promote(platform, "toys", number, why="", say=print)
    assert release.champion(platform.store, "toys") is None


class Bomb:
    """A model file that ends the process which loads it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return (sys.exit, (1,))


class Glutton:
    """A model file that takes all memory there is."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return (bytearray, (1 << 50,))


def test_a_version_that_takes_all_memory_is_refused(platform: Platform) -> None:
    number = register(platform, estimator=Glutton())
    with pytest.raises(UserError, match=r"cannot be loaded here: .*MemoryError"):
        deployment.promote(platform, "toys", number, why="", say=print)


def test_a_trial_is_remembered_for_these_libraries(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = versions.manifest(platform.store, "toys", 1)
    assert trial.is_marked(platform.store, manifest)
    other = {**versions.installed_libraries(), "scikit-learn": "0.24.2"}
    monkeypatch.setattr(versions, "installed_libraries", lambda: other)
    assert not trial.is_marked(platform.store, manifest)


@pytest.mark.parametrize("name", ["notes.json", "000001 (copy).json", "sub/000002.json"])
def test_what_is_no_record_is_none(platform: Platform, name: str) -> None:
    deployment.promote(platform, "toys", 1, why="good", say=print)
    platform.store.write(f"models/toys/releases/{name}", b"not for us")
    assert [r.version for r in release.history(platform.store, "toys")] == [1]
    deployment.promote(platform, "toys", 2, why="better", say=print)
    assert [r.number for r in release.history(platform.store, "toys")] == [1, 2]


def test_half_a_record_stops_neither_history_nor_the_next_release(platform: Platform) -> None:
    deployment.promote(platform, "toys", 1, why="good", say=print)
    platform.store.write("models/toys/releases/000002.json", b'{"version": 2, "dig')
    platform.store.write("models/toys/releases/000003.json", b'{"version": 2}')
    assert [record.version for record in release.history(platform.store, "toys")] == [1]
    deployment.promote(platform, "toys", 2, why="better", say=print)
    assert [(r.number, r.version) for r in release.history(platform.store, "toys")] == [
        (1, 1),
        (4, 2),
    ]


@pytest.mark.parametrize(
    "new,old,expected",
    [
        (Signals(0, 0), Signals(0, 0), None),
        (Signals(1, 1), Signals(500, 0), None),
        (Signals(10, 10), Signals(500, 0), "10 of its 10 answers failed"),
        (Signals(200, 4), Signals(2000, 2), None),
        (Signals(1000, 30), Signals(9000, 2), "30 of its 1000 answers failed"),
        # The old version fails as much in the same minutes.
        (Signals(200, 100), Signals(200, 100), None),
        (Signals(200, 100), Signals(3, 3), "100 of its 200"),
        (Signals(30, 0, 900.0), Signals(300, 0, 20.0), "its p95 is 900 ms over 30 answers"),
        (Signals(30, 0, 900.0), Signals(300, 0, 950.0), None),
        # A first request of few is slow, and says nothing.
        (Signals(5, 0, 5800.0), Signals(300, 0, 20.0), None),
        (Signals(30, 0, None), None, None),
    ],
)
def test_a_version_is_judged_by_its_own_answers(
    new: Signals, old: Signals | None, expected: str | None
) -> None:
    verdict = judge(new, old, DEFAULTS)
    assert (verdict.reason is None) == (expected is None) and (expected or "") in (
        verdict.reason or ""
    )
    assert verdict.enough == (new.requests >= 20)


@pytest.mark.parametrize(
    "variables,by",
    [
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTOR": "ada",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "a/b",
                "GITHUB_RUN_ID": "7",
            },
            "ada, https://github.com/a/b/actions/runs/7",
        ),
        (
            {"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "ada", "CI_JOB_URL": "https://g/-/jobs/7"},
            "ada, https://g/-/jobs/7",
        ),
        (
            {
                "TF_BUILD": "True",
                "BUILD_REQUESTEDFOR": "Ada",
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/a/",
                "SYSTEM_TEAMPROJECT": "b",
                "BUILD_BUILDID": "7",
            },
            "Ada, https://dev.azure.com/a/b/_build/results?buildId=7",
        ),
    ],
)
def test_who_asks_is_the_actor_and_the_run(variables: dict[str, str], by: str) -> None:
    assert caller(variables) == by


def test_of_two_writers_that_saw_the_same_one_wins(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look before either writes."""
    barrier, kind = Barrier(2), type(platform.store)
    create = kind.create

    def together(self: object, key: str, content: bytes) -> None:
        barrier.wait(10)
        create(self, key, content)  # type: ignore[arg-type]

    monkeypatch.setattr(kind, "create", together)

    def attempt(version: int) -> str:
        try:
            release.promote(platform.store, "toys", version, why="race")
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, (1, 2)))
    assert sorted(map(bool, answers)) == [False, True]
    assert "at the same moment" in "".join(answers)
    assert len(release.history(platform.store, "toys")) == 1


def test_a_release_that_was_overtaken_undoes_nothing(platform: Platform) -> None:
    store = platform.store
    release.promote(store, "toys", 1, why="")
    late = release.promote(store, "toys", 2, why="", staged=True)
    release.promote(store, "toys", 3, why="")
    assert release.withdraw(store, "toys", late, why="bad") is None
    assert [r.version for r in release.history(store, "toys")] == [1, 2, 3]


def test_status_says_where_a_release_stands_and_what_to_type(platform: Platform) -> None:
    release.promote(platform.store, "toys", 1, why="good")
    assert status.collect(platform, "toys")["release"]["says"] == ""
    record = release.promote(platform.store, "toys", 2, why="better", staged=True)
    release.steps(platform.store, "toys", record.number).append(
        {"step": release.CANARY, "when": record.when, "percent": 10}
    )
    state = status.collect(platform, "toys")["release"]
    assert (state["step"], state["under_way"]) == ("canary", True)
    assert state["says"].startswith("release 2 stands at step canary since ")
    assert "mlops promote --resume" in state["says"] and "mlops rollback" in state["says"]
    with pytest.raises(UserError, match=r"release 2, of version 2 by .*, stands at step canary"):
        deployment.promote(platform, "toys", 3, why="best", say=print)
    deployment.resume(platform, "toys", say=print)
    assert status.collect(platform, "toys")["release"]["under_way"] is False


def test_what_others_wrote_does_not_reach_the_terminal_as_commands() -> None:
    assert printable("bad\x1b[2J\nüber") == "bad\\x1b[2J\\nüber"


def test_what_the_endpoint_says_refuses_no_rollback(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        release.promote(platform.store, "toys", version, why="good")

    def broken(*arguments: object) -> None:
        raise UserError("the endpoint has no words")

    monkeypatch.setattr("training.endpoint.local.rollout", broken)
    with pytest.raises(deployment.LeftError, match="the endpoint has no words"):
        deployment.rollback(platform, "toys", why="incident", say=print)
    newest = release.champion(platform.store, "toys")
    assert newest is not None and (newest.version, newest.kind) == (1, "rollback")
