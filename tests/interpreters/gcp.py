"""Runs a pipeline job of Vertex AI: KFP's order, conditions, parameters and containers.

A container is a real process with the command, arguments and files of its spec; ``/gcs`` is the
folder of all buckets. Sources:
https://github.com/kubeflow/pipelines/blob/master/api/v2alpha1/pipeline_spec.proto
https://cloud.google.com/vertex-ai/docs/pipelines/build-pipeline
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_simcloud.constraints.discovery import check_json

from tests import warm
from tests.targets.gcp.kfp import refusal
from training.clients.gcp import GATEWAY
from training.clients.gcp_bigquery import STORAGE_GATEWAY

Json = dict[str, Any]

MOUNT = "/gcs/"
PLACEHOLDER = re.compile(r"\{\{\$\.(.+?)\}\}")
PARAMETER = re.compile(r"inputs\.parameters\['(.+)'\]")
OUTPUT = re.compile(r"outputs\.parameters\['(.+)'\]\.output_file")
TEST = re.compile(r"inputs\.parameter_values\['(.+)'\] == '(.*)'")
# What the image has is what this environment has; the code package is put before all of it.
PIP = """\
#!/bin/sh
test "$1 $2" = "install --quiet" || exit 64
exec python -m zipfile -e "${3%\\[gcp,gcp-steps\\]}" "$JOB_SITE"
"""
SUCCEEDED, FAILED, SKIPPED = "SUCCEEDED", "FAILED", "NOT_TRIGGERED"


@dataclass
class Execution:
    """One run of a PipelineJob; `tasks` has the state of each, `root` the folders of buckets."""

    job: Json
    run: str
    root: Path
    folder: Path
    tasks: dict[str, str] = field(default_factory=dict)

    def start(self) -> Execution:
        """Run all tasks, until one fails."""
        spec = self.job["pipelineSpec"]
        assert not refusal(spec)
        shape = "GoogleCloudAiplatformV1PipelineJob"
        assert not [*check_json("aiplatform.v1", shape, self.job, "job")]
        root = spec["root"]
        declarations = root["inputDefinitions"]["parameters"]
        arguments = self.job["runtimeConfig"].get("parameterValues", {})
        assert arguments.keys() <= declarations.keys(), "a parameter that the pipeline lacks"
        defaults = {name: declared["defaultValue"] for name, declared in declarations.items()}
        self._dag(root["dag"], {**defaults, **arguments})
        return self

    def _dag(self, dag: Json, inputs: Mapping[str, str]) -> None:
        outputs: dict[str, dict[str, str]] = {}
        waiting = dict(dag["tasks"])
        while waiting:
            ready = [name for name, task in waiting.items() if not _needs(task) & waiting.keys()]
            assert ready, f"tasks wait for each other: {sorted(waiting)}"
            name, task = ready[0], waiting.pop(ready[0])
            # A task is triggered if all before it have succeeded.
            if not _needs(task) <= outputs.keys():
                self.tasks[name] = SKIPPED
                continue
            arguments = self._inputs(task, inputs, outputs)
            if not _holds(task.get("triggerPolicy", {}).get("condition"), arguments):
                self.tasks[name] = SKIPPED
                continue
            outputs[name] = self._task(name, task, arguments)
            if FAILED in self.tasks.values():
                return

    def _inputs(
        self, task: Json, inputs: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]
    ) -> dict[str, str]:
        values = {}
        for name, source in task.get("inputs", {}).get("parameters", {}).items():
            ((kind, value),) = source.items()
            if kind == "componentInputParameter":
                values[name] = inputs[value]
            else:
                assert kind == "taskOutputParameter"
                values[name] = outputs[value["producerTask"]][value["outputParameterKey"]]
        return values

    def _task(self, name: str, task: Json, inputs: Mapping[str, str]) -> dict[str, str]:
        spec = self.job["pipelineSpec"]
        component = spec["components"][task["componentRef"]["name"]]
        declared = component.get("inputDefinitions", {}).get("parameters", {})
        assert declared.keys() == inputs.keys()
        if "dag" in component:
            self._dag(component["dag"], inputs)
            self.tasks[name] = FAILED if FAILED in self.tasks.values() else SUCCEEDED
            return {}
        executor = spec["deploymentSpec"]["executors"][component["executorLabel"]]
        return self._container(name, component, executor["container"], inputs)

    def _container(
        self, name: str, component: Json, container: Json, inputs: Mapping[str, str]
    ) -> dict[str, str]:
        folder = self.folder / self.run / name
        declarations = component.get("outputDefinitions", {}).get("parameters", {})
        files = {output: folder / "outputs" / output for output in declarations}

        def filled(match: re.Match[str]) -> str:
            path = match.group(1)
            if path == "pipeline_job_name":
                return self.run
            if parameter := PARAMETER.fullmatch(path):
                return inputs[parameter.group(1)]
            output = OUTPUT.fullmatch(path)
            assert output, f"no placeholder {path!r}"
            return str(files[output.group(1)])

        command = [
            PLACEHOLDER.sub(filled, part).replace(MOUNT, f"{self.root}/")
            for part in (*container["command"], *container["args"])
        ]
        code = _process(command, folder)
        self.tasks[name] = SUCCEEDED if code == 0 else FAILED
        return {output: file.read_text() for output, file in files.items()} if code == 0 else {}

    def log(self, name: str) -> str:
        """What a task printed."""
        file = self.folder / self.run / name / "log"
        return file.read_text() if file.is_file() else ""


def _needs(task: Json) -> set[str]:
    sources = task.get("inputs", {}).get("parameters", {}).values()
    produced = {s["taskOutputParameter"]["producerTask"] for s in sources if _is_output(s)}
    return {*task.get("dependentTasks", []), *produced}


def _is_output(source: Json) -> bool:
    return "taskOutputParameter" in source


def _holds(condition: str | None, inputs: Mapping[str, str]) -> bool:
    """Whether a condition holds, of the part of the expression language that is used here."""
    for part in condition.split(" && ") if condition else []:
        match = TEST.fullmatch(part)
        assert match, f"no condition {part!r}"
        if inputs[match.group(1)] != match.group(2):
            return False
    return True


def _process(command: list[str], folder: Path) -> int:
    site, programs = folder / "site", folder / "bin"
    for place in (site, programs):
        place.mkdir(parents=True)
    (programs / "pip").write_text(PIP)
    (programs / "pip").chmod(0o755)
    path = os.pathsep.join([str(programs), str(warm.programs()), "/usr/bin", "/bin"])
    variables = {
        name: os.environ[name]
        for name in (GATEWAY, STORAGE_GATEWAY, "OMP_NUM_THREADS")
        if name in os.environ
    }
    with (folder / "log").open("wb") as log:
        code = subprocess.run(
            command,
            cwd=folder,
            env={**variables, "PATH": path, "PYTHONPATH": str(site), "JOB_SITE": str(site)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
    assert (site / "training").is_dir(), (folder / "log").read_text()
    return code
