"""A stack as `pulumi up` leaves it, small: one folder, one tiny model or several, no MLflow."""

from __future__ import annotations

import json
import pickle
import random
import time
from dataclasses import asdict
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from training import clock, codeless, compiled, predictor, registry, release, versions
from training.compiled import making
from training.endpoint import example
from training.model_inputs import Column, model_frame
from training.monitoring import drift_checks
from training.platform import DOCUMENT, STACKS, Platform
from training.serving import trial
from training.store import Store

COLUMNS = [
    Column("size", "numeric"),
    Column("age", "numeric"),
    Column("new", "boolean"),
    Column("color", "categorical"),
]
ROW = {"size": 1.5, "age": 3, "new": True, "color": "red"}
RULES = [
    {"name": "drift", "metric": "drifted_features", "above": 0, "says": "inputs drifted"},
    {"name": "errors", "metric": "error_share", "above": 0.05, "says": "answers fail"},
]


def make_platform(root: Path, *models: str, **endpoint: Any) -> Platform:
    """A stack with `models`; `endpoint` are its settings."""
    names = models or ("toys",)
    document = {
        "stack": "local",
        "target": "local",
        "store": ".mlops/local",
        "registry": "none:///registry",
        "models": {name: {} for name in names},
    }
    (root / "Pulumi.yaml").write_text("name: test\n")
    folder = root / STACKS / "local"
    folder.mkdir(parents=True)
    (folder / DOCUMENT).write_text(json.dumps(document))
    platform = Platform(root, document)
    for name in names:
        write_part(
            platform,
            name,
            "endpoint.json",
            {"capture_percent": 100, "port": 0, "host": "127.0.0.1", **endpoint},
        )
        write_part(platform, name, "alarms.json", {"rules": RULES, "webhooks": []})
        write_part(
            platform,
            name,
            "schedules.json",
            {"retraining": None, "drift_check": None, "on_drift": False, "retention_days": 30},
        )
    return platform


def write_part(platform: Platform, model: str, name: str, part: dict[str, Any]) -> None:
    """Write a capability's document, as its component does."""
    platform.store.write(f"models/{model}/{name}", json.dumps(part).encode())


def train(seed: int = 0, *, imputes: bool = False) -> Any:
    """A fitted pipeline that takes `COLUMNS`; its answers depend on the seed.

    With `imputes` it takes missing numbers too.
    """
    return pickle.loads(_trained(seed, imputes))


@cache
def _trained(seed: int, imputes: bool) -> bytes:
    """The pickle of the pipeline, fitted once in this process."""
    draw = np.random.default_rng(seed)
    raw = _rows(draw)
    encode = ColumnTransformer(
        [
            ("numeric", SimpleImputer() if imputes else "passthrough", ["size", "age", "new"]),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), ["color"]),
        ]
    )
    target = np.where(draw.normal(size=200) > raw["size"], "cheap", "dear")
    model = make_pipeline(encode, LogisticRegression(max_iter=1000))
    return pickle.dumps(model.fit(model_frame(raw, COLUMNS), target))


def examples(seed: int) -> pd.DataFrame:
    """The rows that `train` fits on."""
    return model_frame(_rows(np.random.default_rng(seed)), COLUMNS)


def _rows(draw: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "size": draw.normal(size=200),
            "age": draw.integers(0, 90, 200),
            "new": draw.random(200) < 0.5,
            "color": draw.choice(["red", "green", "blue"], 200),
        }
    )


class Failing(BaseEstimator):
    """An estimator that fails for two rows of three."""

    classes_ = np.array(["cheap", "dear"])

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """The shares of the classes."""
        if random.random() < 2 / 3:
            raise RuntimeError("out of luck")
        return np.full((len(frame), 2), 0.5)


class Slow(BaseEstimator):
    """An estimator that takes its time."""

    classes_ = np.array(["cheap", "dear"])

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """The shares of the classes."""
        time.sleep(1)
        return np.full((len(frame), 2), 0.5)


class Numbering:
    """The registry's numbers without MLflow."""

    def __init__(self, platform: Platform) -> None:
        self._store = platform.store

    def number(self, description: dict[str, Any]) -> int:
        return len(versions.journal(self._store, description["model"]).numbers()) + 1

    def adopt(self, description: dict[str, Any], package: Path | None, store: Store) -> int:
        assert package is None, "a version of another stack goes to a registry that there is"
        return self.number(description)

    def mark_champion(self, model: str, version: int) -> None:
        raise AssertionError("the server marks champions through the registry of the stack")


