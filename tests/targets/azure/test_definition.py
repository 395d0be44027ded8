"""The compiled components are what azure-ai-ml itself sends, to the letter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import package
from components.pipeline.azure_definition import Serverless
from tests.project import REPOSITORY
from tests.targets.azure.compiled import WHEEL, compiled
from training.pipeline import PIPELINES, Pipeline

CONFIG = {
    "model": "flights",
    "data": '{"location": "azureml://datastores/d/paths/x/", "target": "late", '
    '"timeColumn": "time"}',
    "drift": '{"minEffects": {"it\'s $HOME": 0.5}}',
}
CLIENT_ID = "5ca1ab1e-0000-4000-8000-00000c10d000"
# What the library notes of how a component was made.
NOTES = ("_source", "sourceJobId")


@pytest.fixture(params=PIPELINES, ids=lambda pipeline: pipeline.name)
def pipeline(request: pytest.FixtureRequest) -> Pipeline:
    return request.param


def _loaded_component(spec: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What azure-ai-ml makes of a component file, whose schema it checks strictly."""
    file = folder / "component.yml"
    file.write_text(yaml.safe_dump(spec))
    from azure.ai.ml import load_component

    rest_object: Any = load_component(file)._to_rest_object()  # pyright: ignore[reportAttributeAccessIssue]
    return _plain(rest_object.as_dict()["properties"]["componentSpec"])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if key not in NOTES}
    return value


def test_every_step_is_the_command_component_that_the_library_sends(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    for step in pipeline.steps:
        spec = compiled(pipeline, CONFIG)[step.name]
        assert _loaded_component(spec, tmp_path) == spec


@pytest.mark.parametrize("serverless", [None, Serverless("Standard_DS4_v2", CLIENT_ID)])
def test_the_pipeline_is_the_component_that_the_library_sends(
    pipeline: Pipeline, serverless: Serverless | None, tmp_path: Path
) -> None:
    spec = compiled(pipeline, CONFIG, serverless)[""]
    machines: dict[str, Any] = {"identity": {"type": "managed"}}
    if serverless is not None:
        machines = {
            "identity": {"type": "managed", "client_id": CLIENT_ID},
            "resources": {"instance_type": "Standard_DS4_v2", "instance_count": 1},
            "environment_variables": {"DEFAULT_IDENTITY_CLIENT_ID": CLIENT_ID},
        }
    nodes = {
        name: {
            "type": "command",
            "component": f"azureml:{node['componentId']}",
            "inputs": {input_name: bound["value"] for input_name, bound in node["inputs"].items()},
            **machines,
        }
        for name, node in spec["jobs"].items()
    }
    component = {key: value for key, value in spec.items() if key not in ("jobs", "outputs")}
    loaded_spec = _loaded_component({**component, "jobs": nodes}, tmp_path)
    assert loaded_spec == {key: value for key, value in spec.items() if key != "outputs"}


def test_every_input_of_a_node_is_one_of_its_component_and_none_is_left_open(
    pipeline: Pipeline,
) -> None:
    specs = compiled(pipeline, CONFIG)
    for step in pipeline.steps:
        assert specs[step.name]["inputs"].keys() == specs[""]["jobs"][step.name]["inputs"].keys()
        for name in specs[step.name]["inputs"]:
            assert f"${{{{inputs.{name}}}}}" in specs[step.name]["command"], name


def test_the_command_quotes_what_it_is_given(pipeline: Pipeline) -> None:
    commands = [compiled(pipeline, CONFIG)[step.name]["command"] for step in pipeline.steps]
    assert all(
        command.startswith(
            f"pip install --quiet --no-deps ./{WHEEL} && pip install --quiet --require-hashes -r "
        )
        for command in commands
    )
    if pipeline.name == "drift-check":
        assert """'{"it'"'"'s $HOME": 0.5}'""" in commands[0]
        assert "$[[--since '${{inputs.since}}']]" in commands[0]


def test_a_job_installs_what_the_code_package_names_by_hash_and_nothing_newer() -> None:
    """pip takes a list with hashes only whole: every package of it, and of what these need."""
    contents = package.contents(REPOSITORY)
    text = contents["training/jobs/azure.txt"].decode()
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert {line.partition("==")[0] for line in lines} >= {"azure-identity", "pyarrow"}
    pinned = re.findall(r"(?m)^\S+==\S+.*\\\n(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+", text)
    assert len(pinned) == len(lines)
