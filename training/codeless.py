"""The estimator in skops' format, which holds no code: loaded in place of its pickle.

A pickle runs what its writer wants when it is loaded. A skops file names types, of which those that
the caller does not trust are refused before anything is made
(https://skops.readthedocs.io/en/stable/persistence.html). A training writes one where skops is
installed, which it is on `local` and in none of the services' own images, and keeps it if it is of
trusted types alone and answers bit by bit as the estimator does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training import versions
from training.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

FILE = "model.skops"
LIBRARY = PART = "skops"
# Beside what skops trusts itself. It does not trust the trees of histogram boosting, whose indices
# scikit-learn follows without a look: here they are looked at first (`_check_trees`).
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)


def is_installed() -> bool:
    """True where such files can be written and loaded."""
    return find_spec(LIBRARY) is not None


def make(estimator: Any, rows: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """Write the estimator into `folder`; what the manifest says of it.

    `rows` are held-out inputs that both have to answer alike. Returns ``{"sha256", "libraries"}``,
    or ``{"reason"}`` where there is no such file.
    """
    if not is_installed():
        return {"reason": "skops was not installed where it was trained"}
    path = folder / FILE
    try:
        _dump(estimator, path)
        loaded = load(path)
    # Whatever an estimator of one's own does to be taken apart and put together.
    except (UserError, AttributeError, TypeError, ValueError) as error:
        path.unlink(missing_ok=True)
        return {"reason": f"it cannot be written without code: {str(error).splitlines()[0]}"}
    if not np.array_equal(_answers(estimator, rows), _answers(loaded, rows), equal_nan=True):
        path.unlink()
        return {"reason": "its file without code answers otherwise"}
    return {"sha256": versions.sha256(path), "libraries": {LIBRARY: version(LIBRARY)}}


def serves(manifest: Mapping[str, Any]) -> bool:
    """True if the version has such a file, and it can be loaded here."""
    return "sha256" in (manifest.get(PART) or {}) and is_installed()


def load(path: Path) -> Any:
    """The estimator; raises UserError, with nothing made, if a type of it is not trusted."""
    from skops.io import get_untrusted_types
    from skops.io import load as load_trusted

    types = get_untrusted_types(file=path)
    foreign = [name for name in types if name not in TRUSTED]
    if foreign:
        raise UserError(f"{path.name} is of types that are not trusted: {', '.join(foreign)}")
    loaded = load_trusted(path, trusted=types)
    _check_trees(loaded, path.name)
    return loaded


def _check_trees(estimator: Any, name: str) -> None:
    """Raise UserError if a tree leads out of its own arrays, or in a circle.

    A node's children come after it, as the grower numbers them; a feature is one of the
    estimator's (scikit-learn, ``_predict_one_from_raw_data`` in ``_predictor.pyx``).
    """
    for boosting in _boostings(estimator, set()):
        for tree in (tree for stage in boosting._predictors for tree in stage):
            nodes = tree.nodes
            inner = np.flatnonzero(nodes["is_leaf"] == 0)
            children = np.stack([nodes["left"][inner], nodes["right"][inner]]).astype(int)
            in_order = (children > inner).all() and (children < len(nodes)).all()
            features = nodes["feature_idx"][inner]
            in_range = ((features >= 0) & (features < boosting.n_features_in_)).all()
            if not (len(nodes) and in_order and in_range):
                raise UserError(f"{name} has a tree that leads out of itself; it is not loaded")
            categorical = inner[nodes["is_categorical"][inner] != 0]
            if not (nodes["bitset_idx"][categorical] < len(tree.raw_left_cat_bitsets)).all():
                raise UserError(
                    f"{name} has a tree with categories that it lacks; it is not loaded"
                )


def _boostings(value: Any, visited_ids: set[int]) -> Iterator[Any]:
    """Every estimator of histogram boosting that an object holds, itself among them."""
    # A server of a compiled version does without scikit-learn.
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if id(value) in visited_ids:
        return
    visited_ids.add(id(value))
    if isinstance(value, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)):
        yield value
    if isinstance(value, Mapping):
        parts = list(value.values())
    elif isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        parts = list(getattr(value, "__dict__", {}).values())
    for part in parts:
        yield from _boostings(part, visited_ids)


def _dump(estimator: Any, path: Path) -> None:
    from zipfile import ZIP_DEFLATED

    from skops.io import dump

    dump(estimator, path, compression=ZIP_DEFLATED)


def _answers(estimator: Any, rows: pd.DataFrame) -> np.ndarray:
    predict = getattr(estimator, "predict_proba", estimator.predict)
    return np.asarray(predict(rows))
