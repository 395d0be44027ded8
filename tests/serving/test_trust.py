"""What a server takes in: only what was released, and no code where none is wanted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.serving.platforms import artifact, expected, register, released, train
from training import compiled, predictor, release, versions
from training.errors import UserError
from training.journal import Journal
from training.platform import Platform
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import Follower
from training.store.local import LocalStore, StoreWriteError

ROW = {"size": 1.5, "age": 3, "new": True, "color": "red"}


def followed(platform: Platform) -> Endpoint:
    endpoint = Endpoint(platform, "toys", Metrics(lambda: []))
    Follower(platform.store, endpoint, lambda version: None).check()
    return endpoint


def test_the_released_digest_is_held_against_the_manifest(platform: Platform) -> None:
    version = register(platform)
    release.promote(platform.store, "toys", version, why="test", by="test")
    record = Journal(platform.store, "models/toys/releases").records()[-1]
    other = {name: value for name, value in record.items() if name != "number"}
    Journal(platform.store, "models/toys/releases").append({**other, "digest": "f" * 64})
    endpoint = followed(platform)
    assert endpoint.in_service is None
    assert endpoint.not_loaded is not None
    assert "ff was released" in endpoint.not_loaded.error


def compiled_file(platform: Platform, version: int) -> Path:
    manifest = versions.manifest(platform.store, "toys", version)
    return Path(platform.store.uri) / manifest["compiled"]["key"]


def test_a_compiled_version_serves_without_its_pickle(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(predictor.PICKLES, "refuse")
    version = released(platform, compiles=True)
    endpoint = followed(platform)
    assert endpoint.in_service is not None and endpoint.in_service.predictor.is_compiled
    labels, scores = expected(platform, version, [ROW])
    arrays = endpoint.in_service.predictor.frame(pd.DataFrame([ROW]))
    answer = endpoint.in_service.predictor.predict(arrays)
    assert answer[0].tolist() == labels and answer[1].tolist() == pytest.approx(scores, rel=1e-9)


def test_a_version_of_another_scikit_learn_serves_by_its_compiled_predictor(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(platform, compiles=True)
    later = {**versions.installed_libraries(), "scikit-learn": "99.0"}
    monkeypatch.setattr(versions, "installed_libraries", lambda: later)
    manifest = versions.manifest(platform.store, "toys", 1)
    with pytest.raises(versions.LibrariesDifferError):
        versions.check_libraries(manifest)
    assert predictor.load(platform.store, manifest).is_compiled


def test_where_the_runtime_is_not_installed_the_estimator_serves(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(platform, compiles=True)
    monkeypatch.setattr(compiled, "installed", lambda: None)
    loaded = predictor.load(platform.store, versions.manifest(platform.store, "toys", 1))
    assert not loaded.is_compiled


def test_a_damaged_compiled_predictor_is_not_loaded(platform: Platform) -> None:
    version = register(platform, compiles=True)
    path = compiled_file(platform, version)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="compiled of model 'toys' version 1 is damaged"):
        predictor.load(platform.store, versions.manifest(platform.store, "toys", version))


@pytest.mark.parametrize("setting", ["refuse", "sometimes"])
def test_pickles_are_refused_where_they_are_not_wanted(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    version = register(platform)
    assert artifact(platform, version).exists()
    monkeypatch.setenv(predictor.PICKLES, setting)
    with pytest.raises(UserError, match=f"MLOPS_PICKLES.*'{setting}'"):
        predictor.load(platform.store, versions.manifest(platform.store, "toys", version))


def test_a_full_disk_refuses_no_version_that_is_fit(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it was tried cannot be written down: it is tried again at the next start."""
    version = released(platform, estimator=train(1))
    write = LocalStore.write

    def full(store: LocalStore, key: str, content: bytes) -> None:
        if "/trials/" in key:
            raise StoreWriteError(f"{key!r} cannot be written: No space left on device")
        write(store, key, content)

    monkeypatch.setattr(LocalStore, "write", full)
    endpoint = followed(platform)
    assert endpoint.in_service is not None and endpoint.in_service.version == version
