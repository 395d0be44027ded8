"""Model files: the one file a team brings.

A module `training/models/NAME.py` has up to three names, all optional:

- ``INPUTS``: the input columns, a list of names; without it every column of the table but the
  target, the time column and the split column.
- ``METRIC``: a scikit-learn scorer's name, greater is better; without it ROC AUC for two
  classes, balanced accuracy for more, R squared for a regression.
- ``estimator(numeric, categorical, task)``: an unfitted scikit-learn estimator that takes a
  DataFrame with those columns; `task` is "classification" or "regression".
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from training.errors import UserError

DEFAULT = "default"


@dataclass(frozen=True)
class ModelFile:
    """The contents of a model file, completed by the defaults."""

    name: str
    inputs: list[str] | None
    metric: str | None
    estimator: Callable[[list[str], list[str], str], Any]


def names() -> list[str]:
    """The model files there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> ModelFile:
    """The model file `name`; raises UserError where there is none."""
    if name not in names():
        raise UserError(
            f"model file {name!r} does not exist in training/models; allowed: {', '.join(names())}"
        )
    module = _module(name)
    return ModelFile(
        name=name,
        inputs=getattr(module, "INPUTS", None),
        metric=getattr(module, "METRIC", None),
        estimator=getattr(module, "estimator", _module(DEFAULT).estimator),
    )


def check(model_file: ModelFile, columns: list[tuple[str, str]], task: str) -> None:
    """Raise UserError if the file's estimator cannot be made or lacks what the platform calls.

    `columns` are names and kinds of the inputs; nothing is fitted.
    """
    numeric = [name for name, kind in columns if kind != "categorical"]
    categorical = [name for name, kind in columns if kind == "categorical"]
    file = f"model file training/models/{model_file.name}.py"
    try:
        estimator = model_file.estimator(numeric, categorical, task)
    except Exception as error:
        raise UserError(f"{file}: estimator() raised {type(error).__name__}: {error}") from error
    needs = ("fit", "predict", "predict_proba") if task == "classification" else ("fit", "predict")
    missing = [name for name in needs if not hasattr(estimator, name)]
    if missing:
        raise UserError(
            f"{file}: {type(estimator).__name__} has no {' and no '.join(missing)}, which a "
            f"{task} needs"
        )


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
