"""scikit-learn's fitted trees as one ONNX ``TreeEnsemble`` node, in double precision.

The operator is that of the ONNX-ML operator set 5
(https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html): unlike its predecessors it keeps
thresholds and sums as float64. Trees are summed in the order they are given in, and with one
thread one after the other, so that the sums are those of scikit-learn to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# `nodes_modes` of the operator: go to the true branch where the value is at most the threshold.
BRANCH_LEQ = 0
# Larger models load slower than they answer.
MAX_NODES = 2_000_000


class NotCompilableError(Exception):
    """An estimator, or a part of it, that has no compiled form; the message says which."""


@dataclass(frozen=True)
class Tree:
    """One tree whose leaves add to the output `target`.

    All arrays have the shape (nodes,); node 0 is the root. Of a leaf only `value` counts.
    """

    target: int
    leaf: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray

    @classmethod
    def constant(cls, target: int, value: float) -> Tree:
        """A tree of one leaf."""
        zero = np.zeros(1, dtype=np.int64)
        return cls(target, zero == 0, zero, zero, zero, zero, zero, np.array([value]))


@dataclass
class _Nodes:
    """The attributes of the operator, by node and by leaf."""

    roots: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    split: list[float] = field(default_factory=list)
    true_node: list[int] = field(default_factory=list)
    true_leaf: list[int] = field(default_factory=list)
    false_node: list[int] = field(default_factory=list)
    false_leaf: list[int] = field(default_factory=list)
    missing_true: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(self, tree: Tree) -> None:
        self.roots.append(len(self.feature))
        if tree.leaf[0]:
            # The operator has no tree without a node: one whose branches end in the same leaf.
            leaf = self._leaf(tree, 0)
            self._node(0, 0.0, 0)
            self.true_node[-1] = self.false_node[-1] = leaf
            self.true_leaf[-1] = self.false_leaf[-1] = 1
            return
        # Parents before their children, without recursion: trees may be deep.
        waiting: list[tuple[int, int, bool]] = [(0, -1, True)]
        while waiting:
            index, parent, is_true = waiting.pop()
            if tree.leaf[index]:
                number, leaf = self._leaf(tree, index), 1
            else:
                number, leaf = len(self.feature), 0
                self._node(
                    int(tree.feature[index]),
                    float(tree.threshold[index]),
                    int(tree.missing_left[index]),
                )
                waiting.append((int(tree.right[index]), number, False))
                waiting.append((int(tree.left[index]), number, True))
            if parent >= 0:
                nodes = self.true_node if is_true else self.false_node
                leaves = self.true_leaf if is_true else self.false_leaf
                nodes[parent], leaves[parent] = number, leaf

    def _node(self, feature: int, split: float, missing_true: int) -> None:
        self.feature.append(feature)
        self.split.append(split)
        self.missing_true.append(missing_true)
        for ends in (self.true_node, self.true_leaf, self.false_node, self.false_leaf):
            ends.append(0)

    def _leaf(self, tree: Tree, index: int) -> int:
        self.target.append(tree.target)
        self.weight.append(float(tree.value[index]))
        return len(self.weight) - 1


def node(trees: Iterable[Tree], outputs: int, source: str, result: str) -> Any:
    """The ONNX node that sums `trees` over the features `source` into `outputs` columns."""
    from onnx import TensorProto, helper

    nodes = _Nodes()
    for tree in trees:
        nodes.add(tree)
        if len(nodes.feature) > MAX_NODES:
            raise NotCompilableError(f"its trees have more than {MAX_NODES} nodes")

    def doubles(values: list[float]) -> Any:
        return helper.make_tensor("", TensorProto.DOUBLE, [len(values)], values)

    modes = [BRANCH_LEQ] * len(nodes.feature)
    return helper.make_node(
        "TreeEnsemble",
        [source],
        [result],
        domain="ai.onnx.ml",
        n_targets=outputs,
        aggregate_function=1,
        post_transform=0,
        tree_roots=nodes.roots,
        nodes_modes=helper.make_tensor("", TensorProto.UINT8, [len(modes)], modes),
        nodes_featureids=nodes.feature,
        nodes_splits=doubles(nodes.split),
        nodes_truenodeids=nodes.true_node,
        nodes_trueleafs=nodes.true_leaf,
        nodes_falsenodeids=nodes.false_node,
        nodes_falseleafs=nodes.false_leaf,
        nodes_missing_value_tracks_true=nodes.missing_true,
        leaf_targetids=nodes.target,
        leaf_weights=doubles(nodes.weight),
    )


def histogram_trees(estimator: Any) -> list[Tree]:
    """The trees of a HistGradientBoosting model, after its baseline.

    Layout: sklearn/ensemble/_hist_gradient_boosting/common.pyx (PREDICTOR_RECORD_DTYPE) and
    _predictor.pyx, of scikit-learn 1.9.
    """
    if getattr(estimator, "_preprocessor", None) is not None:
        raise NotCompilableError("its trees split by categories (categorical_features)")
    baseline = np.asarray(estimator._baseline_prediction).ravel()
    trees = [Tree.constant(target, value) for target, value in enumerate(baseline)]
    for stage in estimator._predictors:
        for target, predictor in enumerate(stage):
            nodes = predictor.nodes
            if nodes["is_categorical"].any():
                raise NotCompilableError("its trees split by categories (categorical_features)")
            trees.append(
                Tree(
                    target,
                    nodes["is_leaf"].astype(bool),
                    nodes["feature_idx"],
                    nodes["num_threshold"],
                    nodes["left"],
                    nodes["right"],
                    nodes["missing_go_to_left"],
                    nodes["value"],
                )
            )
    return trees


def plain_tree(estimator: Any, column: int, target: int, scale: float = 1.0) -> Tree:
    """A fitted decision tree; its leaves add `scale` times the column `column` of their values.

    Layout: sklearn/tree/_tree.pyx of scikit-learn 1.9. `children_left` is -1 in a leaf, and
    `value` of a classifier holds shares.
    """
    fitted = estimator.tree_
    if fitted.n_outputs != 1:
        raise NotCompilableError("it predicts several targets")
    missing = getattr(fitted, "missing_go_to_left", np.zeros(fitted.node_count, dtype=np.uint8))
    return Tree(
        target,
        fitted.children_left == -1,
        fitted.feature,
        fitted.threshold,
        fitted.children_left,
        fitted.children_right,
        missing,
        scale * fitted.value[:, 0, column],
    )
