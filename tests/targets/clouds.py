"""The real program on a simulated cloud, through the real engine."""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.rules.basic import parsed_yaml
from pulumi_simcloud.state import Row

from tests import vault
from tests.installed import only
from tests.project import REPOSITORY, Project
from tools.gateways import GATEWAYS

# A preview that breaks a policy of the pack fails.
POLICIES = ("--policy-pack", str(REPOSITORY / "policy" / "analyzer"))
# The state is written once, at the end: after each resource, all of it takes longer than the rest.
AT_ONCE = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
# Types that are nothing in a cloud: components, and owners of what pipelines and releases make.
OWNERS = (
    "pulumi-python:dynamic/gcp:Deployments",
    "pulumi-python:dynamic/gcp:Entry",
    "pulumi-python:dynamic/gcp:MetadataStore",
)
NOT_MADE = ("mlops:", "pulumi:", *OWNERS)


@dataclass(frozen=True)
class Target:
    """One cloud: its provider's package and settings, and what is there before the stack."""

    name: str
    package: str
    settings: dict[str, str]
    # Type and inputs of resources that the stack file names and nobody here makes.
    seeds: tuple[tuple[str, dict[str, Any]], ...]

    @property
    def release(self) -> Callable[[SimCloud], None]:
        """Makes in a cloud what releases leave there."""
        return importlib.import_module(f"tests.targets.{self.name}.releases").release


TARGETS = only(
    {
        "aws": Target(
            "aws",
            "aws",
            {"region": "eu-central-1"},
            (("aws:s3/bucket:Bucket", {"bucket": "my-company-data"}),),
        ),
        "gcp": Target(
            "gcp",
            "gcp",
            {"project": "my-project-dev", "region": "europe-west1"},
            (
                (
                    "gcp:storage/bucket:Bucket",
                    {"name": "my-company-data", "location": "europe-west1"},
                ),
            ),
        ),
        "azure": Target(
            "azure",
            "azure-native",
            {"location": "westeurope"},
            (
                ("azure-native:resources:ResourceGroup", {"resourceGroupName": "my-company"}),
                (
                    "azure-native:storage:StorageAccount",
                    {
                        "resourceGroupName": "my-company",
                        "accountName": "mycompanydata",
                        "kind": "StorageV2",
                        "sku": {"name": "Standard_LRS"},
                    },
                ),
            ),
        ),
    }
)


