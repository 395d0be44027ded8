"""The compiled predictor: a fitted estimator as an ONNX graph, for serving.

A file that holds numbers and no code: it loads without scikit-learn, and so under any version of
it, and answers one row in microseconds. A training makes it of the fitted estimator
(`training.compiled.graph`), and keeps it only if it answers as the estimator does
(`training.compiled.agreement`). This module loads one and predicts; it needs NumPy and ONNX
Runtime, no pandas.

Format: an ONNX model with one input ``inputs`` of shape (rows, columns), float64, and the output
``raw`` of shape (rows, outputs), float64. A categorical column is given as a code: its place in the
column's list of texts, the list's length for a text that is not in it, and one more for a missing
one. The lists, the task and how ``raw`` becomes an answer stand in the model's metadata
(`KEY`, JSON). An optional output ``refused`` (rows, boolean) marks rows that the model does not
take.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import UserError

FILE = "compiled.onnx"
KEY = "mlops"
FORMAT = 1
INPUTS, RAW, REFUSED = "inputs", "raw", "refused"
CATEGORICAL = "categorical"
# The runtime whose versions are written into a manifest.
LIBRARY = "onnxruntime"
# Rows that a processor scores in a few milliseconds: fewer are not worth the way to another one.
SHARE_ROWS = 1_000


class CompiledError(UserError):
    """A compiled predictor that cannot be loaded here; the estimator may still be."""


class Compiled:
    """A compiled predictor, with the methods of a scikit-learn estimator.

    `columns` of its methods is a data frame or a mapping of names to arrays of shape (rows,), as
    `training.model_inputs.model_frame` types them: float64, or text and None. Safe to call from
    several threads.
    """

    def __init__(self, content: bytes, threads: int = 1) -> None:
        """Load the graph out of `content`; raises CompiledError if that is not possible."""
        self._session = _session(content, threads)
        about = json.loads(self._session.get_modelmeta().custom_metadata_map.get(KEY, "{}"))
        if about.get("format") != FORMAT:
            raise CompiledError(
                f"the compiled predictor has the format {about.get('format')!r}; allowed: {FORMAT}"
            )
        self.task: str = about["task"]
        self._link = _LINKS[about["link"]]
        self._scale: float = about["scale"]
        self._columns = [
            _Column(number, **column) for number, column in enumerate(about["columns"])
        ]
        self._strict_columns = [column for column in self._columns if column.refuses]
        self._outputs = [output.name for output in self._session.get_outputs()]
        if self.task == "classification":
            labels = about["classes"]
            self.classes_ = np.array(labels["values"], dtype=np.dtype(labels["dtype"]))
        # scikit-learn before 1.6 asks for this, later versions for `__sklearn_tags__`.
        self._estimator_type = "regressor" if self.task == "regression" else "classifier"

    def __sklearn_tags__(self) -> Any:
        """The tags by which scikit-learn's scorers tell a classifier from a regressor."""
        from sklearn.base import BaseEstimator

        tags = BaseEstimator().__sklearn_tags__()
        tags.estimator_type = self._estimator_type
        return tags

    def predict(self, columns: Any) -> np.ndarray:
        """Labels, or values of a regression, of shape (rows,)."""
        if self.task == "regression":
            return self._answers(columns)[:, 0]
        return self.classes_[self._answers(columns).argmax(axis=1)]

    def predict_proba(self, columns: Any) -> np.ndarray:
        """The share of every class, of shape (rows, classes)."""
        return self._answers(columns)

    def _answers(self, columns: Any) -> np.ndarray:
        raw, *refused = self._run(self._matrix(columns))
        if refused and refused[0].any():
            raise ValueError(
                f"row {int(refused[0].argmax()) + 1} holds values that the model does not take: "
                "missing, infinite or too large"
            )
        return self._link(raw / self._scale if self._scale != 1 else raw)

    def _run(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The outputs for all rows; those of a large matrix are shared out to all processors.

        Within a row nothing is shared out: that would change the order in which trees are summed.
        """
        parts = min(_processors(), len(matrix) // SHARE_ROWS)
        if parts < 2:
            return self._session.run(self._outputs, {INPUTS: matrix})
        run = partial(self._session.run, self._outputs)
        shares = ({INPUTS: part} for part in np.array_split(matrix, parts))
        outputs = _helpers().map(run, shares)
        return [np.concatenate(output) for output in zip(*outputs, strict=True)]

    def _matrix(self, columns: Any) -> np.ndarray:
        count = len(columns[self._columns[0].name])
        matrix = np.empty((count, len(self._columns)))
        for column in self._columns:
            matrix[:, column.number] = column.numbers(columns[column.name])
        for column in self._strict_columns:
            column.check(matrix[:, column.number])
        return matrix


class _Column:
    """An input column: its place, its texts if it is categorical, and what it refuses."""

    def __init__(
        self, number: int, name: str, kind: str, refuses: list[str], texts: list[str] | None = None
    ) -> None:
        self.number = number
        self.name = name
        self.kind = kind
        self.refuses = refuses
        self._codes: dict[Any, int] = {text: code for code, text in enumerate(texts or [])}
        self._unknown = len(self._codes)
        self._missing = self._codes[None] = self._unknown + 1

    def numbers(self, values: Any) -> Any:
        """The column as the graph takes it, of shape (rows,)."""
        if self.kind != CATEGORICAL:
            return values
        get, unknown = self._codes.get, self._unknown
        codes = [get(value, unknown) for value in values]
        if unknown in codes:
            # pandas says NaN for None where it takes the column for text.
            pairs = zip(codes, values, strict=True)
            codes = [code if value == value else self._missing for code, value in pairs]
        return codes

    def check(self, numbers: np.ndarray) -> None:
        """Raise ValueError for a value that the estimator refuses."""
        for reason in self.refuses:
            if self.kind == CATEGORICAL:
                mask = numbers == (self._unknown if reason == "unknown" else self._missing)
            else:
                mask = np.isnan(numbers) if reason == "missing" else np.isinf(numbers)
            if mask.any():
                raise ValueError(
                    f"row {int(mask.argmax()) + 1} has a value of {self.name!r} that is {reason}"
                )


def load(path: Path, threads: int = 1) -> Compiled:
    """The compiled predictor in a file whose digest has been checked."""
    return Compiled(path.read_bytes(), threads)


def installed() -> str | None:
    """The version of ONNX Runtime; None where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version(LIBRARY)
    except metadata.PackageNotFoundError:
        return None


def serves(manifest: Mapping[str, Any]) -> bool:
    """True if a version is served here by its compiled predictor, under any scikit-learn."""
    return "sha256" in (manifest.get("compiled") or {}) and installed() is not None


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_processors(), "score")


