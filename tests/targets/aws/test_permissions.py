"""Each role may do what its code calls, and no more: recorded calls against the built policies."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from components.targets.aws.grants import together
from components.targets.aws.permissions import CALLS
from tests.clouds.aws_calls import ACCOUNT, Call
from tests.targets.aws.runner import Aws
from tests.targets.conftest import Trained
from training import versions
from training.bundles import archive

pytestmark = pytest.mark.engine

ACTORS = {"steps": "{prefix}-flights-steps", "release": "{prefix}-flights-release",
          "promote": "{prefix}-promote"}  # fmt: skip
Statement = dict[str, Any]


@pytest.fixture(scope="module")
def run(trained: Trained) -> Aws:
    """A stack that trained, released, checked for drift, and was commanded by a workflow."""
    runner, _ = trained("aws")
    runner.run("drift-check")
    role = ACTORS["promote"].format(prefix="mlops-aws-dev")
    champion = str(runner.records("releases")[-1]["version"])
    runner.mlops("rollback", "--why", "test", role=role)
    runner.mlops("promote", champion, "--why", "test", role=role)
    with runner.environment():
        boto3.client("sagemaker").start_pipeline_execution(
            PipelineName="mlops-aws-dev-flights-drift-check",
            PipelineParameters=[],
            ClientRequestToken="a-run-to-be-looked-at-by-the-command-line",
        )
    runner.mlops("status", role=role)
    with runner.environment():
        schedules = runner.schedules(role=role)
    assert [(schedule["name"], schedule["on"]) for schedule in schedules] == [
        ("retraining", True),
        ("drift_check", True),
    ]
    runner.mlops("export", champion, "--out", "champion.tar", role=role)
    folder = runner.platform.project.path
    elsewhere(folder / "champion.tar", folder / "other.tar")
    runner.mlops("import", "other.tar", role=role)
    return runner


def elsewhere(file: Path, out: Path) -> None:
    """The same version as another stack would have made it: with other bytes in its artifact."""
    with TemporaryDirectory() as name:
        bundle = archive.read(file, Path(name))
        with bundle.parts["artifact"].open("ab") as artifact:
            artifact.write(b"other")
        manifest = bundle.manifest()
        manifest["artifact"]["sha256"] = versions.sha256(bundle.parts["artifact"])
        bundle.parts["manifest"].write_text(json.dumps(manifest))
        archive.write(out, {**bundle.source, "stack": "elsewhere"}, bundle.parts)


def calls(run: Aws, actor: str) -> set[Call]:
    caller = ACTORS[actor].format(prefix="mlops-aws-dev")
    own_calls = {call for call in run.calls if call.caller == caller}
    assert own_calls, f"{caller} called nothing; callers: {sorted({c.caller for c in run.calls})}"
    return own_calls


def policy(run: Aws, actor: str) -> list[Statement]:
    """The statements of a role's policy, as the program made it."""
    role = ACTORS[actor].format(prefix="mlops-aws-dev")
    rows = run.platform.cloud.resources("aws:iam/rolePolicy:RolePolicy")
    (row,) = (row for row in rows if row.outputs["role"] == role)
    # The simulated cloud's account, and moto's.
    return json.loads(re.sub(r"\d{12}", ACCOUNT, row.outputs["policy"]))["Statement"]


def allows(statement: Statement, call: Call) -> bool:
    actions, resources = _list(statement["Action"]), _list(statement["Resource"])
    resource = re.sub(r"\d{12}", ACCOUNT, call.resource)
    # Which key encrypts, a request to S3 does not say.
    unseen = call.action.startswith("kms:")
    return call.action in actions and any(
        unseen or fnmatchcase(resource, pattern) for pattern in resources
    )


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_that_is_called_is_missing(actor: str, run: Aws) -> None:
    statements = policy(run, actor)
    refused = {c for c in calls(run, actor) if not any(allows(s, c) for s in statements)}
    assert not refused, sorted(f"{call.action} {call.resource}" for call in refused)


@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_is_granted_in_vain(actor: str, run: Aws) -> None:
    calls_made, grants = calls(run, actor), CALLS[actor]
    vain = [
        f"{action} on {statement['Resource']}"
        for group, statement in zip(together(grants), policy(run, actor), strict=True)
        for grant in grants
        # Calls that a service makes in the role's name are not recorded.
        if grant.source is None and grant.resources == group.resources and grant.when == group.when
        for action in grant.actions
        if not any(call.action == action and allows(statement, call) for call in calls_made)
    ]
    assert not vain, vain