def register(
    platform: Platform,
    model: str = "toys",
    estimator: Any = None,
    *,
    compiles: bool = False,
    is_codeless: bool = False,
    **more: Any,
) -> int:
    """Register a version and return its number; one of ours has an input example.

    One that `compiles` has a compiled predictor, one that `is_codeless` a file of its estimator
    without code; `more` are fields of its manifest.
    """
    number = len(versions.journal(platform.store, model).numbers()) + 1
    folder = platform.root / "work" / f"{model}-{number}"
    folder.mkdir(parents=True)
    fitted = train(number) if estimator is None else estimator
    if estimator is None:
        content, input_example = _own_version(number)
        (folder / "model.joblib").write_bytes(content)
    else:
        joblib.dump(fitted, folder / "model.joblib")
        input_example = _example(fitted) if isinstance(fitted, Pipeline) else None
    (folder / "profile.json").write_text("{}")
    about = {"reason": "the test wants the estimator"}
    if compiles:
        rows = examples(number)
        about = making.make(fitted, COLUMNS, "classification", rows, rows, folder)
        assert "reason" not in about, about
    plain = {"reason": "the test wants the pickle"}
    if is_codeless:
        plain = codeless.make(fitted, examples(number), folder)
        assert "reason" not in plain, plain
    description = {
        "model": model,
        "run": f"run-{number}",
        "created": "2026-01-01T00:00:00Z",
        "code": "0" * 64,
        "task": "classification",
        "target": "price",
        "inputs": [asdict(column) for column in COLUMNS],
        "libraries": versions.installed_libraries(),
        "data": {"rows": 200, "train_rows": 160, "window": None},
        "metrics": {"metric": "roc_auc", "challenger": 0.7},
        "compiled": about,
        "skops": plain,
        "example": input_example,
        **more,
    }
    files = {"artifact": folder / "model.joblib", "profile": folder / "profile.json"}
    if compiles:
        files["compiled"] = folder / compiled.FILE
    if is_codeless:
        files["skops"] = folder / codeless.FILE
    version = registry.register(platform.store, Numbering(platform), description, files)
    if estimator is None or isinstance(estimator, (Failing, Slow)):
        # Made here: the server does not have to try it in a process of its own.
        trial.mark(platform.store, version)
    return version["version"]


@cache
def _own_version(number: int) -> tuple[bytes, dict[str, Any]]:
    """The file and the input example of a version of ours."""
    fitted, content = train(number), BytesIO()
    joblib.dump(fitted, content)
    return content.getvalue(), _example(fitted)


def _example(estimator: Any) -> dict[str, Any]:
    loaded = predictor.Predictor(estimator, COLUMNS, "classification")
    return example.typical(model_frame(pd.DataFrame([ROW]), COLUMNS), loaded)


def register_champion(
    platform: Platform, model: str = "toys", estimator: Any = None, *, compiles: bool = False
) -> int:
    """Register a version, make it the champion and return its number."""
    number = register(platform, model, estimator, compiles=compiles)
    release.promote(platform.store, model, number, why="test", by="test")
    return number


def expected(
    platform: Platform, version: int, rows: list[dict[str, Any]], model: str = "toys"
) -> tuple[list[Any], list[float]]:
    """Predictions and scores of `rows` by the version's estimator, without a server."""
    manifest = versions.manifest(platform.store, model, version)
    loaded = predictor.from_file(artifact(platform, version, model), manifest)
    labels, scores = loaded.predict(loaded.frame(pd.DataFrame(rows)))
    return labels.tolist(), scores.tolist()


def artifact(platform: Platform, version: int, model: str = "toys") -> Path:
    """The file of a version's artifact."""
    manifest = versions.manifest(platform.store, model, version)
    return Path(platform.store.uri) / manifest["artifact"]["key"]


def record_drift_check(
    platform: Platform,
    drifted: list[str],
    verdict: str | None = None,
    *,
    version: int = 1,
    effect: float = 0.0,
) -> None:
    """Record a drift check, as the drift pipeline does."""
    record = {
        "run": "checked",
        "when": clock.text(clock.now()),
        "version": version,
        "rows": 500,
        "verdict": verdict or ("drift" if drifted else "no_drift"),
        "drifted": drifted,
        "effects": {column.name: 0.9 if column.name in drifted else effect for column in COLUMNS},
    }
    drift_checks(platform.store, "toys").append(record)
