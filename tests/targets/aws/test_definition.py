"""The compiled SageMaker definitions: what the service's own model says of each step."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from pulumi_simcloud.constraints.botocore_models import check_call

from components.pipeline.aws import data_address
from components.pipeline.aws_definition import parameters
from components.pipeline.aws_jobs import RETRIES
from tests.targets.aws.compiled import compiled, filled, model, steps
from training.pipeline import PIPELINES, flags

# The request that a step's arguments are, the name in it that the service gives, and what a
# reference to the step sees.
CALLS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJob"),
    "Training": ("CreateTrainingJob", "TrainingJobName", "DescribeTrainingJob"),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full": {
        "split": {"method": "time", "by": "day", "holdout": 0.3},
        "drift": {"block": "day", "minEffects": {"dep_delay": 0.1}},
        "approval": "automatic",
    },
    "several instances": {"drift": {"instances": 3}},
}


@pytest.fixture(
    params=[(name, pipeline.name) for name in SETTINGS for pipeline in PIPELINES], ids="-".join
)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each pipeline of each model."""
    settings, pipeline = request.param
    return compiled(model(**SETTINGS[settings]))[pipeline]


def test_every_step_is_the_request_that_it_stands_for(document: dict[str, Any]) -> None:
    for step in steps(document).values():
        if step["Type"] == "Condition":
            continue
        operation, name, _ = CALLS[step["Type"]]
        request = {**filled(step["Arguments"]), name: "job"}
        assert list(check_call(f"sagemaker:{operation}", request)) == [], step["Name"]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("ProcessingResources", "ClusterConfig", "InstanceType"), "ml.m5.huge"),
        (("ProcessingResources", "ClusterConfig", "InstanceCount"), "one"),
        (("AppSpecification", "ContainerArguments"), ["x" * 257]),
        (("RoleArn",), "nobody"),
        (("Inputs",), []),
    ],
)
def test_what_the_service_would_refuse_is_found(at: tuple[str, ...], value: Any) -> None:
    request = filled(steps(compiled(model())["training"])["prepare"]["Arguments"])
    place = request
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = value
    call = {**request, "ProcessingJobName": "job"}
    assert list(check_call("sagemaker:CreateProcessingJob", call))


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    service = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
    by_name, declared = steps(document), {parameter["Name"] for parameter in document["Parameters"]}
    for reference in _references(document["Steps"]):
        kind, _, rest = reference.partition(".")
        if kind == "Parameters":
            assert rest in declared
        elif kind == "Execution":
            assert rest == "PipelineExecutionId"
        else:
            name, *path = rest.split(".")
            step = by_name[name]
            if path[0] == "PropertyFiles":
                (file,) = (f for f in step["PropertyFiles"] if f["PropertyFileName"] == path[1])
                outputs = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
                assert file["OutputName"] in [output["OutputName"] for output in outputs]
            else:
                shape = service.operation_model(CALLS[step["Type"]][2]).output_shape
                for key in path:
                    assert shape is not None
                    shape = shape.members[key]


def test_steps_depend_on_what_they_read(document: dict[str, Any]) -> None:
    by_name = steps(document)
    for step in by_name.values():
        for name in step.get("DependsOn", []):
            assert name in by_name
    pipeline = next(candidate for candidate in PIPELINES if candidate.steps[0].name in by_name)
    for neutral in pipeline.steps:
        assert set(neutral.steps) <= set(by_name[neutral.name]["DependsOn"])


def test_every_step_understands_its_command_line(document: dict[str, Any]) -> None:
    for step in steps(document).values():
        arguments = filled(step["Arguments"])
        if step["Type"] == "Processing":
            arguments_of_step = arguments["AppSpecification"]["ContainerArguments"]
            of_job = ("--when=", "--after=")
            words = [
                argument
                for argument in arguments_of_step
                if not argument.startswith(of_job) and argument != "--part"
            ]
            name, *arguments_of_step = words
        elif step["Type"] == "Training":
            (name,) = arguments["AlgorithmSpecification"]["ContainerArguments"]
            parameters = arguments["HyperParameters"]
            arguments_of_step = flags({k: v for k, v in parameters.items() if k != "results"})
        else:
            continue
        parser = argparse.ArgumentParser(exit_on_error=False)
        parser.add_argument("--out", required=True)
        importlib.import_module(f"training.steps.{name}").configure(parser)
        parser.parse_args(arguments_of_step)


def test_no_condition_stands_inside_another() -> None:
    """The service takes none: developer guide, "Condition step", Limitations."""
    training = compiled(model())["training"]
    assert [step["Name"] for step in training["Steps"]] == ["admit", "prepare-if-admitted"]
    admitted = training["Steps"][1]["Arguments"]["IfSteps"]
    assert [(step["Name"], step["Type"]) for step in admitted] == [
        ("prepare", "Processing"),
        ("train", "Training"),
        ("evaluate", "Processing"),
        ("register", "Processing"),
        ("release", "Processing"),
    ]
    folder = "/opt/ml/processing/input"
    start = {
        step["Name"]: step["Arguments"]["AppSpecification"]["ContainerArguments"]
        for step in admitted
        if step["Type"] == "Processing"
    }
    assert start["prepare"][0] == "prepare" and start["evaluate"][0] == "evaluate"
    assert start["register"][:2] == [f"--when=passed:{folder}/evaluate", "register"]
    assert start["release"][:3] == [
        f"--when=approved:{folder}/register",
        f"--after={folder}/register",
        "release",
    ]


def test_a_folder_of_data_brings_no_neighbour_along() -> None:
    """A Processing job mounts every key that begins with the address."""
    assert data_address("s3://b/churn") == data_address("s3://b/churn/") == "s3://b/churn/"
    assert data_address("s3://b") == "s3://b/"
    assert data_address("s3://b/churn.parquet") == "s3://b/churn.parquet"


def test_only_the_release_step_has_the_role_that_may_release() -> None:
    for document in compiled(model()).values():
        for step in steps(document).values():
            role = step["Arguments"].get("RoleArn")
            if role is not None:
                suffix = "release" if step["Name"] == "release" else "steps"
                assert role.endswith(f"-{suffix}")


def test_jobs_are_repeated_after_faults_of_the_service_alone(document: dict[str, Any]) -> None:
    for step in steps(document).values():
        for policy in step.get("RetryPolicies", []):
            assert policy in RETRIES
            assert "SageMaker.JOB_FAILED" not in policy["ExceptionType"]


def test_the_parameters_are_the_neutral_ones_without_the_run() -> None:
    assert [parameters(pipeline) for pipeline in PIPELINES] == [
        {"trigger": "manual", "as_of": ""},
        {"trigger": "manual", "since": "", "until": ""},
    ]


def test_a_disk_takes_the_key_unless_the_instance_brings_its_own() -> None:
    def disks(instance_type: str) -> list[bool]:
        document = compiled(model(), instance_type=instance_type)["training"]
        prepare, train = (steps(document)[name]["Arguments"] for name in ("prepare", "train"))
        machines = (prepare["ProcessingResources"]["ClusterConfig"], train["ResourceConfig"])
        return ["VolumeKmsKeyId" in machine for machine in machines]

    assert disks("ml.m5.large") == [True, True]
    assert disks("ml.m5d.large") == [False, False]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"Get"}:
            yield value["Get"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
