"""Values of a request's columns: checked, and made what the model takes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from training import number_text
from training.errors import UserError
from training.model_inputs import BOOLEAN, CATEGORICAL, NUMERIC, Column

TRUTH = {"true": 1.0, "false": 0.0}
# A number as text. Python takes more for one: 1_000, digits of other scripts, "infinity".
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

# Whole numbers up to here are floats too.
_EXACT = 2**53

# The status of a request that is refused for now; the answer says when to come back.
OVERLOADED = 503


class RequestError(UserError):
    """A request the endpoint refuses, with the HTTP status that says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def typed(values: Sequence[Any], column: Column) -> np.ndarray:
    """The column as the model takes it, of shape (rows,): float64, or text and None."""
    if len(values) == 1 and (alone := _alone(values[0], column)) is not None:
        return alone
    types = set(map(type, values))
    if not types <= {int, float, bool, str, type(None)}:
        number, value = _first(values, lambda v: isinstance(v, (list, dict)))
        raise RequestError(
            f"input column {column.name!r} takes one value a row; row {number} has {kind(value)}"
        )
    if column.kind == CATEGORICAL:
        return _texts(values, types, column)
    if str in types:
        values = [_number(value, column, number) for number, value in enumerate(values, 1)]
    return _floats(values, column)


def _alone(value: Any, column: Column) -> np.ndarray | None:
    """The column of one ordinary value, which most requests have; None for all else."""
    if column.kind == CATEGORICAL:
        if value is None or (type(value) is str and value.isascii()):
            text = np.empty(1, dtype=object)
            text[0] = value
            return text
        return None
    if value is None:
        return np.array([np.nan])
    if (type(value) is float and not math.isinf(value)) or type(value) is bool:
        return np.array([value], dtype=np.float64)
    if type(value) is int and -_EXACT < value < _EXACT:
        return np.array([value], dtype=np.float64)
    return None


def _texts(values: Sequence[Any], types: set[type], column: Column) -> np.ndarray:
    texts = np.empty(len(values), dtype=object)
    plain = types <= {str, type(None)}
    texts[:] = values if plain else [None if v is None or v != v else str(v) for v in values]
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        raise RequestError(f"input column {column.name!r} has text that is not Unicode") from None
    return texts


def _floats(values: Sequence[Any], column: Column) -> np.ndarray:
    try:
        numbers = np.array(values, dtype=np.float64)
    except OverflowError:
        numbers = None
    if numbers is None or np.isinf(numbers).any():
        number, value = _first(values, _infinite)
        raise RequestError(
            f"input column {column.name!r} takes finite numbers; row {number} has "
            f"{_abbreviated(value)}"
        )
    return numbers


def _infinite(value: Any) -> bool:
    try:
        return value is not None and math.isinf(float(value))
    except OverflowError:
        return True


def _number(value: Any, column: Column, number: int) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if column.kind == BOOLEAN and text.lower() in TRUTH:
        return TRUTH[text.lower()]
    if column.kind == NUMERIC and number_text.is_time_of_day(text):
        return number_text.seconds(text)
    if not NUMBER.fullmatch(text):
        raise RequestError(
            f"input column {column.name!r} takes numbers; row {number} has {_abbreviated(value)}"
        )
    return float(text)


def kind(value: Any) -> str:
    """The kind of a JSON value, in words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "null" if value is None else "a number")


def _first(values: Sequence[Any], is_wrong: Any) -> tuple[int, Any]:
    return next((number, value) for number, value in enumerate(values, 1) if is_wrong(value))


def _abbreviated(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number of more than 4300 digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
