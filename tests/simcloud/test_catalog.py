"""The catalog against the SDKs and the services' models, and against its own samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simcloud.planted import PLANTED
from tests.simcloud.samples import SAMPLES
from tests.simcloud.samples.world import Filled
from tools.simcloud.catalog import catalog
from tools.simcloud.constraints import botocore_models, discovery
from tools.simcloud.kinds import Kind
from tools.simcloud.schema import resource_schema
from tools.simcloud.schema.sdk import PACKAGES, all_tokens
from tools.simcloud.values import UNKNOWN, has_unknown

KINDS = list(catalog().values())
TOKENS = [kind.token for kind in KINDS]


def _heads(*paths: str) -> set[str]:
    return {path.split(".")[0].split("[")[0] for path in paths}


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


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.api], ids=lambda kind: kind.token)
def test_the_service_model_of_an_entry_is_the_right_one(kind: Kind) -> None:
    """At least half of the properties have a counterpart, or the model's name is wrong."""
    assert kind.api is not None
    schema = resource_schema(kind.token)
    model = botocore_models if kind.cloud == "aws" else discovery
    matched = model.matched_properties(kind.api, schema)
    assert len(matched) * 2 >= len(schema.properties) - len({"region", "tags"} & matched)


@pytest.mark.parametrize("package", SAMPLES)
def test_every_type_has_an_accepted_sample(package: str, tmp_path: Path) -> None:
    world = Filled(tmp_path, package)
    covered = {token for token, _ in SAMPLES[package].values()}
    assert covered == {token for token in TOKENS if token.startswith(f"{package}:")}
    for name in reversed(list(world.made)):
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
        blurred = {
            key: UNKNOWN if isinstance(value, str) and value.startswith("${") else value
            for key, value in inputs.items()
        }
        checked, failures = world.cloud.check(world.urn(name), {}, blurred)
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
        found = world.cloud.diff(world.urn(name), old, inputs, world.made[name])
        assert not found.changes


def test_plants_cover_every_type_that_has_rules() -> None:
    """A type with rules of its own, or with references, has a planted fault."""
    for package, cases in PLANTED.items():
        planted = {SAMPLES[package][case.sample][0] for case in cases}
        assert len(planted) >= 0.6 * len(SAMPLES[package])


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
