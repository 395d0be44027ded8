"""Score champion and challenger on the same holdout, and decide whether the challenger passes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from training import gate, predictor, versions
from training.errors import UserError
from training.steps import summary
from training.steps.prepare import HOLDOUT, TRAIN
from training.steps.train import ARTIFACT
from training.store import open_store


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--margin", type=float, required=True)
    parser.add_argument("--prepare", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the gate's decision: the metrics, whether the challenger passes, and the reason."""
    data, trained = summary(args.prepare), summary(args.train)
    decision = gate.decide(
        trained["metric"],
        _challenger(args.train / ARTIFACT, trained),
        gate.champion_of(open_store(args.store), args.model),
        gate.Holdout(pd.read_parquet(args.prepare / HOLDOUT), data["target"], data["time_column"]),
        pd.read_parquet(args.prepare / TRAIN),
        args.margin,
    )
    print(f"challenger {'passes' if decision.passed else 'is refused'}: {decision.reason}")
    return decision.as_json()


def _challenger(path: Path, trained: dict[str, Any]) -> predictor.Predictor:
    if versions.sha256(path) != trained["sha256"]:
        raise UserError(f"the model in {path} is not the one that was trained; it is not loaded")
    return predictor.from_file(path, trained)
