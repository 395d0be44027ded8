"""Read the table, check it, and split it into training and holdout rows."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import pandas as pd

from training import models, split, table
from training.errors import UserError

TRAIN, HOLDOUT = "train.parquet", "holdout.parquet"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--data", required=True)
    parser.add_argument("--model-file", required=True)
    parser.add_argument("--task", choices=("classification", "regression"), required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--time-column")
    parser.add_argument("--split", choices=split.METHODS, required=True)
    parser.add_argument("--split-by")
    parser.add_argument("--holdout", type=float, required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write both parts and return what is in them."""
    rows = table.read(args.data)
    table.check_target(rows, args.target, args.task)
    reserved = {args.target, args.time_column, args.split_by} - {None}
    columns = table.input_columns(rows, models.load(args.model_file).inputs, reserved)
    held_out = split.holdout_rows(rows, args.split, args.holdout, args.split_by, args.time_column)
    parts = {TRAIN: rows[~held_out], HOLDOUT: rows[held_out]}
    for name, part in parts.items():
        _check_part(part, name, args.target, args.task)
        _written(part, columns, args).to_parquet(args.out / name, index=False)
    print(f"{len(rows)} rows, {int(held_out.sum())} of them held out; {len(columns)} inputs")
    return {
        "rows": len(rows),
        "holdout_rows": int(held_out.sum()),
        "window": _window(rows, args.time_column),
        "task": args.task,
        "target": args.target,
        "time_column": args.time_column,
        "inputs": [asdict(column) for column in columns],
    }


def _written(part: pd.DataFrame, columns: list[table.Column], args: Any) -> pd.DataFrame:
    others = [c for c in (args.time_column, args.target) if c]
    return pd.concat([table.model_frame(part, columns), part[others]], axis=1)


def _check_part(part: pd.DataFrame, name: str, target: str, task: str) -> None:
    if task == "classification" and part[target].nunique() < 2:
        raise UserError(
            f"the {name.split('.')[0]} part has {len(part)} rows and one value of {target!r} "
            "only; give more data or another split"
        )


def _window(rows: pd.DataFrame, time_column: str | None) -> list[str] | None:
    if time_column is None:
        return None
    moments = pd.to_datetime(rows[time_column])
    return [moments.min().isoformat(), moments.max().isoformat()]
