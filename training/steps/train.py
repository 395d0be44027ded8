"""Fit the model and make its reference profile."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pyarrow as pa

from training import drift, metrics, models, predictor, table, versions
from training.serving.columns import SCORE
from training.steps import summary
from training.steps.prepare import HOLDOUT, TRAIN

ARTIFACT, PROFILE = "model.joblib", "profile.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--prepare", type=Path, required=True)
    parser.add_argument("--model-file", required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the artifact and the reference profile; return their digests and the metric."""
    data = summary(args.prepare)
    columns = [table.Column(**column) for column in data["inputs"]]
    train = pd.read_parquet(args.prepare / TRAIN)
    model_file = models.load(args.model_file)
    started = time.monotonic()
    fitted = _estimator(model_file, columns, data["task"]).fit(
        train[[c.name for c in columns]], train[data["target"]]
    )
    seconds = time.monotonic() - started
    print(f"fitted on {len(train)} rows in {seconds:.1f} s")
    joblib.dump(fitted, args.out / ARTIFACT, compress=3)
    _reference(args.prepare, predictor.Predictor(fitted, columns, data["task"])).save(
        args.out / PROFILE
    )
    return {
        "sha256": versions.sha256(args.out / ARTIFACT),
        "metric": metrics.name(model_file.metric, data["task"], train[data["target"]]),
        "train_rows": len(train),
        "seconds": round(seconds, 3),
        "libraries": versions.installed_libraries(),
        **{name: data[name] for name in ("task", "target", "inputs", "rows", "window")},
    }


def _estimator(model_file: models.ModelFile, columns: list[table.Column], task: str) -> Any:
    numeric = [c.name for c in columns if c.kind != table.CATEGORICAL]
    categorical = [c.name for c in columns if c.kind == table.CATEGORICAL]
    return model_file.estimator(numeric, categorical, task)


def _reference(prepared: Path, model: predictor.Predictor) -> drift.Profile:
    names = [column.name for column in model.columns]
    inputs = drift.profile_table(prepared / TRAIN, columns=names)
    # Scores of rows the model was fitted on are too good to compare production with.
    holdout = pd.read_parquet(prepared / HOLDOUT, columns=names)
    scores = pa.table({SCORE: model.predict(holdout)[1]})
    return inputs.join(drift.profile_table(scores))
