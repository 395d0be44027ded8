"""`mlops doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.clouds.discovery import Server
from tests.installed import has, needs
from tests.project import Project
from tests.setup.clouds import answering
from tools.doctor import checks, cli
from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack

if TYPE_CHECKING or has("aws"):
    from tools.doctor import aws
if TYPE_CHECKING or has("azure"):
    from tools.doctor import azure
if TYPE_CHECKING or has("gcp"):
    from tools.doctor import gcp

AWS = {"mlops:target": "aws", "aws:region": "eu-central-1",
       "mlops:endpoint": {"instanceType": "ml.m5.large"}}  # fmt: skip
AZURE = {"mlops:target": "azure", "azure-native:location": "westeurope",
         "azure-native:subscriptionId": "1"}  # fmt: skip
GCP = {"mlops:target": "gcp", "gcp:project": "p", "gcp:region": "europe-west1"}

ALL = ["all that are asked for"]


def states(found: Iterable[Check]) -> dict[str, str]:
    return {check.name: check.state for check in found}


def stack(config: dict[str, Any]) -> Stack:
    return Stack(Path(), "dev", config)


@pytest.mark.engine
def test_a_local_stack_needs_engine_sdk_settings_and_state(
    cancer: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(cancer.path)
    for key, value in cancer.environment().items():
        monkeypatch.setenv(key, value)
    assert cli.main(["local", "--json"]) == 0
    found = [Check(**one) for one in json.loads(capsys.readouterr().out)]
    assert states(found) == dict.fromkeys(("engine", "SDK", "settings", "state"), GOOD)
    (cancer.path / "stacks/Pulumi.other.yaml").write_text("config: {mlops:target: mars}")
    assert cli.main(["other"]) == 1
    told = capsys.readouterr().out
    assert "missing  settings: mlops:target: 'mars' is not allowed" in told
    assert "to do: pulumi login, then pulumi stack init other" in told
    monkeypatch.setenv("PATH", "")
    assert states([checks._engine()]) == {"engine": BAD}


def test_a_stack_without_a_file(cancer: Project, monkeypatch: pytest.MonkeyPatch,
                                capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.chdir(cancer.path)
    assert cli.main(["nope"]) == 1
    assert "STACK: 'nope' has no file stacks/Pulumi.nope.yaml" in capsys.readouterr().err


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stubber]:
    """AWS clients whose answers are checked against the services' models."""
    made = {
        name: Stubber(
            boto3.client(name, "eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        )
        for name in ("sts", "iam", "service-quotas")
    }
    for stubber in made.values():
        stubber.activate()
    monkeypatch.setattr(aws, "_client", lambda service, region: made[service].client)
    return made


@needs("aws")
@pytest.mark.parametrize(("decision", "quota", "wanted"), [
    ("allowed", 4.0, {"permissions": GOOD, "quotas": GOOD}),
    ("implicitDeny", 0.0, {"permissions": BAD, "quotas": BAD}),
])  # fmt: skip
def test_aws(clients: dict[str, Stubber], decision: str, quota: float, wanted: dict) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/deploy/me"
    clients["sts"].add_response("get_caller_identity", {"Arn": session})
    results = [{"EvalActionName": name, "EvalDecision": decision} for name in aws.ACTIONS]
    role = {"PolicySourceArn": "arn:aws:iam::123456789012:role/deploy",
            "ActionNames": list(aws.ACTIONS)}  # fmt: skip
    clients["iam"].add_response("simulate_principal_policy", {"EvaluationResults": results}, role)
    quotas = [{"QuotaName": "ml.m5.large for endpoint usage", "Value": quota}]
    clients["service-quotas"].add_response("list_service_quotas", {"Quotas": quotas})
    assert states(aws.checks(stack(AWS))) == {"credentials": GOOD, **wanted}


@needs("aws")
def test_aws_without_credentials(clients: dict[str, Stubber]) -> None:
    clients["sts"].add_client_error("get_caller_identity", "ExpiredToken", "the token expired")
    found = list(aws.checks(stack(AWS)))
    assert states(found) == {"credentials": BAD, "permissions": OPEN, "quotas": OPEN}
    assert "the token expired" in found[0].found and "aws sso login" in found[0].todo


@needs("azure")
@pytest.mark.parametrize(("actions", "used", "wanted"), [
    (["*"], 0, {"permissions": GOOD, "quotas": GOOD}),
    (["Microsoft.Storage/*"], 100, {"permissions": BAD, "quotas": BAD}),
])  # fmt: skip
def test_azure(monkeypatch: pytest.MonkeyPatch, actions: list, used: int, wanted: dict) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    with answering({
        "Microsoft.Authorization/permissions": {"value": [{"actions": actions, "notActions": []}]},
        "locations/westeurope/usages": {"value": [{"limit": 100, "currentValue": used}]},
    }) as host:  # fmt: skip
        found = list(azure.checks(stack(AZURE), host))
    assert states(found) == {"credentials": GOOD, **wanted}
    assert "a-token" not in str(found)


@needs("gcp")
@pytest.mark.parametrize(("held", "used", "wanted"), [
    (ALL, 0, {"permissions": GOOD, "quotas": GOOD}),
    ([], 24, {"permissions": BAD, "quotas": BAD}),
])  # fmt: skip
def test_gcp(monkeypatch: pytest.MonkeyPatch, held: list, used: int, wanted: dict) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    answers = {
        "cloudresourcemanager.projects.testIamPermissions": {
            "permissions": list(gcp.PERMISSIONS) if held == ALL else held
        },
        "compute.regions.get": {"quotas": [{"metric": "CPUS", "limit": 24, "usage": used}]},
    }
    # Requests and answers are held against Google's discovery documents.
    server = Server(lambda call: answers[call.method])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts = (url.replace("https:/", server.address, 1) for url in (gcp.PROJECTS, gcp.REGIONS))
    found = list(gcp.checks(stack(GCP), *hosts))
    server.shutdown()
    server.server_close()
    assert states(found) == {"credentials": GOOD, **wanted}
    assert server.calls == list(answers) and not server.wrong
    assert "a-token" not in str(found)


@needs("gcp")
def test_a_service_that_refuses_to_say_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    with answering({}) as host:
        found = list(gcp.checks(stack(GCP), host, host))
    assert states(found) == {"credentials": GOOD, "permissions": BAD, "quotas": OPEN}
    assert "403" in found[1].found
