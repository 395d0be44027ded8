"""What a server takes in: only what was released, and no code where none is wanted."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skops.io import dump

from tests.serving.platforms import artifact, expected, register, register_champion, train
from tests.serving.servers import variables
from training import codeless, compiled, predictor, release, versions
from training.errors import UserError
from training.journal import Journal
from training.platform import Platform
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import Follower
from training.store.local import LocalStore, StoreWriteError

ROW = {"size": 1.5, "age": 3, "new": True, "color": "red"}


def followed_endpoint(platform: Platform) -> Endpoint:
    endpoint = Endpoint(platform, "toys", Metrics(lambda: []))
    Follower(platform.store, endpoint, lambda version: None).check()
    return endpoint


def test_the_released_digest_is_held_against_the_manifest(platform: Platform) -> None:
    version = register(platform)
    release.promote(platform.store, "toys", version, why="test", by="test")
    record = Journal(platform.store, "models/toys/releases").records()[-1]
    other = {name: value for name, value in record.items() if name != "number"}
    Journal(platform.store, "models/toys/releases").append({**other, "digest": "f" * 64})
    endpoint = followed_endpoint(platform)
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
    version = register_champion(platform, compiles=True)
    endpoint = followed_endpoint(platform)
    assert endpoint.in_service is not None and endpoint.in_service.predictor.is_compiled
    labels, scores = expected(platform, version, [ROW])
    arrays = endpoint.in_service.predictor.frame(pd.DataFrame([ROW]))
    answer = endpoint.in_service.predictor.predict(arrays)
    assert answer[0].tolist() == labels and answer[1].tolist() == pytest.approx(scores, rel=1e-9)


def test_a_version_of_another_scikit_learn_serves_by_its_compiled_predictor(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_champion(platform, compiles=True)
    later = {**versions.installed_libraries(), "scikit-learn": "99.0"}
    monkeypatch.setattr(versions, "installed_libraries", lambda: later)
    manifest = versions.manifest(platform.store, "toys", 1)
    with pytest.raises(versions.LibrariesDifferError):
        versions.check_libraries(manifest)
    assert predictor.load(platform.store, manifest).is_compiled


# What an estimator, a page, a schedule, a registry or a drift check needs, and no answer does.
NOT_NEEDED = (
    "sklearn", "scipy", "pandas", "joblib", "mlflow", "fastapi", "pydantic", "jinja2",
    "pyarrow.compute", "pyarrow.dataset", "onnx", "skops", "opentelemetry", "training.drift_check",
)  # fmt: skip


@pytest.mark.parametrize("module", ["server", "worker"])
def test_a_server_loads_libraries_only_where_they_are_used(module: str) -> None:
    """A compiled version answers without them: each costs memory, and time at the start."""
    program = (
        f"import sys, training.serving.{module}; print({set(NOT_NEEDED)!r} & set(sys.modules))"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], env=variables(), capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "set()"


def test_where_the_runtime_is_not_installed_the_estimator_serves(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_champion(platform, compiles=True)
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


def test_an_estimator_without_code_is_loaded_in_place_of_its_pickle(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = register(platform, is_codeless=True)
    answers = expected(platform, version, [ROW])
    pickled = artifact(platform, version)
    pickled.chmod(0o644)
    pickled.write_bytes(pickle.dumps(Bomb()))
    monkeypatch.setenv(predictor.PICKLES, "refuse")
    manifest = versions.manifest(platform.store, "toys", version)
    loaded = predictor.load(platform.store, manifest)
    labels, scores = loaded.predict(loaded.frame(pd.DataFrame([ROW])))
    assert (labels.tolist(), scores.tolist()) == answers
    path = Path(platform.store.uri) / manifest["skops"]["key"]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="skops of model 'toys' version 1 is damaged"):
        predictor.load(platform.store, manifest)


class Bomb:
    """A pickle that runs something when it is loaded."""

    def __reduce__(self) -> Any:
        return exit, ("it ran",)


class Strange(LogisticRegression):
    """An estimator of somebody's own."""


@pytest.mark.parametrize(
    "estimator",
    [Strange(), make_pipeline(FunctionTransformer(np.log1p), Strange()), Lasso()],
    ids=["own", "own in a pipeline", "scikit-learn's"],
)
def test_a_file_without_code_is_of_trusted_types_alone(estimator: Any, tmp_path: Path) -> None:
    rows = pd.DataFrame({"x": np.linspace(0, 1, 50)})
    fitted = estimator.fit(rows, (rows["x"] > 0.5).astype(int))
    about = codeless.make(fitted, rows, tmp_path)
    if isinstance(estimator, Lasso):
        assert about["sha256"] == versions.sha256(tmp_path / codeless.FILE)
        return
    assert "types that are not trusted: tests.serving.test_trust.Strange" in about["reason"]
    assert not (tmp_path / codeless.FILE).exists()
    foreign = tmp_path / "model.skops"
    dump(fitted, foreign)
    with pytest.raises(UserError, match=r"not trusted: tests\.serving\.test_trust\.Strange"):
        codeless.load(foreign)


def _of_tree(field: str, number: int) -> Callable[[Any], None]:
    def change(nodes: Any) -> None:
        inner = np.flatnonzero(nodes["is_leaf"] == 0)[0]
        nodes[field][inner] = number

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_of_tree("left", 10**6), "leads out of itself"),
        (_of_tree("right", 0), "leads out of itself"),
        (_of_tree("feature_idx", 1), "leads out of itself"),
        (_of_tree("feature_idx", -1), "leads out of itself"),
        (_of_tree("is_categorical", 1), "with categories that it lacks"),
        (lambda nodes: None, ""),
    ],
    ids=["far", "circle", "feature", "before", "categories", "as it was"],
)
def test_a_tree_that_leads_out_of_its_arrays_is_not_loaded(
    tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    """scikit-learn would read whatever memory is there."""
    rows = pd.DataFrame({"x": np.linspace(0, 1, 80)})
    fitted = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=3))
    fitted.fit(rows, (rows["x"] > 0.5).astype(int))
    change(fitted[-1]._predictors[1][0].nodes)
    path = tmp_path / codeless.FILE
    dump(fitted, path)
    if not message:
        assert codeless.load(path).predict(rows).tolist() == fitted.predict(rows).tolist()
        return
    with pytest.raises(UserError, match=message):
        codeless.load(path)


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
    version = register_champion(platform, estimator=train(1))
    write = LocalStore.write

    def full(store: LocalStore, key: str, content: bytes) -> None:
        if "/trials/" in key:
            raise StoreWriteError(f"{key!r} cannot be written: No space left on device")
        write(store, key, content)

    monkeypatch.setattr(LocalStore, "write", full)
    endpoint = followed_endpoint(platform)
    assert endpoint.in_service is not None and endpoint.in_service.version == version
