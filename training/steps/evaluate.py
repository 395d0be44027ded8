"""Score champion and challenger on the same holdout, and decide whether the challenger passes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from training import clock, metrics, predictor, release, versions
from training.errors import UserError
from training.steps import summary
from training.steps.prepare import HOLDOUT, TRAIN
from training.steps.train import ARTIFACT
from training.store import Store, open_store

# Fewer rows that neither model has seen the time of decide nothing; all of the holdout is used.
MIN_NEW_ROWS = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--margin", type=float, required=True)
    parser.add_argument("--prepare", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the metrics, whether the challenger passes, and the reason in words."""
    store = open_store(args.store)
    data, trained = summary(args.prepare), summary(args.train)
    challenger = _challenger(args.train / ARTIFACT, trained)
    champion, unknown = _champion(store, args.model)
    holdout = pd.read_parquet(args.prepare / HOLDOUT)
    rows = _newer(holdout, data["time_column"], champion)
    metric, target = trained["metric"], data["target"]

    def value(model: predictor.Predictor) -> float:
        return metrics.score(metric, model.estimator, model.frame(rows), rows[target])

    scores: dict[str, Any] = {"challenger": value(challenger)}
    if champion:
        scores["champion"] = value(champion[0])
        bar, rival = scores["champion"] + args.margin, f"version {champion[1]['version']}"
    else:
        train = pd.read_parquet(args.prepare / TRAIN)
        inputs = challenger.frame
        scores["baseline"] = metrics.baseline(
            metric, data["task"], (inputs(train), train[target]), (inputs(rows), rows[target])
        )
        bar, rival = scores["baseline"], f"the baseline{unknown}"
    passed = scores["challenger"] > bar
    reason = (
        f"{metric} {scores['challenger']:.4f} on {len(rows)} holdout rows is "
        f"{'above' if passed else 'not above'} {bar:.4f}, {rival}"
        + (f" plus the margin {args.margin:g}" if champion and args.margin else "")
    )
    print(f"challenger {'passes' if passed else 'is refused'}: {reason}")
    return {
        "passed": passed,
        "reason": reason,
        "metric": metric,
        "holdout_rows": len(rows),
        "margin": args.margin,
        **scores,
    }


def _challenger(path: Path, trained: dict[str, Any]) -> predictor.Predictor:
    if versions.sha256(path) != trained["sha256"]:
        raise UserError(f"the model in {path} is not the one that was trained; it is not loaded")
    return predictor.from_file(path, trained)


def _champion(
    store: Store, model: str
) -> tuple[tuple[predictor.Predictor, versions.Manifest] | None, str]:
    """The champion, or None and, if there is one that cannot be scored here, why."""
    current = release.champion(store, model)
    if current is None:
        return None, ""
    manifest = versions.manifest(store, model, current.version)
    try:
        return (predictor.load(store, manifest), manifest), ""
    except versions.LibrariesDifferError as error:
        # After an upgrade no model could be trained if the old champion had to be loaded.
        return None, f" (the champion is not compared: {error})"


def _newer(
    holdout: pd.DataFrame,
    time_column: str | None,
    champion: tuple[predictor.Predictor, versions.Manifest] | None,
) -> pd.DataFrame:
    """The rows after the champion's data window: what production will look like next."""
    if champion is None or time_column is None or champion[1]["data"]["window"] is None:
        return holdout
    end = clock.parse(champion[1]["data"]["window"][1])
    newer = holdout[pd.to_datetime(holdout[time_column], utc=True) > end]
    return newer if len(newer) >= MIN_NEW_ROWS else holdout
