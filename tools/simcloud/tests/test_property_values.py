"""Property values on the wire and back."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi_simcloud.diffs import changes
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import (
    ASSET,
    OUTPUT,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    decode,
    encode,
    leaves,
    select,
)

SCALARS = st.one_of(
    st.text(),
    st.booleans(),
    st.integers(-(2**50), 2**50),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(UNKNOWN),
)
KEYS = st.text("abcXYZ", min_size=1, max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
KIND = Kind("aws:x/y:Z", replace=("name", "deep.inside"), mutable=())


@given(OBJECTS)
def test_values_survive_the_wire(values: dict[str, Any]) -> None:
    assert decode(encode(values)) == values


@given(OBJECTS)
def test_secrets_and_outputs_are_unwrapped(values: dict[str, Any]) -> None:
    for signature in (SECRET, OUTPUT):
        wrapped = {"a": {SIGNATURE: signature, "value": values, "secret": True}}
        assert decode(encode(wrapped)) == {"a": values}


def test_an_output_without_a_value_and_the_engines_sentinel_are_unknown() -> None:
    assert decode(encode({"a": {SIGNATURE: OUTPUT}, "b": UNKNOWN_TEXT})) == {
        "a": UNKNOWN,
        "b": UNKNOWN,
    }


def test_missing_values_are_left_out() -> None:
    assert dict(encode({"a": None, "b": {"c": None}}).fields["b"].struct_value) == {}
    assert "a" not in encode({"a": None})


@given(OBJECTS)
def test_every_leaf_can_be_selected_by_its_path(values: dict[str, Any]) -> None:
    for path, leaf in leaves(values):
        pattern = path.replace("[", ".").replace("]", "") if "[" not in path else None
        if pattern and leaf is not None:
            assert [value for _, value in select(values, pattern)] == [leaf]


@given(OBJECTS)
def test_nothing_differs_from_itself_unless_unknown(values: dict[str, Any]) -> None:
    unknown = {path for path, leaf in leaves(values) if leaf is UNKNOWN}
    assert {change.path for change in changes(KIND, values, values)} == unknown


def test_a_difference_is_named_at_its_deepest_path() -> None:
    old = {"name": "a", "deep": {"inside": [1, 2], "other": 1}, "gone": 1}
    new = {"name": "a", "deep": {"inside": [1, 3, 4], "other": 2}, "more": {"x": 1}}
    differences = [
        (change.path, change.kind, change.replaces) for change in changes(KIND, old, new)
    ]
    assert differences == [
        ("deep.inside[1]", "UPDATE", True),
        ("deep.inside[2]", "ADD", True),
        ("deep.other", "UPDATE", False),
        ("gone", "DELETE", False),
        ("more", "ADD", False),
    ]


def test_assets_differ_by_content_only() -> None:
    old = {"source": {SIGNATURE: ASSET, "hash": "1", "path": "a"}}
    moved = {"source": {SIGNATURE: ASSET, "hash": "1", "path": "b"}}
    edited = {"source": {SIGNATURE: ASSET, "hash": "2", "path": "a"}}
    assert not changes(KIND, old, moved)
    assert [change.path for change in changes(KIND, old, edited)] == ["source"]
