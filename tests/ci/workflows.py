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
# Steps that jobs share.
ACTIONS = sorted((REPOSITORY / ".github" / "actions").glob("*/action.yml"))
AZURE = (REPOSITORY / "azure-pipelines.yml", REPOSITORY / ".azure-pipelines" / "make.yml")
# What stands for the service's own values when a script is run here.
VALUES = {
    "github.base_ref": "main",
    "github.token": "token",
    "github.event.pull_request.number": "7",
    "github.event.pull_request.head.sha": "c0ffee1",
    "github.server_url": "https://github.com",
    "github.repository": "team/mlops",
    "github.run_id": "99",
    "vars.CLOUD": "aws",
    "vars.STACK": "aws-dev",
    "vars.PULUMI_BACKEND_URL": "s3://state",
    "vars.DEPLOY_ROLE": "deployer",
    "vars.PROMOTE_ROLE": "promoter",
    "vars.AZURE_TENANT_ID": "tenant",
    "vars.AZURE_SUBSCRIPTION_ID": "subscription",
    "matrix.image": "registry.example.org/image:1",
    "inputs.version": "3",
    "inputs.why": "errors since ten",
    "parameters.why": "errors since ten",
    "System.AccessToken": "token",
    "inputs.model": "flights",
    "inputs.bundle": "0" * 64,
    "parameters.version": "3",
    "System.PullRequest.TargetBranch": "refs/heads/main",
    "System.PullRequest.SourceCommitId": "c0ffee1",
    "STACK": "azure-dev",
    "PULUMI_BACKEND_URL": "azblob://state",
    "Pipeline.Workspace": ".",
}
# The lists of make targets that jobs are given, by the variable that holds them.
LISTS = {
    "TARGETS": ("deploy", "infra-drift", "destroy", "smoke export", "import smoke", "promote",
                "rollback"),
    "DEPLOYS": ("deploy", "infra-drift", "destroy"),
    "RELEASES": ("smoke export", "import smoke", "promote", "rollback"),
}  # fmt: skip
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}|\$\(([\w.]+)\)")


@dataclass(frozen=True)
class Script:
    """A shell script of a job, with the environment it sees."""

    place: str
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
        lists = [name for name in LISTS if name in script.environment]
        for name in lists:
            for targets in LISTS[name]:
                yield _with(script, **{name: targets})
        if not lists:
            yield script


def _github() -> Iterator[Script]:
    for file in GITHUB:
        for name, job in jobs(file).items():
            for number, step in enumerate(job.get("steps", [])):
                if "run" in step:
                    place = f"{file.name} {name} {number}"
                    environment = {**job.get("env", {}), **step.get("env", {})}
                    yield Script(place, step["run"], _values(environment))


def _gitlab() -> Iterator[Script]:
    content = load(REPOSITORY / ".gitlab-ci.yml")
    variables = {"STACK": "aws-dev", "CLOUD": "aws", "VERSION": "3", "CLOUD_TOKEN": "token"}
    variables |= {"DEPLOY_ROLE": "deployer", "PROMOTE_ROLE": "promoter", "BUNDLE_SHA256": "0" * 64}
    variables |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD", "IMAGE": "registry.example.org/image:1"}
    for name, job in content.items():
        for part in ("script", "after_script"):
            if isinstance(job, dict) and part in job:
                text = "\n".join(job[part])
                lists = {name: "" for name in LISTS if f"${name}" in text}
                yield Script(f"gitlab {name} {part}", text, {**variables, **lists})


def _azure() -> Iterator[Script]:
    variables = {"idToken": "t", "servicePrincipalId": "i", "tenantId": "t"}
    for number, step in enumerate(step for file in AZURE for step in _steps(load(file))):
        text = step.get("bash") or step.get("inputs", {}).get("inlineScript")
        if text:
            yield Script(f"azure {number}", text, {**variables, **_values(step.get("env", {}))})


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
        return "" if name.endswith(("targets", "deploys", "releases")) else VALUES[name]

    return {key: EXPRESSION.sub(value, text) for key, text in environment.items()}


def _with(script: Script, **more: str) -> Script:
    return Script(f"{script.place} {more}", script.text, {**script.environment, **more})