@cache
def _processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _session(content: bytes, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise CompiledError(f"the compiled predictor needs ONNX Runtime: {error}") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A graph of a few nodes needs no arena, which never gives back what a large request took.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no other class
        reason = str(error).strip().split("\n")[0][:300]
        raise CompiledError(
            f"the compiled predictor cannot be loaded by ONNX Runtime {onnxruntime.__version__}: "
            f"{reason}"
        ) from error


def _identity(raw: np.ndarray) -> np.ndarray:
    return raw


def _logistic(raw: np.ndarray) -> np.ndarray:
    # Beyond it the power overflows; the answer is 0 to three hundred digits.
    return 1 / (1 + np.exp(np.minimum(-raw, _MOST_POWER)))


_MOST_POWER = 709.0


def _binary(raw: np.ndarray) -> np.ndarray:
    shares = np.empty((len(raw), 2))
    shares[:, 1] = _logistic(raw[:, 0])
    shares[:, 0] = 1 - shares[:, 1]
    return shares


def _half_binary(raw: np.ndarray) -> np.ndarray:
    return _binary(2 * raw)


def _softmax(raw: np.ndarray) -> np.ndarray:
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _one_against_rest(raw: np.ndarray) -> np.ndarray:
    shares = _logistic(raw)
    total = shares.sum(axis=1, keepdims=True)
    shares[total[:, 0] == 0] = 1
    return shares / shares.sum(axis=1, keepdims=True)


# How a model's sums become answers, as scikit-learn 1.9 does:
# sklearn/_loss/link.py, sklearn/_loss/loss.py (predict_proba), sklearn/linear_model/_base.py
# (_predict_proba_lr).
_LINKS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": _identity,
    "exp": np.exp,
    "logistic": _binary,
    "half_logistic": _half_binary,
    "softmax": _softmax,
    "one_against_rest": _one_against_rest,
}
LINKS: Iterable[str] = tuple(_LINKS)