class Platform:
    """The stack of a target's stack file, on a cloud of its own."""

    def __init__(self, target: Target, stack: str, project: Project, cloud: SimCloud) -> None:
        self.target, self.stack, self.project, self.cloud = target, stack, project, cloud
        self._file = project.path / "stacks" / f"Pulumi.{stack}.yaml"

    def configure(self, **changes: Any) -> None:
        """Change settings by path, such as ``drift.minEffect``; None removes one."""
        content = self._content
        for path, value in changes.items():
            first, *keys = path.split(".")
            names = [first if ":" in first else f"mlops:{first}", *keys]
            section = content["config"]
            for name in names[:-1]:
                section = section.setdefault(name, {})
            section.pop(names[-1], None)
            if value is not None:
                section[names[-1]] = value
        self._write(content)

    def restore(self, config: dict[str, Any]) -> None:
        """Give the stack these settings and no others; its key stays."""
        self._write({**self._content, "config": config})

    @property
    def config(self) -> dict[str, Any]:
        """The stack's settings."""
        return self._content["config"]

    @property
    def _content(self) -> dict[str, Any]:
        return parsed_yaml(self._file.read_text())

    def _write(self, content: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(content, indent=2))  # which is YAML, too

    @property
    def environment(self) -> dict[str, str]:
        """What commands have to know of the cloud, beside the project's own environment."""
        return {**self.cloud.environment, **vault.environment()}

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run the engine on the stack: what it printed; its exit code has to be as `fails` says."""
        process = self._engine(*arguments)
        assert (process.returncode != 0) == fails, process.stdout + process.stderr
        return process.stdout + process.stderr if fails else process.stdout

    def up(self, fails: bool = False) -> str:
        """`pulumi up`."""
        return self.run("up", "--yes", "--skip-preview", fails=fails)

    def destroy(self, fails: bool = False) -> str:
        """`pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", fails=fails)

    def release(self) -> None:
        """Let releases leave what they do in the cloud."""
        self.target.release(self.cloud)

    def destroy_with_report(self) -> dict[str, Any]:
        """`mlops destroy`: what it told, and its exit code."""
        return self.project.destroy(self.stack, **self.environment, **AT_ONCE)

    def no_changes(self, *options: str) -> None:
        """A preview that proposes nothing, and breaks no policy of a pack given."""
        self.run("preview", "--expect-no-changes", *options)

    def exported(self) -> str:
        """The engine's state of the stack."""
        return self.run("stack", "export", "--show-secrets")

    def own_providers(self) -> set[str]:
        """The providers of the program's own resources: each is one more Python in a preview."""
        resources = json.loads(self.exported())["deployment"]["resources"]
        return {
            resource["urn"].rpartition("::")[2]
            for resource in resources
            if resource["type"] == "pulumi:providers:pulumi-python"
        }

    def changes(self, *options: str) -> dict[str, str]:
        """What a preview would do: "Type name" to the operation, components left out."""
        steps = json.loads(self.run("preview", "--json", *options))["steps"]
        return {
            _short(step["urn"]): step["op"]
            for step in steps
            if step["op"] in ("create", "update", "replace", "delete")
            and not step["urn"].split("::")[-2].split("$")[-1].startswith(NOT_MADE)
        }

    def attempts(self, command: str, at_most: int) -> int:
        """Repeat `up` or `destroy` until it goes through: how often it failed before.

        Each goes on with what does not depend on a failure, so that few attempts meet them all.
        """
        for failures in range(at_most):
            process = self._engine(command, "--yes", "--skip-preview", "--continue-on-error")
            if process.returncode == 0:
                return failures
        raise AssertionError(f"{command} failed {at_most} times")

    def created_rows(self) -> list[Row]:
        """What the stack made in the cloud."""
        return [row for row in self.cloud.resources() if not row.urn.startswith("urn:pulumi:seed")]

    def blobs(self) -> list[str]:
        """Blobs in the stack's containers: on Azure they are the stack's own resources' work."""
        containers = self.cloud.resources("azure-native:storage:BlobContainer")
        stores = [f"az/{row.inputs['accountName']}/{row.outputs['name']}" for row in containers]
        return [key for store in stores for key in self.cloud.objects(store)]

    def dangling(self) -> list[str]:
        """What is wrong with what policies, dashboards and rules name, now that all is up."""
        failures = self.cloud.dangling(self.target.package, self.target.settings)
        return [failure.reason for failure in failures]

    def _engine(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "-s", self.stack, "--non-interactive", "--color=never"],
            cwd=self.project.path,
            env={**self.project.engine_environment(), **self.environment, **AT_ONCE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@contextmanager
def platform(
    name: str, folder: Path, environment: str = "dev", account: str = "settled"
) -> Iterator[Platform]:
    """A target's stack for an environment, made but not up, on a new cloud in `folder`.

    In an `account` that is "empty" nothing has been used before (`SimCloud`).
    """
    target, stack = TARGETS[name], f"{name}-{environment}"
    project = Project.make(folder / "project")
    file = f"Pulumi.{stack}.yaml"
    (project.path / "stacks" / file).write_text((REPOSITORY / "stacks" / file).read_text())
    with SimCloud(folder / "cloud", gateways=GATEWAYS, account=account) as cloud:
        for number, (token, inputs) in enumerate(target.seeds):
            cloud.seed(token, f"given-{number}", inputs, target.settings)
        platform = Platform(target, stack, project, cloud)
        platform.run("stack", "init", "--secrets-provider", vault.PROVIDER)
        yield platform


def _short(urn: str) -> str:
    kind, name = urn.split("::")[-2:]
    return f"{kind.split('$')[-1].split(':')[-1]} {name}"
