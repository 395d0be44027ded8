"""The catalog against the SDKs and the services' models, and against its own samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.constraints import botocore_models, discovery
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import UNKNOWN, has_unknown
from pulumi_simcloud.rules.basic import PathRule
from pulumi_simcloud.schema import resource_schema
from pulumi_simcloud.schema.sdk import PACKAGES, all_tokens
from samples import SAMPLES
from samples.world import Filled

KINDS = list(catalog().values())
ENVELOPE = {"bucket", "expectedBucketOwner", "region", "project", "location", "deletionPolicy"}
TOKENS = [kind.token for kind in KINDS]


def _heads(*paths: str) -> set[str]:
    return {path.split(".")[0].split("[")[0] for path in paths}


def _blurred(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blurred(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_blurred(item) for item in value]
    return UNKNOWN if isinstance(value, str) and "${" in value else value


@pytest.mark.parametrize("kind", KINDS, ids=TOKENS)
def test_an_entry_speaks_of_properties_that_exist(kind: Kind) -> None:
    schema = resource_schema(kind.token)
    inputs = _heads(
        *(ref.path for ref in kind.refs),
        *kind.replace,
        *kind.mutable,
        *kind.frozen,
        *kind.deferred,
        *([kind.name.property] if kind.name else []),
        *([kind.force] if kind.force else []),
        *([kind.protected[0]] if kind.protected else []),
        *(kind.api.names if kind.api else ()),
    )
    assert inputs <= schema.properties.keys()
    assert {*kind.computed, *kind.planned} <= set(schema.outputs)
    handles = {handle.split(".")[0] for handle in kind.handles} - {"id", "arn", "name"}
    assert handles <= set(schema.outputs)


def _exists(types: dict[str, Any], node: dict[str, Any], steps: list[str]) -> bool:
    kind = node["t"]
    if not steps or kind == "any":
        return True
    if kind == "union":
        return any(_exists(types, member, steps) for member in node["of"])
    if kind == "map" or (kind == "list" and steps[0] == "[*]"):
        return _exists(types, node["of"], steps[1:])
    if kind != "obj" or steps[0] not in types[node["ref"]]:
        return False
    return _exists(types, types[node["ref"]][steps[0]]["node"], steps[1:])


@pytest.mark.parametrize("kind", KINDS, ids=TOKENS)
def test_a_rule_is_about_properties_that_exist(kind: Kind) -> None:
    schema = resource_schema(kind.token)
    paths = [path for rule in kind.rules if isinstance(rule, PathRule) for path in rule.paths]
    for path in {*paths} - {"", "tags", "location"}:
        steps = re.findall(r"\[\*\]|[^.\[\]]+", path)
        assert _exists(schema.types, {"t": "obj", "ref": schema.args}, steps), path


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.api], ids=lambda kind: kind.token)
def test_the_service_model_of_an_entry_is_the_right_one(kind: Kind) -> None:
    """A third of the properties has a counterpart, or the model's name is wrong."""
    assert kind.api is not None
    schema = resource_schema(kind.token)
    model = botocore_models if kind.cloud == "aws" else discovery
    matched = model.matched_properties(kind.api, schema)
    assert len(matched) * 3 >= len(schema.properties.keys() - ENVELOPE)


@pytest.mark.parametrize("package", SAMPLES)
def test_every_type_has_an_accepted_sample(package: str, tmp_path: Path) -> None:
    world = Filled(tmp_path, package)
    covered = {token for token, _ in SAMPLES[package].values()}
    assert covered == {token for token in TOKENS if token.startswith(f"{package}:")}
    for name in reversed(list(world.outputs)):
        world.delete(name)
    with world.cloud.state.transaction() as transaction:
        assert not transaction.rows()


@pytest.mark.parametrize("package", SAMPLES)
def test_a_sample_with_unknown_inputs_passes_and_stays_unknown(
    package: str, tmp_path: Path
) -> None:
    """In a preview, references to what isn't made yet are unknown."""
    world = Filled(tmp_path, package)
    for name, (_, inputs) in SAMPLES[package].items():
        checked, failures = world.cloud.check(world.urn(name), {}, _blurred(inputs))
        assert not failures
        identity, outputs = world.cloud.create(world.urn(name), checked, preview=True)
        assert identity == ""
        kind = catalog()[SAMPLES[package][name][0]]
        assert all(has_unknown(outputs[key]) for key in kind.computed)


@pytest.mark.parametrize("package", SAMPLES)
def test_a_sample_does_not_differ_from_itself(package: str, tmp_path: Path) -> None:
    world = Filled(tmp_path, package)
    for name in SAMPLES[package]:
        inputs = world.inputs(name)
        old = {**inputs, "__defaults": []}
        diff = world.cloud.diff(world.urn(name), old, inputs, world.outputs[name])
        assert not diff.changes


@pytest.mark.parametrize("module", ["sagemaker", "machinelearningservices", "vertex"])
def test_the_schema_of_every_type_of_the_ml_modules_can_be_read(module: str) -> None:
    tokens = [
        token
        for package in PACKAGES.values()
        for token in all_tokens(package)
        if token.split(":")[1].split("/")[0] == module
    ]
    assert len(tokens) > 30
    for token in tokens:
        schema = resource_schema(token)
        assert schema.properties and schema.outputs
