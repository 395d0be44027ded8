"""Fit the model and make its reference profile."""

from __future__ import annotations

import argparse
import time
from math import isfinite
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from training import (
    codeless,
    compiled,
    drift,
    importance,
    metrics,
    model_inputs,
    models,
    predictor,
    versions,
)
from training.captures.columns import SCORE
from training.compiled import making
from training.endpoint import example
from training.errors import UserError
from training.steps import summary
from training.steps.prepare import HOLDOUT, TRAIN

ARTIFACT, PROFILE, COMPILED = predictor.FILE, "profile.json", compiled.FILE
_FROM_PREPARE = ("task", "target", "inputs", "schema", "split", "notices", "rows", "window")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--prepare", type=Path, required=True)
    parser.add_argument("--model-file", required=True)
    parser.add_argument("--block", help="column whose equal values mark dependent rows")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the artifact and the reference profile; return their digests and the metric."""
    data = summary(args.prepare)
    columns = [model_inputs.Column(**column) for column in data["inputs"]]
    train = pd.read_parquet(args.prepare / TRAIN)
    model_file = models.load(args.model_file)
    names = [column.name for column in columns]
    _check_block(args.block, [*names, *([data["time_column"]] if data["time_column"] else [])])
    inputs = _profile(train, names, data["time_column"], args.block)
    start = time.monotonic()
    fitted = _estimator(model_file, columns, data["task"]).fit(train[names], train[data["target"]])
    seconds = time.monotonic() - start
    print(f"fitted on {len(train)} rows in {seconds:.1f} s")
    joblib.dump(fitted, args.out / ARTIFACT, compress=3)
    # Scores of rows the model was fitted on are too good to compare production with.
    holdout = pd.read_parquet(args.prepare / HOLDOUT)
    model = predictor.Predictor(fitted, columns, data["task"])
    scores = model.predict(holdout[names])[1]
    scored = _profile(holdout.assign(**{SCORE: scores}), [SCORE], data["time_column"], args.block)
    inputs.join(scored).save(args.out / PROFILE)
    metric = metrics.name(model_file.metric, data["task"], train[data["target"]])
    importances = importance.importances(metric, model, holdout, data["target"])
    if isinstance(importances, str):
        print(f"the importance of the inputs is not known: {importances}")
        importances = {}
    compilation = making.make(fitted, columns, data["task"], train, holdout, args.out)
    texts = [column.name for column in columns if column.kind == model_inputs.CATEGORICAL]
    print(
        f"serves by its estimator: {compilation['reason']}"
        if "reason" in compilation
        else "compiled"
    )
    plain = codeless.make(fitted, predictor.estimator_frame(holdout[names], texts), args.out)
    return {
        "sha256": versions.sha256(args.out / ARTIFACT),
        "metric": metric,
        "importances": importances,
        "parameters": _parameters(fitted),
        "train_rows": len(train),
        "seconds": round(seconds, 3),
        "libraries": versions.installed_libraries(),
        "compiled": compilation,
        codeless.PART: plain,
        "example": example.typical(train, model),
        **{name: data[name] for name in _FROM_PREPARE},
    }


def _estimator(model_file: models.ModelFile, columns: list[model_inputs.Column], task: str) -> Any:
    numeric = [c.name for c in columns if c.kind != model_inputs.CATEGORICAL]
    categorical = [c.name for c in columns if c.kind == model_inputs.CATEGORICAL]
    return model_file.estimator(numeric, categorical, task)


def _parameters(fitted: Any) -> dict[str, Any]:
    """The numbers and words that the estimator was made with, its parts' too.

    As `get_params` of scikit-learn names them: ``step__parameter``.
    """
    parameters = fitted.get_params() if hasattr(fitted, "get_params") else {}
    return {
        name: value
        for name, value in sorted(parameters.items())
        if isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))
    }


def _check_block(block: str | None, columns: list[str]) -> None:
    if block is not None and block not in columns:
        raise UserError(
            f"drift.block {block!r} is neither an input column nor data.timeColumn; "
            f"allowed: {', '.join(columns)}"
        )


def _profile(
    rows: pd.DataFrame, names: list[str], time_column: str | None, block: str | None
) -> drift.Profile:
    """The reference profile of some columns, of which `block` is not compared itself."""
    read_names = dict.fromkeys(
        [*names, *(name for name in (time_column, block) if name is not None)]
    )
    rows = rows[list(read_names)]
    if time_column is not None:
        moments = pd.to_datetime(rows[time_column], utc=True).dt.tz_convert(None)
        rows = rows.assign(**{time_column: moments})
    return drift.profile_table(rows, columns=names, time_column=time_column, block=block)
