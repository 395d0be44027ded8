"""The graph of a fitted estimator: what `training.compiled` loads.

Categorical columns are tabulated: the fitted encoder itself is asked for every category it
knows, an unknown and a missing one, so that nothing of its rules is repeated here. Scalers,
imputers, linear models and trees are written out. An estimator or a setting that is not listed here
raises NotCompilableError; whether the graph is right is decided by `training.compiled.agreement`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from training.compiled import FORMAT, INPUTS, KEY, RAW, REFUSED, trees
from training.compiled.trees import NotCompilableError, Tree
from training.model_inputs import CATEGORICAL, Column
from training.predictor import estimator_frame

# Operator sets that have all that is used here, and the file format that goes with them.
OPSETS = {"": 18, "ai.onnx.ml": 5}
IR_VERSION = 9
# Longer lists of texts make the file larger than the estimator.
MAX_TEXTS = 100_000


def build(
    estimator: Any, columns: Sequence[Column], task: str, texts: dict[str, set[str]]
) -> tuple[bytes, dict[str, np.ndarray]]:
    """The ONNX file of a fitted `estimator`, and its trees' thresholds by numeric column.

    `texts` are the known ones, by categorical column. Raises NotCompilableError.
    """
    graph = _Graph(columns, dict(texts))
    with warnings.catch_warnings():
        # Encoders warn of the unknown category that they are asked for.
        warnings.simplefilter("ignore")
        steps = _steps(estimator)
        features = _Columns(list(range(len(columns))))
        for step in steps[:-1]:
            features = _transformed(graph, step, features)
        end = _end(graph, steps[-1], _numbers(graph, features), task)
    return graph.serialized(task, end), graph.thresholds


@dataclass(frozen=True)
class _Columns:
    """Input columns as they come, by their place."""

    places: list[int]


@dataclass(frozen=True)
class _Numbers:
    """A tensor of the graph, of shape (rows, width), float64.

    `places` has the input column that each feature is the unchanged value of, or None.
    """

    name: str
    width: int
    places: tuple[int | None, ...] = ()

    def sources(self) -> tuple[int | None, ...]:
        """The input column of each feature, or None."""
        return self.places or (None,) * self.width


@dataclass(frozen=True)
class _End:
    """The end of a graph: how sums become answers, and the classes of a classification."""

    link: str
    classes: np.ndarray | None
    scale: float = 1.0


@dataclass
class _Graph:
    """Nodes and constants of the graph, and what is known of its input columns."""

    columns: Sequence[Column]
    texts: dict[str, set[str]]
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    refuses: dict[int, set[str]] = field(default_factory=dict)
    lists: dict[int, list[str]] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)
    thresholds: dict[str, np.ndarray] = field(default_factory=dict)

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        from onnx import helper

        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, values: Any, dtype: Any = np.float64) -> str:
        """Add a constant; return its name."""
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        array = np.asarray(values, dtype=dtype, order="C")
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def gather(self, source: str, places: Sequence[int]) -> str:
        """The columns `places` of a tensor."""
        return self.node("Gather", source, self.constant(places, np.int64), axis=1)

    def coded_texts(self, index: int) -> list[str]:
        """The texts of a categorical column that have a code, in the order of their codes."""
        name = self.columns[index].name
        if index not in self.lists:
            self.lists[index] = sorted(self.texts.get(name, ()))
            if len(self.lists[index]) > MAX_TEXTS:
                raise NotCompilableError(f"column {name!r} has more than {MAX_TEXTS} categories")
        return self.lists[index]

    def refuse(self, index: int, reason: str) -> None:
        """Mark a kind of value that the estimator raises for."""
        self.refuses.setdefault(index, set()).add(reason)

    def serialized(self, task: str, end: _End) -> bytes:
        """The file."""
        import onnx
        from onnx import TensorProto, helper

        about = {
            "format": FORMAT,
            "task": task,
            "link": end.link,
            "scale": end.scale,
            "columns": [self._about(index) for index in range(len(self.columns))],
        }
        if end.classes is not None:
            about["classes"] = _labels(end.classes)
        wide = helper.make_tensor_value_info(
            INPUTS, TensorProto.DOUBLE, ["rows", len(self.columns)]
        )
        graph = helper.make_graph(self.nodes, KEY, [wide], self.outputs, self.constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        helper.set_model_props(model, {KEY: json.dumps(about)})
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def _about(self, index: int) -> dict[str, Any]:
        column = self.columns[index]
        about = {
            "name": column.name,
            "kind": column.kind,
            "refuses": sorted(self.refuses.get(index, ())),
        }
        return about | ({"texts": self.coded_texts(index)} if column.kind == CATEGORICAL else {})


def _labels(classes: np.ndarray) -> dict[str, Any]:
    if classes.dtype.kind not in "biufUO" or not all(
        isinstance(label, (str, bool, int, float)) for label in classes.tolist()
    ):
        raise NotCompilableError(f"its classes are {classes.dtype}: neither numbers nor text")
    return {"dtype": classes.dtype.str, "values": classes.tolist()}


def _steps(estimator: Any) -> list[Any]:
    """The steps of a pipeline, pipelines in it opened; one step for all else."""
    from sklearn.pipeline import Pipeline

    if type(estimator) is not Pipeline:
        return [estimator]
    steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
    return [inner for step in steps for inner in _steps(step)]


def _name(part: Any) -> str:
    return type(part).__name__


# Transformers


def _transformed(graph: _Graph, step: Any, features: _Columns | _Numbers) -> _Columns | _Numbers:
    """The output of a transformer, or of a pipeline of them."""
    from sklearn.compose import ColumnTransformer

    if type(step) is ColumnTransformer:
        if not isinstance(features, _Columns):
            raise NotCompilableError("a ColumnTransformer takes the columns of another step")
        return _joined(graph, step, features)
    if isinstance(features, _Columns) and _has_texts(graph, features):
        return _tabulated(graph, step, features)
    numbers = _numbers(graph, features)
    for part in _steps(step):
        change = _CHANGES.get(_name(part))
        if change is None or not type(part).__module__.startswith("sklearn."):
            raise NotCompilableError(f"no compiled form of {_name(part)}")
        if isinstance(features, _Columns):
            _probe(graph, part, features)
            features = numbers
        numbers = change(graph, part, numbers)
    return numbers


def _has_texts(graph: _Graph, features: _Columns) -> bool:
    return any(graph.columns[index].kind == CATEGORICAL for index in features.places)


def _numbers(graph: _Graph, features: _Columns | _Numbers) -> _Numbers:
    if isinstance(features, _Numbers):
        return features
    for index in features.places:
        if graph.columns[index].kind == CATEGORICAL:
            name = graph.columns[index].name
            raise NotCompilableError(f"the categorical column {name!r} is not encoded")
    name = graph.gather(INPUTS, features.places)
    return _Numbers(name, len(features.places), tuple(features.places))


def _joined(graph: _Graph, joiner: Any, features: _Columns) -> _Numbers:
    """The blocks of a ColumnTransformer side by side."""
    if joiner.transformer_weights:
        raise NotCompilableError("a ColumnTransformer with transformer_weights")
    blocks = []
    for _, step, selection in joiner.transformers_:
        places = [features.places[index] for index in _places(graph, features, selection)]
        if not places or (isinstance(step, str) and step == "drop"):
            continue
        block: _Columns | _Numbers = _Columns(places)
        is_passed = isinstance(step, str) or _name(step) == "FunctionTransformer"
        if is_passed and getattr(step, "func", None) is not None:
            raise NotCompilableError("a FunctionTransformer with a function")
        if not is_passed:
            block = _transformed(graph, step, block)
        blocks.append(_numbers(graph, block))
    if not blocks:
        raise NotCompilableError("a ColumnTransformer that drops every column")
    return _beside(graph, blocks)


def _places(graph: _Graph, features: _Columns, selection: Any) -> list[int]:
    """The columns of a block, by their place in the ColumnTransformer's input."""
    names = [graph.columns[index].name for index in features.places]
    if isinstance(selection, str):
        selection = [selection]
    if isinstance(selection, slice):
        if isinstance(selection.start, str) or isinstance(selection.stop, str):
            raise NotCompilableError("a ColumnTransformer whose columns are a range of names")
        return list(range(len(names)))[selection]
    selected = np.asarray(selection)
    if selected.dtype == bool:
        return np.flatnonzero(selected).tolist()
    if selected.dtype.kind in "iu":
        return [int(index) % len(names) for index in selected.ravel()]
    return [names.index(name) for name in selected.tolist()]


