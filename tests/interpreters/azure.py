"""Runs a pipeline component as Azure ML does: every node a real process, bound by folders.

Source: learn.microsoft.com, "CLI (v2) pipeline component YAML schema", "command component YAML
schema": `${{...}}` is filled in, `$[[...]]` is left out where its optional input is not given, and
the command is run by a shell in the folder of the code asset.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests import warm
from training.clients.azure import GATEWAY

Spec = dict[str, Any]

OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]")
FIELD = re.compile(r"\$\{\{(inputs|outputs)\.(\w+)\}\}")
BOUND = re.compile(r"\$\{\{parent\.(?:inputs\.(\w+)|jobs\.(\w+)\.outputs\.(\w+))\}\}")


class Interpreter:
    """`components` are those of the nodes by id; `code` is a folder with the package unpacked."""

    def __init__(self, components: Mapping[str, Spec], code: Path, gateway: str) -> None:
        self.components, self.code, self.gateway = components, code, gateway

    def run(self, pipeline: Spec, inputs: Mapping[str, str], job: str, folder: Path) -> list[str]:
        """Run all nodes; the output of those that failed, by what they printed.

        `inputs` are the pipeline's, paths and texts. A node begins when those that it is bound to
        have ended; after one that failed no other begins.
        """
        values = {name: declaration["default"] for name, declaration in pipeline["inputs"].items()
                  if "default" in declaration} | dict(inputs)  # fmt: skip
        missing = [
            name
            for name, declaration in pipeline["inputs"].items()
            if name not in values and not declaration.get("optional")
        ]
        assert not missing, f"inputs {missing} are not given"
        assert not values.keys() - pipeline["inputs"].keys()
        waiting, complete = dict(pipeline["jobs"]), set()
        while waiting:
            ready = [name for name, node in waiting.items() if _before(node) <= complete]
            assert ready, f"nodes {sorted(waiting)} wait for each other"
            for name in ready:
                printed = self._node(waiting.pop(name), values, job, folder)
                if printed is not None:
                    return [printed]
                complete.add(name)
        return []

    def _node(self, node: Spec, values: Mapping[str, str], job: str, folder: Path) -> str | None:
        """Run one node; what it printed if it failed."""
        component = self.components[node["componentId"]]
        arguments = {
            name: _argument(bound["value"], values, folder)
            for name, bound in node["inputs"].items()
        }
        arguments = {name: value for name, value in arguments.items() if value is not None}
        declarations = component["inputs"]
        assert not arguments.keys() - declarations.keys()
        missing = [
            n for n in declarations if n not in arguments and not declarations[n].get("optional")
        ]
        assert not missing, f"inputs {missing} of node {node['name']} are not given"
        outputs = {}
        for name in component["outputs"]:
            outputs[name] = str(folder / node["name"] / name)
            Path(outputs[name]).mkdir(parents=True)
        command = _filled(component["command"], {"inputs": arguments, "outputs": outputs})
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=self.code,
            env=self._environment(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return process.stdout if process.returncode != 0 else None

    def _environment(self, job: str) -> dict[str, str]:
        """What a job finds: its pipeline job's name, and `pip` that has installed the package."""
        tools = self.code / "bin"
        if not tools.exists():
            tools.mkdir()
            # What is installed is there: the wheel, and the list of packages in it.
            script = '#!/bin/sh\nfor last; do :; done\ntest "$1" = install && test -f "$last"\n'
            (tools / "pip").write_text(script)
            (tools / "pip").chmod(0o755)
        variables = {
            k: v for k, v in os.environ.items() if not k.startswith(("MLOPS_", "AZURE", "PULUMI_"))
        }
        path = os.pathsep.join([str(tools), str(warm.programs()), os.environ["PATH"]])
        return {
            **variables,
            "PATH": path,
            "PYTHONPATH": str(self.code / "package"),
            "AZUREML_ROOT_RUN_ID": job,
            GATEWAY: self.gateway,
        }


def _before(node: Spec) -> set[str]:
    """The nodes that a node is bound to."""
    matches = [BOUND.fullmatch(bound["value"]) for bound in node["inputs"].values()]
    return {match.group(2) for match in matches if match and match.group(2)}


def _argument(value: str, values: Mapping[str, str], folder: Path) -> str | None:
    match = BOUND.fullmatch(value)
    if match is None:
        return value
    name, node, output = match.groups()
    return values.get(name) if name else str(folder / node / output)


def _filled(command: str, places: Mapping[str, Mapping[str, str]]) -> str:
    def optional(match: re.Match[str]) -> str:
        fields = FIELD.findall(match.group(1))
        return match.group(1) if all(name in places[kind] for kind, name in fields) else ""

    text = OPTIONAL.sub(optional, command)
    return FIELD.sub(lambda match: places[match.group(1)][match.group(2)], text)
