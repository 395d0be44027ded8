"""Read the table, check it, and split it into training and holdout rows."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pandas as pd

from training import metrics, model_inputs, models, split, table, table_checks, versions
from training.captures.columns import RESERVED
from training.errors import UserError
from training.store import open_store
from training.table_files import list_names

TRAIN, HOLDOUT = "train.parquet", "holdout.parquet"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", help="whose earlier split is kept")
    parser.add_argument("--store")
    parser.add_argument("--data", required=True)
    parser.add_argument("--model-file", required=True)
    parser.add_argument(
        "--columns", type=json.loads, default={}, help="JSON object: column to its kind"
    )
    parser.add_argument("--key", help="column that names a row")
    parser.add_argument(
        "--task", choices=model_inputs.TASKS, help="by the target's values if not given"
    )
    parser.add_argument("--target", required=True)
    parser.add_argument("--time-column")
    parser.add_argument("--split", choices=split.METHODS, required=True)
    parser.add_argument("--split-by")
    parser.add_argument("--holdout", type=float, required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write both parts and return what is in them.

    Both hold all columns that a model may take, so that the champion can be scored on the holdout
    even if its inputs are others than the challenger's.
    """
    data = table_checks.labeled_rows(table.read(args.data, args.columns), args.target)
    task, reason = _task(data, args)
    if task == model_inputs.CLASSIFICATION and args.target in data.kinds:
        data.frame[args.target] = table_checks.as_labels(data.frame[args.target])
    columns = _checked_inputs(data, args, task)
    warnings = [
        *table_checks.leaks(data, columns, args.target),
        *table_checks.disguised(data, columns),
    ]
    rule, change = split.rule(
        args.split,
        args.holdout,
        {name: kind for name, kind in data.kinds.items() if kind != "empty"},
        column=args.time_column if args.split == split.TIME else args.split_by or args.key,
        earlier=_newest_version(args),
    )
    held_out = split.holdout_rows(data.frame, rule)
    rule = split.with_end(rule, data.frame[~held_out])
    parts = {TRAIN: data.frame[~held_out], HOLDOUT: data.frame[held_out]}
    for name, part in parts.items():
        _check_part(part, name, args.target, task)
        _part_columns(part, columns).to_parquet(args.out / name, index=False)
    notices = [*data.notices, *warnings, *([change] if change else [])]
    for notice in (*notices, reason):
        print(notice)
    print(f"{len(data.frame)} rows, {int(held_out.sum())} of them held out; {len(columns)} inputs")
    return {
        "rows": len(data.frame),
        "holdout_rows": int(held_out.sum()),
        "window": _window(data.frame, args.time_column),
        "task": task,
        "target": args.target,
        "time_column": args.time_column,
        "inputs": [asdict(column) for column in columns],
        "schema": data.kinds,
        "split": rule.as_json(),
        "notices": notices,
    }


def _checked_inputs(
    data: table.Data, args: argparse.Namespace, task: str
) -> list[model_inputs.Column]:
    """The model's input columns; raises UserError with all that is wrong with table and model."""
    model_file = models.load(args.model_file)
    reserved = {args.target, args.time_column, args.split_by, args.key} - {None}
    problems: list[str] = []
    columns: list[model_inputs.Column] = []
    with _noted(problems):
        _check_names(data, args)
    with _noted(problems):
        table_checks.check_target(data, args.target, task)
        labels = data.frame[args.target]
        metrics.check(metrics.name(model_file.metric, task, labels), task, labels)
    with _noted(problems):
        columns = table_checks.input_columns(data, model_file.inputs, reserved)
        _check_reserved([column.name for column in columns])
        models.check(model_file, [(c.name, c.kind) for c in columns], task)
    if problems:
        raise UserError("\n".join(problems))
    return columns


@contextmanager
def _noted(problems: list[str]) -> Iterator[None]:
    """Note what is wrong instead of raising it, so that what follows is checked too."""
    try:
        yield
    except UserError as error:
        problems.append(str(error))


def _task(data: table.Data, args: argparse.Namespace) -> tuple[str, str]:
    if args.task or args.target not in data.kinds:
        return args.task or model_inputs.CLASSIFICATION, f"task: {args.task}, as data.task says"
    task, reason = table_checks.infer_task(data.frame[args.target], data.kinds[args.target])
    return task, f"task: {task}, as {reason} (data.task is not set)"


def _newest_version(args: argparse.Namespace) -> versions.Manifest | None:
    """The version to whose split the rows keep; None if there is none yet."""
    if args.store is None or args.model is None:
        return None
    manifests = versions.manifests(open_store(args.store), args.model)
    return manifests[-1] if manifests else None


def _check_names(data: table.Data, args: argparse.Namespace) -> None:
    """Raise UserError for a column that a setting names and the table lacks."""
    settings = {
        "data.timeColumn": args.time_column,
        "data.key": args.key,
        "split.by": args.split_by,
    }
    problems = [
        f"{setting}: no column {name!r} that can be used; {list_names(data.kinds)}"
        for setting, name in settings.items()
        if name is not None and name not in data.kinds
    ]
    if problems:
        raise UserError("\n".join(problems))
    if args.time_column is not None:
        split.check_times(data.frame[args.time_column])


def _check_reserved(names: list[str]) -> None:
    reserved = [name for name in names if name in RESERVED]
    if reserved:
        raise UserError(
            f"input column {', '.join(map(repr, reserved))}: captures have columns of that name; "
            f"rename it or ignore it (data.columns). Reserved: {', '.join(sorted(RESERVED))}"
        )


def _part_columns(part: pd.DataFrame, columns: list[model_inputs.Column]) -> pd.DataFrame:
    """The part's columns: the inputs as the model takes them, and all others as they are."""
    inputs = model_inputs.model_frame(part, columns)
    return pd.concat([inputs, part[[name for name in part.columns if name not in inputs]]], axis=1)


def _check_part(part: pd.DataFrame, name: str, target: str, task: str) -> None:
    if task == model_inputs.CLASSIFICATION and part[target].nunique() < 2:
        raise UserError(
            f"the {name.split('.')[0]} part has {len(part)} rows and one value of {target!r} "
            "only; give more data or another split"
        )


def _window(rows: pd.DataFrame, time_column: str | None) -> list[str] | None:
    if time_column is None:
        return None
    moments = pd.to_datetime(rows[time_column])
    return [moments.min().isoformat(), moments.max().isoformat()]
