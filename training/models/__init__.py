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


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
