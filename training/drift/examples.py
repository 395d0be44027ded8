"""Rows to look at: a few of a window's rows in which a column's drift shows, by their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from training.arrow_table import Table, kind_of
from training.drift.arrow import numbers, valid
from training.drift.verdict import Examples, FeatureDrift

MOST = 5  # of a column, the newest

LEAST = 0.001  # share of rows that counts
SIDES = ("reference", "window")

Mask = Callable[[pa.Array], np.ndarray]


def typical_rows(
    tables: Iterable[Table], features: Mapping[str, FeatureDrift], id_column: str
) -> dict[str, Examples]:
    """The newest rows of the kind that each column has more of than in the reference.

    Args:
        tables: The window's rows, oldest first, read once.
        features: The columns to look at.
        id_column: The id of each row, in the tables.

    Returns:
        For each column with such rows what they have in common, and the ids of up to `MOST`,
        newest first.
    """
    kinds = {name: _kind(feature) for name, feature in features.items()}
    example_kinds = {name: kind for name, kind in kinds.items() if kind is not None}
    newest: dict[str, list[str]] = {name: [] for name in example_kinds}
    for table in tables:
        # A column whose type has changed is a finding of its own.
        present = [
            name
            for name in example_kinds
            if name in table.types and kind_of(table.types[name]) == features[name].kind
        ]
        if id_column not in table.types:
            continue
        for batch in table.batches([*present, id_column]) if present else ():
            for name in present:
                places = np.flatnonzero(example_kinds[name][1](batch[name]))
                batch_ids = _newest_ids(batch[id_column], places)
                newest[name] = list(dict.fromkeys([*batch_ids, *newest[name]]))[:MOST]
    return {name: Examples(example_kinds[name][0], ids) for name, ids in newest.items() if ids}


def _newest_ids(ids: pa.Array, places: np.ndarray) -> list[str]:
    """The ids at the last places, each once: a request may have many rows."""
    newest: dict[str, None] = {}
    for place in places[::-1].tolist():
        id_ = ids[place].as_py()
        if id_ is not None:
            newest[str(id_)] = None
        if len(newest) == MOST:
            break
    return list(newest)


def _kind(feature: FeatureDrift) -> tuple[str, Mask] | None:
    """The kind of rows that the window has more of, in words and as a mask; None if there is none.

    That is rows without a value, those of the category that grew most, or those beyond a number.
    """
    missing, chart = feature.missing, feature.chart
    if missing.drifted and missing.effect >= (feature.effect or 0.0):
        if missing.window <= missing.reference:
            return None
        says = f"without a value: {missing.reference:.2%} → {missing.window:.2%}"
        return says, lambda array: ~_valid_mask(array)
    if chart is None:
        return None
    if "labels" in chart:
        growth = np.subtract(chart["window"], chart["reference"])
        if not growth.size or growth.max() <= 0:
            return None
        place = int(growth.argmax())
        label, shares = chart["labels"][place], [chart[side][place] for side in SIDES]
        return f"{label}: {shares[0]:.1%} → {shares[1]:.1%}", lambda array: _is(array, label)
    return _tail(feature, chart)


def _tail(feature: FeatureDrift, chart: Mapping[str, Any]) -> tuple[str, Mask] | None:
    """The numbers beyond a border of the chart, of which the window has most times as many.

    They are at least half as many as the effect says, so that they are no accident.
    """
    edges, (before, now) = chart["edges"], (np.array(chart[side]) for side in SIDES)
    best: tuple[float, str, Mask] | None = None
    for place, border in enumerate(edges):
        for words, part, mask in (
            ("and more", slice(place, None), partial(_from, border)),
            ("less than", slice(place), partial(_below, border)),
        ):
            shares = float(before[part].sum()), float(now[part].sum())
            ratio = (shares[1] + LEAST) / (shares[0] + LEAST)
            if shares[1] < max(LEAST, (feature.effect or 0.0) / 2) or ratio <= 1:
                continue
            if best is None or ratio > best[0]:
                number = _number(feature, border)
                text = f"{number} {words}" if words == "and more" else f"{words} {number}"
                # A chart's bars are interpolated where numbers are new.
                best = ratio, f"{text}: about {shares[0]:.0%} → {shares[1]:.0%}", mask
    return best and best[1:]


def _number(feature: FeatureDrift, value: float) -> str:
    if feature.kind != "datetime":
        return f"{value:g}"
    return f"{datetime(1970, 1, 1) + timedelta(seconds=value):%Y-%m-%d %H:%M}"


def _valid_mask(array: pa.Array) -> np.ndarray:
    mask = valid(array)
    return mask & ~np.isnan(numbers(array)) if pa.types.is_floating(array.type) else mask


def _is(array: pa.Array, label: str) -> np.ndarray:
    import pyarrow.compute as pc

    # A boolean as text is "true" or "false", as it is counted.
    matches = pc.equal(array.cast(pa.string()), label)
    return pc.fill_null(matches, False).to_numpy(zero_copy_only=False)


def _from(border: float, array: pa.Array) -> np.ndarray:
    return valid(array) & (_float(array) >= border)


def _below(border: float, array: pa.Array) -> np.ndarray:
    return valid(array) & (_float(array) < border)


def _float(array: pa.Array) -> np.ndarray:
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64(), safe=False)
    return numbers(array)
