"""Reads the pipelines of the three services: their jobs and the shell scripts in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.project import REPOSITORY

GITHUB = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
# What stands for the service's own values when a script is run here.
VALUES = {
    "github.base_ref": "main",
    "github.token": "token",
    "github.event.pull_request.number": "7",
    "vars.CLOUD": "aws",
    "vars.STACK": "aws-dev",
    "vars.PULUMI_BACKEND_URL": "s3://state",
    "vars.AZURE_CLIENT_ID": "client",
    "vars.AZURE_TENANT_ID": "tenant",
    "vars.AZURE_SUBSCRIPTION_ID": "subscription",
    "inputs.version": "3",
    "inputs.model": "flights",
    "parameters.version": "3",
    "System.PullRequest.TargetBranch": "refs/heads/main",
    "STACK": "azure-dev",
    "PULUMI_BACKEND_URL": "azblob://state",
}
TARGETS = ("deploy smoke", "infra-drift", "promote", "rollback", "destroy")
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}|\$\(([\w.]+)\)")


@dataclass(frozen=True)
class Script:
    """A shell script of a job, with the environment it sees."""

    where: str
    text: str
    environment: dict[str, str] = field(default_factory=dict)


def load(file: Path) -> dict[str, Any]:
    """A pipeline's YAML; the key `on` stays text."""
    return yaml.load(file.read_text(), Loader=yaml.BaseLoader)


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a GitHub workflow."""
    return load(file)["jobs"]


def actions(file: Path) -> Iterator[str]:
    """Every action used, with the comment behind it."""
    yield from re.findall(r"uses: (.+)", file.read_text())


def scripts() -> Iterator[Script]:
    """Every script of every pipeline, once for each list of make targets it may get."""
    for script in (*_github(), *_gitlab(), *_azure()):
        if "TARGETS" in script.environment:
            for targets in TARGETS:
                yield _with(script, TARGETS=targets)
        else:
            yield script


def _github() -> Iterator[Script]:
    for file in GITHUB:
        for name, job in jobs(file).items():
            for number, step in enumerate(job.get("steps", [])):
                if "run" in step:
                    where = f"{file.name} {name} {number}"
                    yield Script(where, step["run"], _values(step.get("env", {})))


def _gitlab() -> Iterator[Script]:
    content = load(REPOSITORY / ".gitlab-ci.yml")
    given = {"STACK": "aws-dev", "CLOUD": "aws", "VERSION": "3", "CLOUD_TOKEN": "token"}
    given["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = "HEAD"
    for name, job in content.items():
        if isinstance(job, dict) and "script" in job:
            targets = {"TARGETS": ""} if "$TARGETS" in str(job["script"]) else {}
            yield Script(f"gitlab {name}", "\n".join(job["script"]), {**given, **targets})


def _azure() -> Iterator[Script]:
    given = {"idToken": "t", "servicePrincipalId": "i", "tenantId": "t"}
    for number, step in enumerate(_steps(load(REPOSITORY / "azure-pipelines.yml"))):
        text = step.get("bash") or step.get("inputs", {}).get("inlineScript")
        if text:
            yield Script(f"azure {number}", text, {**given, **_values(step.get("env", {}))})


def _steps(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "bash" in value or "task" in value:
            yield value
        for item in value.values():
            yield from _steps(item)
    elif isinstance(value, list):
        for item in value:
            yield from _steps(item)


def _values(environment: dict[str, str]) -> dict[str, str]:
    def value(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        return "" if name.endswith("targets") else VALUES[name]

    return {key: EXPRESSION.sub(value, text) for key, text in environment.items()}


def _with(script: Script, **more: str) -> Script:
    return Script(f"{script.where} {more}", script.text, {**script.environment, **more})
