"""JSON by msgspec: the same columns, or the same refusal, as by the standard library alone."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving.platforms import COLUMNS, ROW
from training.serving import answers, json_rows
from training.serving.input_values import RequestError
from training.serving.requests import INFERENCE, JSON, MAX_ROWS, parse

ordinary = {
    "size": st.none() | st.integers() | st.floats() | st.booleans(),
    "age": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "new": st.none() | st.booleans() | st.integers(0, 1),
    "color": st.none() | st.text(max_size=5),
}
odd = st.one_of(
    st.text(max_size=4), st.sampled_from(["1", " 2.5", "23:59", "true", "1_0", "\ud800", ""]),
    st.integers(10**15, 10**330), st.lists(st.integers(), max_size=2), st.floats(),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)  # fmt: skip
rows = st.lists(
    st.fixed_dictionaries(ordinary)
    | st.fixed_dictionaries(
        {}, optional={**{name: value | odd for name, value in ordinary.items()}, "other": odd}
    )
    | odd,
    max_size=4,
)
shapes = st.sampled_from(["instances", "dataframe_records", "inputs", "data", "odd"])
bodies = st.dictionaries(shapes, rows | odd, max_size=2)


def outcome(kind: str, body: bytes) -> Any:
    """The columns as comparable values, or the refusal."""
    try:
        columns = parse(kind, body, COLUMNS)
    except RequestError as error:
        return str(error), error.status
    return {
        name: values.tolist() if values.dtype == object else values.tobytes()
        for name, values in columns.items()
    }


def check(body: bytes, kind: str = JSON) -> None:
    """Both ways come to the same outcome."""
    fast = outcome(kind, body)
    with patch.object(json_rows, "msgspec", None):
        assert outcome(kind, body) == fast


@given(bodies)
def test_any_body_is_read_or_refused_alike(body: dict[str, Any]) -> None:
    check(json.dumps(body).encode())


@given(st.lists(st.fixed_dictionaries(ordinary), min_size=1, max_size=4))
def test_ordinary_rows_are_read_alike(instances: list[dict[str, Any]]) -> None:
    for shape in ("instances", "dataframe_records"):
        check(json.dumps({shape: instances}).encode())
        check(json.dumps({shape: instances}, ensure_ascii=False).encode(errors="surrogatepass"))


TEXTS = [
    b'{"instances": [%s]} x', b'{"instances": [%s', b'\xef\xbb\xbf{"instances": [%s]}',
    b'{"instances": [], "instances": [%s]}', b'{"instances": [%s, %s], "data": 1}',
    b'{"instances": [%s], "more": 1}', b'{"instances": null, "dataframe_records": [%s]}',
    b'{"instances": [%s], "dataframe_records": null}', b'{"instances": null}', b'{"instances": []}',
    b'{"instances": [%s], "instances": null}', b"[%s]", b"null", b'{"instances": {"a": %s}}',
    b'{"\\u0069nstances": [%s]}', b' \t\n{"instances" : [ %s ] }\r\n',
]  # fmt: skip
ROW_TEXT = json.dumps(ROW).encode()
NUMBERS = [
    b"01", b"1.", b".5", b"-0", b"-0.0", b"1e400", b"-1e400", b"5e-324", b"2e-324", b"NaN",
    b"Infinity", b"9007199254740993", b"18446744073709551617", b"1" + b"0" * 308, b"1" + b"0" * 309,
    b"1" + b"0" * 5000, b"0.1e1", b"1E+2", b"true", b"[1]", b"\xff", b'"\xff"', b'"\\ud800"',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_around_rows_is_read_or_refused_alike(text: bytes) -> None:
    check(text.replace(b"%s", ROW_TEXT))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["size", "new", "color"])
def test_a_number_is_read_or_refused_alike(number: bytes, name: str) -> None:
    other = {key: value for key, value in ROW.items() if key != name}
    row = json.dumps(other).encode()[:-1] + b', "%s": %s}' % (name.encode(), number)
    check(b'{"instances": [%s, %s]}' % (ROW_TEXT, row))
    check(b'{"columns": ["size", "age", "new", "color"], "data": [[1, 2, true, %s]]}' % number)


def test_texts_in_other_encodings_and_deep_ones_are_read_or_refused_alike() -> None:
    body = json.dumps({"instances": [ROW]})
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1"):
        check(body.encode(encoding))
    check(b'{"instances": [' + b"[" * 100_000)
    check(b'{"instances": [%s]}' % (b"[" * 3_000 + b"]" * 3_000))
    check(b'{"instances": [%s]}' % b",".join([ROW_TEXT] * (MAX_ROWS + 1)))
    check(b'{"inputs": [{"name": "color", "datatype": "BYTES", "data": ["a", 1e400]}]}', INFERENCE)


def test_ordinary_rows_are_decoded_by_msgspec() -> None:
    """Without it the answers would be the same, and the tests above compare nothing."""
    assert json_rows.decode(b'{"instances": [%s]}' % ROW_TEXT, COLUMNS) is not None
    assert json_rows.decode(b'{"instances": [{"size": "1"}]}', COLUMNS) is None


@given(
    st.lists(st.floats() | st.sampled_from([1e-5, 1e22, 5e-324, -0.0]), max_size=4),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=4), max_size=4),
)
def test_an_answer_is_the_same_document(scores: list[float], labels: list[str]) -> None:
    texts = np.array(labels, dtype=object)
    fast = answers.predicted(texts, np.array(scores), "m", 3, "é")
    with patch.object(json_rows, "msgspec", None):
        plain = answers.predicted(texts, np.array(scores), "m", 3, "é")
    assert repr(json.loads(fast)) == repr(json.loads(plain))
