"""The schema check: any value of a wrong type anywhere is found, none of a right type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.schema import UnknownTypeError, check_inputs, resource_schema
from pulumi_simcloud.schema.sdk import ResourceSchema
from samples import SAMPLES

CASES = [case for cases in SAMPLES.values() for case in cases.values()]
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(),
    "int": st.integers(),
    "num": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "list": st.lists(st.text()),
    "map": st.dictionaries(st.text(min_size=1), st.text()),
}
BAD = {kind: st.one_of(*(other for name, other in GOOD.items() if name != kind)) for kind in GOOD}
BAD["num"] = st.one_of(st.text(), st.booleans(), st.lists(st.text()))
BAD["int"] = st.one_of(st.text(), st.booleans(), st.floats(0.1, 0.9))
BAD["list"] = st.one_of(st.text(), st.integers(), st.booleans())


def _schema(kind: str) -> ResourceSchema:
    node: dict[str, Any] = {"t": kind, "of": {"t": "str"}}
    return ResourceSchema("x", "args", {"args": {"a": {"node": node, "required": True}}}, ())


@given(data=st.data(), kind=st.sampled_from(sorted(GOOD)))
def test_values_of_the_right_type_pass_and_others_fail(data: st.DataObject, kind: str) -> None:
    assert not check_inputs(_schema(kind), {"a": data.draw(GOOD[kind])})
    assert check_inputs(_schema(kind), {"a": data.draw(BAD[kind])})


@given(kind=st.sampled_from(sorted(GOOD)))
def test_unknown_values_pass(kind: str) -> None:
    assert not check_inputs(_schema(kind), {"a": UNKNOWN})


@given(case=st.sampled_from(CASES), key=st.text(min_size=1))
def test_an_unknown_key_is_found_in_any_type(case: tuple[str, dict[str, Any]], key: str) -> None:
    token, inputs = case
    schema = resource_schema(token)
    if key not in schema.properties:
        failures = check_inputs(schema, {**inputs, f"{key}_": 1})
        assert any("unknown property" in failure.reason for failure in failures)


@given(case=st.sampled_from(CASES), data=st.data())
def test_a_missing_required_key_is_found_in_any_type(
    case: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    token, inputs = case
    schema = resource_schema(token)
    required = [key for key, spec in schema.properties.items() if spec["required"]]
    if required:
        missing_key = data.draw(st.sampled_from(required))
        other_inputs = {key: value for key, value in inputs.items() if key != missing_key}
        assert [item.path for item in check_inputs(schema, other_inputs)] == [missing_key]


@pytest.mark.parametrize(
    "token", ["aws:sagemaker/modelPackage:ModelPackage", "gcp:vertex/aiModel:AiModel", "x:y:Z"]
)
def test_a_type_that_no_sdk_has(token: str) -> None:
    with pytest.raises(UnknownTypeError, match=token):
        resource_schema(token)


def test_a_stored_schema_is_the_derived_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    token = "azure-native:machinelearningservices:Schedule"
    resource_schema.cache_clear()
    first = resource_schema(token)
    resource_schema.cache_clear()
    assert resource_schema(token) == first
    assert list(tmp_path.rglob("*Schedule.json"))
    resource_schema.cache_clear()


def test_constants_of_the_sdk_tell_the_branches_of_a_union_apart() -> None:
    schema = resource_schema("azure-native:machinelearningservices:Schedule")
    trigger = {"triggerType": "Recurrence", "frequency": "Day", "interval": 1, "expression": "x"}
    inputs = {
        "resourceGroupName": "a",
        "workspaceName": "b",
        "properties": {
            "trigger": trigger,
            "action": {"actionType": "CreateJob", "jobDefinition": UNKNOWN},
        },
    }
    assert [item.path for item in check_inputs(schema, inputs)] == ["properties.trigger.expression"]
