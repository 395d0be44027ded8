"""The compiled predictor answers as the estimator does, on rows that are made hard."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeRegressor

from training import compiled
from training.compiled import Compiled, agreement, graph, making
from training.model_inputs import Column
from training.models import default
from training.predictor import Predictor, estimator_frame

NUMERIC, TEXTS = ["a", "b", "c"], ["k", "l"]
COLUMNS = [
    Column("a", "numeric"),
    Column("b", "numeric"),
    Column("c", "boolean"),
    Column("k", "categorical"),
    Column("l", "categorical"),
]
ROWS = 600


def table() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "a": draw.normal(size=ROWS),
            "b": draw.normal(size=ROWS),
            "c": (draw.random(ROWS) < 0.5).astype(float),
            "k": draw.choice(np.array(["x", "y", "z", ""], dtype=object), ROWS),
            "l": draw.choice(np.array(["p", "q"], dtype=object), ROWS),
        }
    )
    frame.loc[::7, "a"] = np.nan
    frame.loc[::11, "k"] = None
    return estimator_frame(frame, TEXTS)


FRAME = table()
SIGNAL = FRAME.b + (FRAME.k == "x") + np.random.default_rng(8).normal(size=ROWS) / 2
TWO = np.where(SIGNAL > 0, "late", "ok")
THREE = np.where(SIGNAL > 1, 2, np.where(SIGNAL > -0.5, 1, 0))


def scaled(**kwargs: Any) -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(), StandardScaler()), NUMERIC),
            ("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS),
        ],
        **kwargs,
    )


def refusing_transformer() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("texts", OrdinalEncoder(), ["l", "k"]),
            ("numeric", "passthrough", NUMERIC[::-1]),
        ]
    )


MODELS: dict[str, tuple[Any, Any, str]] = {
    "default": (default.estimator(NUMERIC, TEXTS, "classification"), TWO, "classification"),
    "three classes": (
        make_pipeline(default.encoded(NUMERIC, TEXTS), HistGradientBoostingClassifier(max_iter=20)),
        THREE,
        "classification",
    ),
    "regression": (default.estimator(NUMERIC, TEXTS, "regression"), SIGNAL, "regression"),
    "counts": (
        make_pipeline(
            default.encoded(NUMERIC, TEXTS),
            HistGradientBoostingRegressor(loss="poisson", max_iter=20),
        ),
        np.abs(SIGNAL),
        "regression",
    ),
    "refusing": (
        make_pipeline(refusing_transformer(), HistGradientBoostingClassifier(max_iter=10)),
        TWO,
        "classification",
    ),
    "logistic": (make_pipeline(scaled(), LogisticRegression()), TWO, "classification"),
    "softmax": (make_pipeline(scaled(), LogisticRegression()), THREE, "classification"),
    "linear": (make_pipeline(scaled(), LinearRegression()), SIGNAL, "regression"),
    "forest": (
        make_pipeline(scaled(), RandomForestClassifier(15, max_depth=6, random_state=0)),
        TWO,
        "classification",
    ),
    "boosted": (
        make_pipeline(scaled(), GradientBoostingClassifier(n_estimators=15, random_state=0)),
        THREE,
        "classification",
    ),
    "tree": (
        make_pipeline(default.encoded(NUMERIC, TEXTS), DecisionTreeRegressor(random_state=0)),
        SIGNAL,
        "regression",
    ),
    "targets": (
        make_pipeline(
            ColumnTransformer([("texts", TargetEncoder(), TEXTS)], remainder="passthrough"),
            HistGradientBoostingClassifier(max_iter=10),
        ),
        TWO,
        "classification",
    ),
}


@cache
def estimator_and_compiled(name: str) -> tuple[Any, Compiled, np.ndarray]:
    """A fitted estimator, its compiled predictor, and its thresholds."""
    estimator, target, task = MODELS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(FRAME, target)
    texts = {text: set(FRAME[text].dropna()) for text in TEXTS}
    content, thresholds = graph.build(estimator, COLUMNS, task, texts)
    edges = np.concatenate([np.empty(0), *thresholds.values()])
    return estimator, Compiled(content), edges


@st.composite
def rows(draw: Any, edges: np.ndarray) -> pd.DataFrame:
    """Rows of whatever numbers and texts there are, and of thresholds with their neighbours."""
    number = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-3, 3)
    number |= st.sampled_from([0.0, -0.0, 3.4028235e38, 3.4028236e38, 1e308, 5e-324])
    if len(edges):
        edge = st.sampled_from(edges.tolist())
        number |= edge | edge.map(lambda e: float(np.nextafter(e, np.inf)))
        number |= edge.map(lambda e: float(np.nextafter(e, -np.inf)))
    text = st.none() | st.sampled_from(["x", "y", "z", "", "p", "q", "nan", "None"]) | st.text()
    row = st.fixed_dictionaries(
        {**dict.fromkeys(NUMERIC, number), **dict.fromkeys(TEXTS, text.filter(_is_text))}
    )
    frame = pd.DataFrame(draw(st.lists(row, min_size=1, max_size=8)))
    frame[NUMERIC] = frame[NUMERIC].astype(float)
    return estimator_frame(frame, TEXTS)


def _is_text(value: str | None) -> bool:
    # Lone surrogates are no text: a request with them is refused before the model sees it.
    return value is None or value.encode(errors="ignore").decode() == value


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_estimator_and_compiled_predictor_agree(name: str, data: Any) -> None:
    estimator, compiled_predictor, edges = estimator_and_compiled(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        comparison = agreement.compare_rows(estimator, compiled_predictor, data.draw(rows(edges)))
    assert comparison.reason == ""


# Models whose scores are exponentials of sums.
EXPONENTIAL = ("default", "three classes")


@pytest.mark.parametrize("name", ["default", "three classes", "regression", "forest", "tree"])
def test_trees_agree_to_the_last_bits(name: str) -> None:
    """Sums agree to the last bit. Their exponentials are the C library's in scikit-learn, and here
    NumPy's own, which on processors with AVX512F differ in the last bit
    (numpy/_core/src/umath/loops_exponent_log.dispatch.c.src).
    """
    estimator, compiled_predictor, _ = estimator_and_compiled(name)
    task = MODELS[name][2]
    answers = Predictor(compiled_predictor, COLUMNS, task).predict(FRAME)
    references = Predictor(estimator, COLUMNS, task).predict(FRAME)
    for mine, other in zip(answers, references, strict=True):
        if mine.dtype.kind == "f" and name in EXPONENTIAL:
            np.testing.assert_array_max_ulp(mine, other, maxulp=4)
        else:
            np.testing.assert_array_equal(mine, other)


def test_arrays_and_frames_give_the_same() -> None:
    _, compiled_predictor, _ = estimator_and_compiled("default")
    arrays = {name: FRAME[name].to_numpy() for name in FRAME}
    np.testing.assert_array_equal(
        compiled_predictor.predict_proba(arrays), compiled_predictor.predict_proba(FRAME)
    )


def test_a_missing_category_alone_is_the_missing_one_of_the_training() -> None:
    estimator, compiled_predictor, _ = estimator_and_compiled("default")
    alone = {name: FRAME[name].to_numpy(dtype=object)[:1] for name in FRAME}
    assert alone["k"][0] is not None and np.isnan(alone["k"][0])
    alone["k"] = np.array([None], dtype=object)
    expected = estimator.predict_proba(FRAME.iloc[:1])[0, 1]
    for model in (estimator, compiled_predictor):
        assert Predictor(model, COLUMNS, "classification").predict(alone)[1][0] == expected


def make(estimator: Any, folder: Path) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(FRAME, TWO)
        return making.make(estimator, COLUMNS, "classification", FRAME, FRAME[:200], folder)


def test_what_was_compared_is_told(tmp_path: Path) -> None:
    about = make(default.estimator(NUMERIC, TEXTS, "classification"), tmp_path)
    assert about["difference"] <= 1e-15
    assert about["compared_rows"] > 2_000
    assert about["libraries"]["onnxruntime"] == compiled.installed()
    assert compiled.load(tmp_path / compiled.FILE).classes_.tolist() == ["late", "ok"]


def test_what_has_no_compiled_form_is_named(tmp_path: Path) -> None:
    about = make(make_pipeline(scaled(), KNeighborsClassifier()), tmp_path)
    assert about == {"reason": "no compiled form of KNeighborsClassifier"}
    assert not list(tmp_path.iterdir())


class Shifted:
    """A compiled predictor that is wrong at one place."""

    def __init__(self, right: Compiled, wrong: Any) -> None:
        self.classes_ = right.classes_
        self._right, self._wrong = right, wrong

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        shares = self._right.predict_proba(frame)
        shares[self._wrong(frame).to_numpy(dtype=bool)] += [1e-5, -1e-5]
        return shares


@pytest.mark.parametrize(
    "wrong",
    [
        lambda frame: frame.b == 1e308,
        lambda frame: frame.k == "never seen in training",
        lambda frame: frame.k.isna() & frame.b.isna(),
        lambda frame: frame.b == FRAME.b[3],
    ],
)
def test_a_wrong_answer_is_seen(wrong: Any) -> None:
    estimator, compiled_predictor, _ = estimator_and_compiled("default")
    comparison = agreement.compare(estimator, Shifted(compiled_predictor, wrong), COLUMNS, FRAME)  # type: ignore
    assert "is 1e-05 off for the row" in comparison.reason


def test_single_precision_thresholds_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    estimator, _, _ = estimator_and_compiled("default")
    build = graph.trees.histogram_trees

    def rounded(fitted: Any) -> Any:
        return [
            graph.Tree(**{**vars(tree), "threshold": tree.threshold.astype(np.float32)})
            for tree in build(fitted)
        ]

    texts = {text: set(FRAME[text].dropna()) for text in TEXTS}
    _, thresholds = graph.build(estimator, COLUMNS, "classification", texts)
    monkeypatch.setattr(graph.trees, "histogram_trees", rounded)
    content, _ = graph.build(estimator, COLUMNS, "classification", texts)
    comparison = agreement.compare(estimator, Compiled(content), COLUMNS, FRAME, thresholds)
    assert "off for the row" in comparison.reason or "another label" in comparison.reason
