"""What a table gives to learn: the task, the inputs and the target, checked before any training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from training import number_text
from training.errors import UserError
from training.model_inputs import (
    BOOLEAN,
    CATEGORICAL,
    CLASSIFICATION,
    DATETIME,
    NUMERIC,
    REGRESSION,
    Column,
)
from training.table import Data, is_number
from training.table_files import list_names

# A text column of which at least this share reads as numbers was meant to be numeric.
MEANT_NUMERIC = 0.5
# Whole numbers of more distinct values than this are amounts rather than classes.
MOST_NUMBER_CLASSES = 20
# Numbers with a currency, a percent sign or separators; and dates, which are none.
_AMOUNT = r"[+-]?[$€£¥]? ?[+-]?\d[\d.,' ]*(?: ?[%$€£¥])?"
_DAY = r"\d{1,4}[. ]\d{1,2}[. ]\d{1,4}"
# And no classifier here learns more classes than this in reasonable time.
MOST_CLASSES = 500


def infer_task(values: pd.Series, kind: str) -> tuple[str, str]:
    """The task that a target of `kind` asks for, and a sentence that says why."""
    distinct = values.nunique()
    if kind != NUMERIC:
        return CLASSIFICATION, f"the target holds {distinct} different {_words(kind)}"
    numbers = values.dropna()
    if not np.equal(np.floor(numbers), numbers).all():
        return REGRESSION, "the target holds numbers with a fraction"
    if distinct > MOST_NUMBER_CLASSES:
        return REGRESSION, (
            f"the target holds {distinct} different whole numbers, more than {MOST_NUMBER_CLASSES}"
        )
    return CLASSIFICATION, f"the target holds {distinct} different whole numbers"


def input_columns(data: Data, inputs: list[str] | None, reserved: set[str]) -> list[Column]:
    """The model's input columns: `inputs`, or all that are not `reserved`.

    Raises UserError naming all that are wrong: missing, reserved, times, lists, without a value,
    or text where most values are numbers.
    """
    names = inputs if inputs is not None else [n for n in data.frame.columns if n not in reserved]
    problems = []
    if inputs is None:
        problems += [
            f"column {name!r} holds {type_}; no model here takes it: "
            f"ignore it (data.columns: {{{name}: ignore}}) or make columns of its parts"
            for name, type_ in data.other_types.items()
            if name not in reserved
        ]
    columns = []
    for name in names:
        problem = _input_problem(data, name, reserved, inputs is not None)
        if problem:
            problems.append(problem)
        elif data.kinds[name] != DATETIME:
            columns.append(Column(name, data.kinds[name]))
    if problems:
        raise UserError("\n".join(problems))
    if not columns:
        raise UserError(f"no input column is left; {list_names(data.frame.columns)}")
    return columns


def check_target(data: Data, target: str, task: str) -> None:
    """Raise UserError unless `target` is a column that the task can learn."""
    if target not in data.kinds:
        raise UserError(f"target column {target!r} is not in the data; {list_names(data.kinds)}")
    values, kind = data.frame[target], data.kinds[target]
    missing = int(values.isna().sum())
    if missing:
        raise UserError(f"target column {target!r} is missing in {missing} of {len(values)} rows")
    if kind == CATEGORICAL and target not in data.overridden and _is_unclear(values):
        raise UserError(f"target column {target!r} holds {_unclear(values)}")
    if kind == DATETIME:
        raise UserError(f"target column {target!r} holds times; derive a number or a class from it")
    if task == REGRESSION and kind != NUMERIC:
        raise UserError(
            f"target column {target!r} holds {_words(kind)}; a regression needs numbers"
        )
    distinct = values.nunique()
    if distinct < 2:
        raise UserError(
            f"target column {target!r} has one value only, {values.iloc[0]}: nothing to learn"
        )
    if task == CLASSIFICATION and distinct > MOST_CLASSES:
        hint = "set data.task to regression" if kind == NUMERIC else "is it an identifier?"
        raise UserError(
            f"target column {target!r} has {distinct} classes in {len(values)} rows; at most "
            f"{MOST_CLASSES} can be learned: {hint}"
        )


def labeled_rows(data: Data, target: str) -> Data:
    """The rows that have a label; a notice tells how many have none (yet).

    Raises UserError if fewer than half of the rows have one.
    """
    if target not in data.kinds:
        return data
    present = data.frame[target].notna()
    missing = int((~present).sum())
    if not missing:
        return data
    if missing > len(present) / 2:
        raise UserError(f"target column {target!r} is missing in {missing} of {len(present)} rows")
    frame = data.frame[present].reset_index(drop=True)
    if data.kinds[target] == BOOLEAN:
        frame[target] = frame[target].astype(bool)
    notice = f"{missing} of {len(present)} rows are left out: they have no {target!r} (yet)"
    return replace(data, frame=frame, notices=[*data.notices, notice])


def as_labels(values: pd.Series) -> pd.Series:
    """Classes as a classifier shall answer them: whole numbers without a fraction."""
    present = values.dropna()
    if not pd.api.types.is_float_dtype(values) or (np.floor(present) != present).any():
        return values
    return values.astype("int64") if len(present) == len(values) else values


def disguised(data: Data, columns: list[Column]) -> list[str]:
    """Sentences about inputs of text that are numbers with a unit or in another country's form."""
    sentences = []
    for column in columns:
        if column.kind != CATEGORICAL or column.name in data.overridden:
            continue
        present = data.frame[column.name].dropna().astype(str).str.strip()
        is_amount = present.str.fullmatch(_AMOUNT) & ~present.str.fullmatch(_DAY)
        if len(present) and is_amount.mean() > MEANT_NUMERIC and present.nunique() > 2:
            sentences.append(
                f"input column {column.name!r} is text, such as {present[is_amount].iloc[0]!r}: "
                "if these are amounts, write them as numbers such as 1234.5"
            )
    return sentences


