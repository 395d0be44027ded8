"""A loaded model version: checks what it is given, and predicts."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from training import codeless, compiled, model_inputs, versions
from training.errors import UserError
from training.store import Store

# pandas and joblib take longer to import than all else that a server of compiled versions needs,
# and a third of its memory: they are imported where an estimator is used.
if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

# "refuse": only what holds no code is loaded.
PICKLES = "MLOPS_PICKLES"
# The model's file, as a training writes it.
FILE = "model.joblib"


def estimator_frame(values: Any, texts: Iterable[str]) -> pd.DataFrame:
    """Columns as an estimator was fitted on them, from a data frame or arrays by name.

    `texts` names the categorical columns: pandas makes text of them only where it sees any, and
    an encoder takes the None of a column that is missing throughout for an unknown category.
    """
    import pandas as pd

    return pd.DataFrame(values).astype(dict.fromkeys(texts, _text_dtype()))


@cache
def _text_dtype() -> Any:
    """The type that pandas reads text as: "str" since 3, whose missing value is NaN; object before.

    Asked for once: an estimator's every answer needs it.
    """
    import pandas as pd

    return pd.Series([""]).dtype


@dataclass(frozen=True)
class Predictor:
    """An estimator with the input columns and the task that its manifest names.

    `estimator` is the fitted one, or the compiled predictor that answers as it does; `example` is
    the version's input example, a value by column.
    """

    estimator: Any
    columns: list[model_inputs.Column]
    task: str
    version: int | None = None
    example: Mapping[str, Any] | None = None

    @property
    def is_compiled(self) -> bool:
        """True if a compiled predictor answers, which takes microseconds."""
        return isinstance(self.estimator, compiled.Compiled)

    @property
    def is_binary(self) -> bool:
        """True if it tells two classes apart, so that a score is the second one's probability."""
        return self.task != "regression" and len(self.estimator.classes_) == 2

    def predict(self, frame: Any) -> tuple[np.ndarray, np.ndarray]:
        """Predictions and scores, both of shape (rows,), of a data frame or of arrays by name.

        The score of a binary classification is the probability of the second class, of a
        classification with more classes that of the predicted one, of a regression the
        prediction itself.
        """
        if not self.is_compiled:
            texts = [c.name for c in self.columns if c.kind == model_inputs.CATEGORICAL]
            frame = estimator_frame(frame, texts)
        if self.task == "regression":
            values = self.estimator.predict(frame)
            return values, values.astype(float)
        shares = self.estimator.predict_proba(frame)
        classes = self.estimator.classes_
        labels = classes[shares.argmax(axis=1)]
        return labels, shares[:, 1] if len(classes) == 2 else shares.max(axis=1)

    def frame(self, source: pd.DataFrame) -> pd.DataFrame:
        """The model's inputs out of `source`; raises UserError naming what is wrong with it."""
        for column in self.columns:
            if column.name not in source.columns:
                names = ", ".join(c.name for c in self.columns)
                raise UserError(f"input column {column.name!r} is missing; wanted: {names}")
        try:
            return model_inputs.model_frame(source, self.columns)
        except (ValueError, TypeError):
            raise UserError(self._not_numeric(source)) from None

    def _not_numeric(self, source: pd.DataFrame) -> str:
        import pandas as pd

        for column in self.columns:
            if column.kind != model_inputs.CATEGORICAL:
                values = source[column.name]
                numbers = pd.to_numeric(values, errors="coerce")
                non_numbers = values[numbers.isna() & values.notna()]
                if len(non_numbers):
                    row = list(values.index).index(non_numbers.index[0])
                    return (
                        f"input column {column.name!r} takes numbers; "
                        f"row {row + 1} has {non_numbers.iloc[0]!r}"
                    )
        return "the input columns hold values that are neither numbers nor text"


def load(store: Store, manifest: versions.Manifest) -> Predictor:
    """Load a registered version: its compiled predictor, or else its estimator.

    Every digest is checked first, and the libraries of an estimator, whose pickle is loaded only
    if there is no file of it without code. Raises UserError.
    """
    if compiled.serves(manifest):
        with TemporaryDirectory() as folder:
            path = versions.open_artifact(store, manifest, "compiled", Path(folder))
            try:
                return from_compiled(path, manifest)
            except compiled.CompiledError as error:
                log.warning(
                    "model %s version %s serves by its estimator: %s",
                    manifest["model"],
                    manifest["version"],
                    error,
                )
    versions.check_libraries(manifest)
    if codeless.serves(manifest):
        with TemporaryDirectory() as folder:
            path = versions.open_artifact(store, manifest, codeless.PART, Path(folder))
            return _predictor(codeless.load(path), manifest)
    check_pickles(manifest)
    with TemporaryDirectory() as folder:
        path = versions.open_artifact(store, manifest, "artifact", Path(folder))
        return from_file(path, manifest)


def check_pickles(manifest: versions.Manifest) -> None:
    """Raise UserError where the environment refuses model files, which run code when loaded."""
    choices = ("allow", "refuse")
    setting = os.environ.get(PICKLES, "allow")
    if setting not in choices:
        raise UserError(f"{PICKLES}: {setting!r} is not allowed; allowed: {', '.join(choices)}")
    if setting == "refuse":
        compilation = manifest.get("compiled") or {}
        raise UserError(
            f"version {manifest.get('version')} of model {manifest.get('model')!r} has only a "
            f"pickle to be served by, and {PICKLES} is 'refuse'; it is not loaded "
            f"({compilation.get('reason', 'it has no compiled predictor that works here')})"
        )


def from_file(path: Path, manifest: versions.Manifest) -> Predictor:
    """The predictor of a model file whose digest has been checked."""
    import joblib

    return _predictor(joblib.load(path), manifest)


def from_compiled(path: Path, manifest: versions.Manifest) -> Predictor:
    """The predictor of a compiled file whose digest has been checked; raises CompiledError."""
    return _predictor(compiled.load(path), manifest)


def _predictor(estimator: Any, manifest: versions.Manifest) -> Predictor:
    return Predictor(
        estimator=estimator,
        columns=[model_inputs.Column(**column) for column in manifest["inputs"]],
        task=manifest["task"],
        version=manifest.get("version"),
        example=(manifest.get("example") or {}).get("inputs"),
    )
