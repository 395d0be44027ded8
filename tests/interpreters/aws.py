"""Runs a SageMaker pipeline definition: its order, functions, conditions and jobs.

The form is that of the definition's JSON, version 2020-12-01; each step's arguments have to be
what the service's own model takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds import aws, aws_clients
from tests.interpreters.aws_jobs import JobFailedError, run_processing, run_training

Json = dict[str, Any]

CREATES = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Training": ("CreateTrainingJob", "TrainingJobName"),
}
FUNCTIONS = {"Get", "Std:Join", "Std:JsonGet"}


@dataclass
class Execution:
    """One run of a definition; `properties` has of each step that ended what others may get."""

    definition: Json
    run: str
    parameters: Mapping[str, str]
    folder: Path
    region: str = aws.REGION
    properties: dict[str, Json] = field(default_factory=dict)
    failure: str = ""

    def start(self) -> Execution:
        """Run all steps, until one fails."""
        assert self.definition["Version"] == "2020-12-01"
        declarations = {parameter["Name"]: parameter for parameter in self.definition["Parameters"]}
        assert set(self.parameters) <= set(declarations), "a parameter that the definition lacks"
        defaults = {name: parameter["DefaultValue"] for name, parameter in declarations.items()}
        self.parameters = {**defaults, **self.parameters}
        try:
            self._run_all(self.definition["Steps"])
        except JobFailedError as error:
            self.failure = str(error)
        return self

    def results(self) -> dict[str, Json]:
        """What the steps summed up."""
        names = [name for name, properties in self.properties.items() if "Outputs" in properties]
        outputs = {name: self.properties[name]["Outputs"][name] for name in names}
        summaries = {}
        for name, address in outputs.items():
            try:
                summaries[name] = json.loads(self._file(address, "result.json"))
            except aws_clients.client("s3").exceptions.NoSuchKey:
                self._file(address, "skipped")
        return summaries

    def log(self, step: str) -> str:
        """What a step printed."""
        return (self._folder(step) / "log").read_text()

    def _run_all(self, steps: list[Json]) -> None:
        """Run the steps as they become ready."""
        waiting = list(steps)
        while waiting:
            ready = [step for step in waiting if self._needs(step) <= set(self.properties)]
            assert ready, f"steps wait for each other: {[step['Name'] for step in waiting]}"
            waiting.remove(ready[0])
            self._step(ready[0])

    def _needs(self, step: Json) -> set[str]:
        arguments = step["Arguments"]
        if step["Type"] == "Condition":
            arguments = arguments["Conditions"]
        return {*step.get("DependsOn", []), *_references(arguments)}

    def _step(self, step: Json) -> None:
        name, kind = step["Name"], step["Type"]
        assert name not in self.properties, f"two steps are called {name!r}"
        if kind == "Condition":
            self.properties[name] = {}
            # "Pipelines doesn't support the use of nested condition steps" (developer guide,
            # "Condition step", Limitations).
            branches = [
                branch_step
                for b in ("IfSteps", "ElseSteps")
                for branch_step in step["Arguments"][b]
            ]
            assert not [
                branch_step["Name"]
                for branch_step in branches
                if branch_step["Type"] == "Condition"
            ]
            is_true = all(self._holds(condition) for condition in step["Arguments"]["Conditions"])
            self._run_all(step["Arguments"]["IfSteps" if is_true else "ElseSteps"])
            return
        request = self._value(step["Arguments"])
        operation, key = CREATES[kind]
        job = f"pipelines-{self.run}-{name}"
        aws.validator("sagemaker")(operation, {**request, key: job})
        try:
            self.properties[name] = self._run_step(step, request, job)
        except JobFailedError as error:
            raise JobFailedError(f"step {name!r}: {error}") from error

    def _run_step(self, step: Json, request: Json, job: str) -> Json:
        folder = self._folder(step["Name"])
        if step["Type"] == "Training":
            folder.mkdir(parents=True)
            model = run_training(request, job, folder, self.region)
            outputs = {step["Name"]: request["HyperParameters"]["results"]}
            return {"ModelArtifacts": {"S3ModelArtifacts": model}, "Outputs": outputs}
        folder.mkdir(parents=True)
        run_processing(request, folder, self.region)
        outputs = {
            output["OutputName"]: output["S3Output"]["S3Uri"]
            for output in request["ProcessingOutputConfig"]["Outputs"]
        }
        files = {file["PropertyFileName"]: file for file in step.get("PropertyFiles", [])}
        return {"Outputs": outputs, "PropertyFiles": files}

    def _holds(self, condition: Json) -> bool:
        assert condition["Type"] == "Equals"
        return self._value(condition["LeftValue"]) == self._value(condition["RightValue"])

    def _value(self, value: Any) -> Any:
        """`value` with all functions of the definition in it answered."""
        if isinstance(value, list):
            return [self._value(part) for part in value]
        if not isinstance(value, dict):
            return value
        function = FUNCTIONS.intersection(value)
        if not function:
            return {key: self._value(part) for key, part in value.items()}
        (name,) = value
        if name == "Get":
            return self._get(value[name])
        if name == "Std:Join":
            return value[name]["On"].join(self._value(value[name]["Values"]))
        return self._json(**value[name])

    def _get(self, path: str) -> Any:
        place, *parts = path.split(".")
        if place == "Parameters":
            return self.parameters[parts[0]]
        if place == "Execution":
            return {"PipelineExecutionId": self.run}[parts[0]]
        value: Any = self.properties
        for part in parts:
            value = value[part]
        return value

    def _json(self, PropertyFile: Json, Path: str) -> Any:  # noqa: N803 as the service writes them
        step = PropertyFile["Get"].split(".")[1]
        file = self._get(PropertyFile["Get"])
        output = self.properties[step]["Outputs"][file["OutputName"]]
        value = json.loads(self._file(output, file["FilePath"]))
        for part in Path.split("."):
            value = value[part]
        return value

    def _file(self, output: str, name: str) -> bytes:
        bucket, _, key = output.removeprefix("s3://").partition("/")
        answer = aws_clients.client("s3").get_object(Bucket=bucket, Key=f"{key}/{name}")
        return answer["Body"].read()

    def _folder(self, step: str) -> Path:
        return self.folder / self.run / step


def _references(value: Any) -> Iterator[str]:
    """The steps whose properties stand somewhere in `value`."""
    if isinstance(value, list):
        for part in value:
            yield from _references(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "Get" and part.startswith("Steps."):
                yield part.split(".")[1]
            else:
                yield from _references(part)