def leaks(data: Data, columns: list[Column], target: str) -> list[str]:
    """Sentences about inputs that give the target away, or that number the rows.

    On at most 20,000 rows: a column is told if its distinct values (a number's in 50 bins) nearly
    always go with one value of the target, and there are far fewer of them than rows.
    """
    frame = data.frame.iloc[:20_000]
    truth = frame[target]
    if data.kinds[target] == NUMERIC and truth.nunique() > MOST_NUMBER_CLASSES:
        spread = truth.std()
        classes = None
    else:
        spread, classes = 0.0, truth.astype(str)
    warnings = []
    for column in columns:
        values = frame[column.name]
        if column.kind == NUMERIC and len(values) > 20 and (np.diff(values) == 1).all():
            warnings.append(
                f"input column {column.name!r} numbers the rows; if that is not known when the "
                f"model is asked, ignore it (data.columns: {{{column.name}: ignore}})"
            )
            continue
        if _gives_away(values, column.kind, truth, classes, float(spread)):
            warnings.append(
                f"input column {column.name!r} nearly is the target {target!r}; if it is not known "
                f"when the model is asked, ignore it (data.columns: {{{column.name}: ignore}})"
            )
    return warnings


def _input_problem(data: Data, name: str, reserved: set[str], is_named: bool) -> str | None:
    if name in reserved:
        return f"input column {name!r} is the target, time or split column, or the key"
    if name in data.other_types:
        return f"input column {name!r} holds {data.other_types[name]}; no model here takes it"
    if name not in data.kinds:
        return f"input column {name!r} is not in the data; {list_names(data.frame.columns)}"
    values = data.frame[name]
    if values.isna().all():
        return (
            f"input column {name!r} has no value in any of {len(values)} rows; "
            f"ignore it (data.columns: {{{name}: ignore}})"
        )
    if data.kinds[name] == DATETIME and is_named:
        return f"input column {name!r} holds times; derive numbers from it first"
    if data.kinds[name] == CATEGORICAL and name not in data.overridden:
        return text_problem(values)
    return None


def text_problem(values: pd.Series) -> str | None:
    """The problem of a text column that was meant to be numeric; None if it was not."""
    present = values.dropna()
    if _is_unclear(values):
        return (
            f"input column {values.name!r} holds {_unclear(values)}; if it holds codes, say so "
            f"(data.columns: {{{values.name}: text}})"
        )
    counts = present.value_counts()
    text_counts = counts[[not is_number(text) for text in counts.index]]
    if not len(text_counts) or text_counts.sum() > (1 - MEANT_NUMERIC) * len(present):
        return None
    first = present[present.isin(text_counts.index)].iloc[:1]
    return (
        f"input column {values.name!r} is numeric but has text in {text_counts.sum()} of "
        f"{len(values)} rows: {first.iloc[0]!r} in row {int(first.index[0]) + 1}; "
        f"if it holds codes, say so (data.columns: {{{values.name}: text}})"
    )


def _gives_away(
    values: pd.Series, kind: str, truth: pd.Series, classes: pd.Series | None, spread: float
) -> bool:
    if len(values) < 50:
        return False
    if classes is None:
        if kind != NUMERIC or spread == 0:
            return False
        correlation = np.corrcoef(values.rank(), truth.rank())[0, 1]
        return bool(abs(correlation) > 0.9995)
    if kind == NUMERIC and values.nunique() > 50:
        values = pd.cut(values.rank(method="first"), 50, labels=False)
    groups = values.astype(str)
    if groups.nunique() > len(values) / 10:
        return False
    pure = pd.crosstab(groups, classes).max(axis=1).sum() / len(values)
    return bool(pure > 0.995 and pure > classes.value_counts(normalize=True).iloc[0] + 0.01)


def _is_unclear(values: pd.Series) -> bool:
    """Whether a column of text holds nothing but numbers whose comma may part thousands."""
    texts = values.dropna().astype(str).str.strip()
    distinct = texts.unique()
    return any("," in text for text in distinct) and all(map(number_text.is_unclear, distinct))


def _unclear(values: pd.Series) -> str:
    text = next(str(value) for value in values.dropna() if "," in str(value)).strip()
    decimal, whole = text.replace(",", "."), text.replace(",", "")
    return f"{text!r}, which may be {decimal} or {whole}; write it as one of both"


def _words(kind: str) -> str:
    words = {CATEGORICAL: "words", BOOLEAN: "truth values", DATETIME: "times"}
    return words.get(kind, "values")
