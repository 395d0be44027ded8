"""Registry and releases: what every target must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.contract.backends import Backend
from training import registry, release, versions
from training.errors import UserError
from training.registry import Registry, open_registry
from training.store import Store, open_store


@dataclass(frozen=True)
class Versions:
    """A target's registry, and a store with nothing in it."""

    backend: Backend
    store: Store
    registry: Registry

    def register(self, run: str, folder: Path) -> versions.Manifest:
        """Register a version made of bytes that no other has, as a pipeline does."""
        files = {"artifact": folder / "model.joblib", "profile": folder / "profile.json"}
        for path in files.values():
            path.write_text(run)
        self.backend.enter(description(run))
        return registry.register(self.store, self.registry, description(run), files)


@pytest.fixture
def entries(backend: Backend) -> Versions:
    return Versions(backend, open_store(backend.store()), open_registry(backend.registry))


def description(run: str) -> dict[str, Any]:
    return {
        "model": "cancer",
        "run": run,
        "created": "2026-01-01T00:00:00Z",
        "code": "0" * 64,
        "task": "classification",
        "target": "target",
        "inputs": [{"name": "radius", "kind": "numeric"}],
        "libraries": versions.installed_libraries(),
        "data": {"rows": 100, "train_rows": 80, "window": None},
        "metrics": {"metric": "roc_auc", "challenger": 0.9, "passed": True},
    }


def test_versions_are_numbered_upwards_and_kept_whole(entries: Versions, tmp_path: Path) -> None:
    first, second = (entries.register(run, tmp_path) for run in ("whole-1", "whole-2"))
    assert second["version"] == first["version"] + 1
    assert versions.manifest(entries.store, "cancer", first["version"])["run"] == "whole-1"
    path = versions.open_artifact(entries.store, first, "artifact", tmp_path)
    assert path.read_text() == "whole-1"


def test_the_same_run_gets_the_same_version(entries: Versions, tmp_path: Path) -> None:
    first = entries.register("twice", tmp_path)
    assert entries.register("twice", tmp_path) == first
    assert len(versions.manifests(entries.store, "cancer")) == 1


def test_a_run_killed_before_its_manifest_gets_its_number_back(
    entries: Versions, tmp_path: Path
) -> None:
    killed = entries.register("killed", tmp_path)
    later = entries.register("later", tmp_path)
    entries.store.delete(f"models/cancer/versions/{killed['version']:06d}.json")
    assert entries.register("killed", tmp_path)["version"] == killed["version"]
    assert entries.register("later", tmp_path) == later


def test_the_newest_release_is_the_champion(entries: Versions, tmp_path: Path) -> None:
    assert release.champion(entries.store, "cancer") is None
    numbers = [entries.register(f"newest-{n}", tmp_path)["version"] for n in range(3)]
    for version in numbers:
        release.promote(entries.store, "cancer", version, why="test", by="me")
    records = release.history(entries.store, "cancer")
    assert [r.version for r in records] == numbers
    assert [r.previous for r in records] == [None, *numbers[:2]]
    assert release.champion(entries.store, "cancer") == records[-1]
    entries.registry.mark_champion("cancer", numbers[-1])


def test_rollback_twice_goes_two_releases_back(entries: Versions, tmp_path: Path) -> None:
    numbers = [entries.register(f"back-{n}", tmp_path)["version"] for n in range(3)]
    for version in numbers:
        release.promote(entries.store, "cancer", version, why="test")
    for expected in (numbers[1], numbers[0]):
        assert release.rollback(entries.store, "cancer", why="bad").version == expected
    with pytest.raises(UserError, match="nothing to roll back to"):
        release.rollback(entries.store, "cancer", why="bad")
    release.promote(entries.store, "cancer", numbers[2], why="mended")
    assert release.rollback(entries.store, "cancer", why="bad").version == numbers[0]


def test_of_two_promotions_at_once_one_wins(
    entries: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [entries.register(f"race-{n}", tmp_path)["version"] for n in range(4)]
    # All look before any writes.
    together, kind = Barrier(len(numbers)), type(entries.store)
    create = kind.create

    def created(self: Any, key: str, content: bytes) -> None:
        together.wait(30)
        create(self, key, content)

    monkeypatch.setattr(kind, "create", created)

    def attempt(version: int) -> str:
        try:
            release.promote(entries.store, "cancer", version, why="race")
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(numbers)) as pool:
        answers = list(pool.map(attempt, numbers))
    (winner,) = release.history(entries.store, "cancer")
    assert [version for version, answer in zip(numbers, answers, strict=True) if not answer] == [
        winner.version
    ]
    assert all("at the same moment" in answer for answer in answers if answer)


def test_what_cannot_be_released_is_refused(entries: Versions, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no release yet"):
        release.rollback(entries.store, "cancer", why="")
    with pytest.raises(UserError, match="has no version 99; none yet"):
        release.promote(entries.store, "cancer", 99, why="")
    manifest = entries.register("refused", tmp_path)
    release.promote(entries.store, "cancer", manifest["version"], why="")
    with pytest.raises(UserError, match="is the champion already"):
        release.promote(entries.store, "cancer", manifest["version"], why="")
    assert len(release.history(entries.store, "cancer")) == 1


def test_a_damaged_or_lost_artifact_is_refused(entries: Versions, tmp_path: Path) -> None:
    manifest = entries.register("damaged", tmp_path)
    entries.store.write(manifest["artifact"]["key"], b"something else")
    with pytest.raises(UserError, match="is damaged"):
        release.promote(entries.store, "cancer", manifest["version"], why="")
    entries.store.delete(manifest["artifact"]["key"])
    with pytest.raises(UserError, match="is gone"):
        release.promote(entries.store, "cancer", manifest["version"], why="")
    assert release.champion(entries.store, "cancer") is None