def _beside(graph: _Graph, blocks: list[_Numbers]) -> _Numbers:
    if len(blocks) == 1:
        return blocks[0]
    name = graph.node("Concat", *(block.name for block in blocks), axis=1)
    sources = tuple(index for block in blocks for index in block.sources())
    return _Numbers(name, len(sources), sources)


# Encoders, which answer column by column, and by the text alone.
_ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder", "SimpleImputer")
_BASE = 0


def _tabulated(graph: _Graph, step: Any, features: _Columns) -> _Numbers:
    """The encoder's own answers for every text of its columns, looked up by code."""
    parts = _steps(step)
    for part in parts:
        if _name(part) not in _ENCODERS or not type(part).__module__.startswith("sklearn."):
            raise NotCompilableError(f"no compiled form of {_name(part)} for categorical columns")
    for index in features.places:
        if graph.columns[index].kind != CATEGORICAL:
            name = graph.columns[index].name
            raise NotCompilableError(f"{_name(step)} encodes the numeric column {name!r}")
    _learn_texts(graph, parts[0], features)
    ask = _asking(graph, step, features)
    values: dict[int, list[str | None]] = {}
    for index in features.places:
        texts = graph.coded_texts(index)
        unknown = "unknown"
        while unknown in texts:
            unknown += "_"
        values[index] = [*texts, unknown, None]
    base = [values[index][_BASE] for index in features.places]
    start = ask([base])
    if start is None:
        raise NotCompilableError(f"{_name(step)} refuses the categories it was fitted on")
    blocks, order = [], []
    for number, index in enumerate(features.places):
        rows = [[*base[:number], text, *base[number + 1 :]] for text in values[index]]
        table = np.tile(start, (len(rows), 1))
        answers = ask(rows)
        if answers is not None:
            table = answers
        else:
            table[:-2] = _require_table(ask(rows[:-2]), step)
            for at, reason in ((-2, "unknown"), (-1, "missing")):
                answer = ask([rows[at]])
                if answer is None:
                    graph.refuse(index, reason)
                else:
                    table[at] = answer[0]
        # NaN of a missing category is a value like any other.
        varies = ~np.all((table == start) | (np.isnan(table) & np.isnan(start)), axis=0)
        outputs = np.flatnonzero(varies)
        if set(outputs) & set(order):
            raise NotCompilableError(f"{_name(step)} mixes its columns")
        order += outputs.tolist()
        if len(outputs):
            blocks.append(_looked_up(graph, index, table[:, outputs]))
    constant = [output for output in range(start.shape[1]) if output not in set(order)]
    if constant:
        # The same in every row: a table whose rows are all alike.
        first = features.places[0]
        uniform_table = np.tile(start[0, constant], (len(values[first]), 1))
        blocks.append(_looked_up(graph, first, uniform_table))
        order += constant
    joined = _beside(graph, blocks)
    back = np.argsort(order)
    if (back == np.arange(len(order))).all():
        return joined
    return _Numbers(graph.gather(joined.name, back.tolist()), joined.width)


