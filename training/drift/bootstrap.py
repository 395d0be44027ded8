"""A test of two samples whose rows depend on each other within blocks.

A block bootstrap of the difference of the two distributions: every group of blocks contributes its
deviation from its sample's distribution, times a random number. As few groups estimate the variance
badly, each draw is scaled as Student's t is against the normal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from training.drift.blocks import BlockCounts, Blocks
from training.drift.profile import Profile
from training.drift.verdict import FeatureDrift
from training.errors import UserError

MIN_BLOCKS = 10
_EXCEEDANCES = 50
_DRAWS_AT_ONCE = 500


def tested_by_block(
    features: Mapping[str, FeatureDrift],
    reference: Profile,
    window: Profile,
    column: str,
    draws: int,
) -> dict[str, FeatureDrift]:
    """The features with p-values that allow for dependent rows.

    Args:
        features: Features with the p-values of independent rows.
        reference: Profile with counts by block.
        window: Profile with counts by block.
        column: The block column.
        draws: The most draws of a test.

    Raises:
        UserError: A profile has no counts by that block.
    """
    for side, profile in {"reference": reference, "window": window}.items():
        block_column = None if profile.blocks is None else profile.blocks.column
        if block_column != column:
            raise UserError(
                f"the {side}'s profile was made with the block column {block_column!r}; "
                f"the thresholds name {column!r}: profile both tables with block={column!r}"
            )
    assert reference.blocks is not None and window.blocks is not None
    sides = reference.blocks, window.blocks
    return {name: _by_block(name, feature, *sides, draws) for name, feature in features.items()}


def _by_block(
    name: str, feature: FeatureDrift, reference: Blocks, window: Blocks, draws: int
) -> FeatureDrift:
    if feature.p_value is not None:
        is_ordered = feature.kind in ("numeric", "datetime")
        values = reference.values[name], window.values[name]
        p_value = block_test(*values, is_ordered, draws)
        test = None if p_value is None else "block-bootstrap"
        feature = replace(feature, p_value=p_value, test=test, sufficient=p_value is not None)
    if feature.missing.p_value is not None:
        p_value = None
        if name in reference.missing and name in window.missing:
            p_value = block_test(reference.missing[name], window.missing[name], False, draws)
        feature = replace(feature, missing=replace(feature.missing, p_value=p_value))
    return feature


def block_test(
    reference: BlockCounts, window: BlockCounts, is_ordered: bool, draws: int
) -> float | None:
    """P-value for two samples from one distribution.

    A sample of fewer than 10 blocks (weighed by their rows) is taken to vary as the other one does,
    row for row: its blocks must then be of about the other's size.

    Args:
        reference: Counts by block.
        window: Counts by block.
        is_ordered: Compare cumulative shares, as Kolmogorov and Smirnov do; else shares, as
            chi-square does.
        draws: The most draws.

    Returns:
        The p-value, or None if both samples have fewer than 10 blocks or one is empty.
    """
    level = min(reference.cell_level, window.cell_level)
    sides = [side.coarsened(side.group_level, level) for side in (reference, window)]
    cells = np.unique(np.concatenate([side.cells for side in sides]))
    matrices = [side.matrix(cells) for side in sides]
    if min(matrix.size for matrix in matrices) == 0:
        return None
    blocks = [effective_blocks(matrix) for matrix in matrices]
    if max(blocks) < MIN_BLOCKS:
        return None
    shares = [matrix.sum(axis=0) / matrix.sum() for matrix in matrices]
    deviations = [_deviations(matrix, is_ordered) for matrix in matrices]
    for poor, rich in ((0, 1), (1, 0)):
        if blocks[poor] < MIN_BLOCKS:
            ratio = np.sqrt(matrices[rich].sum() / matrices[poor].sum())
            deviations[poor], blocks[poor] = deviations[rich] * ratio, blocks[rich]
    difference = shares[0] - shares[1]
    if is_ordered:
        return _p_value(_largest, np.cumsum(difference), deviations, blocks, draws)
    weights = 1 / (matrices[0].sum(axis=0) + matrices[1].sum(axis=0))
    return _p_value(lambda values: values**2 @ weights, difference, deviations, blocks, draws)


def effective_blocks(matrix: np.ndarray) -> float:
    """Number of blocks of equal size that would tell as much."""
    rows = matrix.sum(axis=1)
    return float(rows.sum() ** 2 / (rows**2).sum())


def _deviations(matrix: np.ndarray, is_ordered: bool) -> np.ndarray:
    """Contribution of each group to its sample's distribution, shape (groups, cells)."""
    rows = matrix.sum(axis=1, keepdims=True)
    deviations = (matrix - rows * (matrix.sum(axis=0) / matrix.sum())) / matrix.sum()
    groups = len(matrix)
    deviations *= np.sqrt(groups / max(1, groups - 1))
    return np.cumsum(deviations, axis=1) if is_ordered else deviations


def _largest(values: np.ndarray) -> np.ndarray:
    return np.abs(values).max(axis=-1)


def _p_value(
    statistic: Callable[[np.ndarray], np.ndarray],
    difference: np.ndarray,
    deviations: Sequence[np.ndarray],
    blocks: Sequence[float],
    draws: int,
) -> float:
    observed = float(statistic(difference)) * (1 - 1e-12)
    random = np.random.default_rng(0)
    total = exceedances = 0
    while total < draws:
        count = min(_DRAWS_AT_ONCE, draws - total)
        noise = np.zeros((count, difference.size))
        for side, size in zip(deviations, blocks, strict=True):
            scale = _student_scale(random, size, count)
            noise += random.normal(size=(count, len(side))) @ side * scale
        above = np.cumsum(statistic(noise) >= observed) + exceedances
        if above[-1] >= _EXCEEDANCES:
            return _EXCEEDANCES / (total + 1 + int(np.argmax(above >= _EXCEEDANCES)))
        total, exceedances = total + count, int(above[-1])
    return (exceedances + 1) / (total + 1)


def _student_scale(random: np.random.Generator, blocks: float, count: int) -> np.ndarray:
    freedom = max(1.0, blocks - 1)
    return np.sqrt(freedom / random.chisquare(freedom, size=(count, 1)))
