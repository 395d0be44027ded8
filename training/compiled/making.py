"""The compiled predictor of a training: made, held against the estimator, and kept or not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from training import versions
from training.compiled import FILE, LIBRARY, Compiled, CompiledError, agreement, graph
from training.compiled.trees import NotCompilableError
from training.model_inputs import CATEGORICAL, Column


def make(
    estimator: Any,
    columns: Sequence[Column],
    task: str,
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    folder: Path,
) -> dict[str, Any]:
    """Write `FILE` into `folder` if it answers as the estimator does.

    Return what a manifest says of it: digest, libraries, how many rows were compared and the
    largest difference; or the reason why there is none. An estimator without a compiled form
    serves by itself, so nothing is raised for one.
    """
    texts = {
        column.name: {text for text in train[column.name].dropna().unique().tolist()}
        for column in columns
        if column.kind == CATEGORICAL
    }
    path = folder / FILE
    try:
        content, thresholds = graph.build(estimator, columns, task, texts)
        compiled = Compiled(content)
        comparison = agreement.compare(estimator, compiled, columns, holdout, thresholds)
    except (NotCompilableError, CompiledError) as error:
        return {"reason": str(error)}
    except ImportError as error:
        return {"reason": f"{error.name} is not installed"}
    except Exception as error:  # scikit-learn's insides differ between its versions
        return {"reason": f"{type(error).__name__}: {error}"}
    if comparison.reason:
        return {"reason": comparison.reason, "compared_rows": comparison.rows}
    path.write_bytes(content)
    return {
        "sha256": versions.sha256(path),
        "compared_rows": comparison.rows,
        "difference": comparison.difference,
        "libraries": {name: metadata.version(name) for name in (LIBRARY, "onnx")},
    }