def _require_table(table: np.ndarray | None, step: Any) -> np.ndarray:
    if table is None:
        raise NotCompilableError(f"{_name(step)} refuses the categories it was fitted on")
    return table


def _learn_texts(graph: _Graph, encoder: Any, features: _Columns) -> None:
    """Take in the categories that an encoder was told of beside those of the data."""
    for index, categories in zip(
        features.places, getattr(encoder, "categories_", [()] * len(features.places)), strict=True
    ):
        texts = {text for text in categories if isinstance(text, str)}
        name = graph.columns[index].name
        if not texts <= graph.texts.get(name, set()):
            if index in graph.lists:
                raise NotCompilableError(f"two encoders of column {name!r} know different texts")
            graph.texts[name] = graph.texts.get(name, set()) | texts


def _asking(
    graph: _Graph, step: Any, features: _Columns
) -> Callable[[list[list[str | None]]], np.ndarray | None]:
    names = [graph.columns[index].name for index in features.places]

    def ask(rows: list[list[str | None]]) -> np.ndarray | None:
        frame = estimator_frame(dict(zip(names, zip(*rows, strict=True), strict=True)), names)
        try:
            encoded = step.transform(frame)
        except ValueError:  # scikit-learn's word for values it does not take
            return None
        dense = encoded.toarray() if hasattr(encoded, "toarray") else np.asarray(encoded)
        return dense.astype(np.float64)

    return ask


def _looked_up(graph: _Graph, index: int, table: np.ndarray) -> _Numbers:
    code = graph.node("Gather", INPUTS, graph.constant(index, np.int64), axis=1)
    whole = graph.node("Cast", code, to=7)  # TensorProto.INT64
    return _Numbers(graph.node("Gather", graph.constant(table), whole, axis=0), table.shape[1])


def _probe(graph: _Graph, step: Any, features: _Columns) -> None:
    """Find out what kinds of numbers a transformer of input columns refuses."""
    names = [graph.columns[index].name for index in features.places]
    frame = pd.DataFrame(np.zeros((1, len(names))), columns=names)
    for value, reason in ((np.nan, "missing"), (np.inf, "infinite")):
        for index, name in zip(features.places, names, strict=True):
            try:
                step.transform(frame.assign(**{name: value}))
            except ValueError:
                graph.refuse(index, reason)


def _imputed(graph: _Graph, step: Any, features: _Numbers) -> _Numbers:
    missing = step.missing_values
    if step.add_indicator or not (isinstance(missing, float) and np.isnan(missing)):
        raise NotCompilableError("a SimpleImputer with add_indicator or missing_values")
    filled = np.asarray(step.statistics_, dtype=np.float64)
    if np.isnan(filled).any():
        raise NotCompilableError("a SimpleImputer of a column without any value")
    empty = graph.node("IsNaN", features.name)
    return _Numbers(
        graph.node("Where", empty, graph.constant(filled), features.name), features.width
    )


def _scaled(graph: _Graph, step: Any, features: _Numbers) -> _Numbers:
    name = features.name
    center = getattr(step, "center_", getattr(step, "mean_", None))
    if center is not None and getattr(step, "with_mean", True):
        name = graph.node("Sub", name, graph.constant(center))
    if step.scale_ is not None:
        name = graph.node("Div", name, graph.constant(step.scale_))
    return _Numbers(name, features.width)


def _ranged(graph: _Graph, step: Any, features: _Numbers) -> _Numbers:
    if step.clip:
        raise NotCompilableError("a MinMaxScaler with clip")
    name = graph.node("Mul", features.name, graph.constant(step.scale_))
    return _Numbers(graph.node("Add", name, graph.constant(step.min_)), features.width)


_CHANGES: dict[str, Callable[[_Graph, Any, _Numbers], _Numbers]] = {
    "SimpleImputer": _imputed,
    "StandardScaler": _scaled,
    "RobustScaler": _scaled,
    "MaxAbsScaler": _scaled,
    "MinMaxScaler": _ranged,
}


# Estimators

_HISTOGRAM = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
_BOOSTED = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_FORESTS = (
    "RandomForestClassifier",
    "RandomForestRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
)
_TREES = (
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
)
_LINEAR_REGRESSORS = (
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
    "TheilSenRegressor",
)
_LINEAR_EXPONENTIAL = ("GammaRegressor", "PoissonRegressor")
_LOGISTIC = ("LogisticRegression", "LogisticRegressionCV")
_LOSS_LINKS = {
    "IdentityLink": "identity",
    "LogLink": "exp",
    "LogitLink": "logistic",
    "HalfLogitLink": "half_logistic",
    "MultinomialLogit": "softmax",
}


def _end(graph: _Graph, estimator: Any, features: _Numbers, task: str) -> _End:
    """Add the estimator's nodes and the outputs."""
    name = _name(estimator)
    if not type(estimator).__module__.startswith("sklearn."):
        raise NotCompilableError(f"no compiled form of {name}")
    classes = getattr(estimator, "classes_", None) if task == "classification" else None
    if classes is not None and len(classes) < 2:
        raise NotCompilableError("it knows one class only")
    if name in _HISTOGRAM:
        ensemble, link, single = trees.histogram_trees(estimator), _loss_link(estimator), False
        scale = 1.0
    elif name in _BOOSTED:
        ensemble, link, single = _boosted(estimator, features), _loss_link(estimator), True
        scale = 1.0
    elif name in _FORESTS:
        outputs = 1 if classes is None else len(classes)
        ensemble = [
            trees.plain_tree(tree, column, column)
            for tree in estimator.estimators_
            for column in range(outputs)
        ]
        link, single, scale = "identity", True, float(len(estimator.estimators_))
    elif name in _TREES:
        outputs = 1 if classes is None else len(classes)
        ensemble = [trees.plain_tree(estimator, column, column) for column in range(outputs)]
        link, single, scale = "identity", True, 1.0
    else:
        return _linear(graph, estimator, features, classes)
    source = features.name
    if single:
        # These estimators compare float32 values with their float64 thresholds
        # (sklearn/tree/_classes.py, _validate_X_predict).
        source = graph.node("Cast", graph.node("Cast", source, to=1), to=11)  # FLOAT, then DOUBLE
    _check_features(graph, estimator, source, features.width)
    outputs = 1 + max(tree.target for tree in ensemble)
    for feature, index in enumerate(features.sources()):
        if index is not None:
            edges = [tree.threshold[~tree.leaf & (tree.feature == feature)] for tree in ensemble]
            graph.thresholds[graph.columns[index].name] = np.unique(np.concatenate(edges))
    graph.nodes.append(trees.node(ensemble, outputs, source, RAW))
    _finish(graph, outputs)
    return _End(link, classes, scale)


def _boosted(estimator: Any, features: _Numbers) -> list[Tree]:
    if estimator.init is not None and estimator.init != "zero":
        raise NotCompilableError(f"{_name(estimator)} with an estimator of its own as init")
    start = estimator._raw_predict_init(np.zeros((1, features.width), dtype=np.float32))[0]
    ensemble = [Tree.constant(target, value) for target, value in enumerate(start)]
    for stage in estimator.estimators_:
        for target, tree in enumerate(stage):
            ensemble.append(trees.plain_tree(tree, 0, target, estimator.learning_rate))
    return ensemble


def _loss_link(estimator: Any) -> str:
    link = type(estimator._loss.link).__name__
    if link not in _LOSS_LINKS:
        raise NotCompilableError(f"{_name(estimator)} with the link {link}")
    return _LOSS_LINKS[link]


def _linear(graph: _Graph, estimator: Any, features: _Numbers, classes: np.ndarray | None) -> _End:
    name = _name(estimator)
    if name in _LOGISTIC and classes is not None:
        is_one_against_rest = getattr(estimator, "solver", "") == "liblinear"
        multiclass_link = "one_against_rest" if is_one_against_rest else "softmax"
        link = "logistic" if len(classes) == 2 else multiclass_link
    elif name in _LINEAR_REGRESSORS and classes is None:
        link = "identity"
    elif name in _LINEAR_EXPONENTIAL and classes is None:
        link = "exp"
    else:
        raise NotCompilableError(f"no compiled form of {name}")
    weights = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64)).T
    _check_features(graph, estimator, features.name, features.width)
    product = graph.node("MatMul", features.name, graph.constant(weights))
    from onnx import helper

    intercept = graph.constant(np.atleast_1d(estimator.intercept_))
    graph.nodes.append(helper.make_node("Add", [product, intercept], [RAW]))
    _finish(graph, weights.shape[1])
    return _End(link, classes)


def _check_features(graph: _Graph, estimator: Any, features: str, width: int) -> None:
    """Add the output that marks rows which the estimator raises for."""
    marks = []
    for value, operator in ((np.nan, "IsNaN"), (np.inf, "IsInf")):
        row = np.zeros((1, width))
        row[0, 0] = value
        try:
            estimator.predict(row)
        except ValueError:
            marks.append(graph.node(operator, features))
    if not marks:
        return
    mark = marks[0] if len(marks) == 1 else graph.node("Or", *marks)
    number = graph.node("Cast", mark, to=11)  # DOUBLE
    most = graph.node("ReduceMax", number, graph.constant([1], np.int64), keepdims=0)
    from onnx import TensorProto, helper

    graph.nodes.append(helper.make_node("Cast", [most], [REFUSED], to=TensorProto.BOOL))


def _finish(graph: _Graph, outputs: int) -> None:
    from onnx import TensorProto, helper

    graph.outputs.append(helper.make_tensor_value_info(RAW, TensorProto.DOUBLE, ["rows", outputs]))
    if any(REFUSED in node.output for node in graph.nodes):
        refused = helper.make_tensor_value_info(REFUSED, TensorProto.BOOL, ["rows"])
        graph.outputs.append(refused)
