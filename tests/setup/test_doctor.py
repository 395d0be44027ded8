"""`mlops doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.clouds.discovery import Server
from tests.project import Project
from tests.setup.clouds import answering
from tools.doctor import aws, azure, checks, cli, gcp
from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack

AWS = {"mlops:target": "aws", "aws:region": "eu-central-1",
       "mlops:endpoint": {"instanceType": "ml.m5.large"}}  # fmt: skip
AZURE = {"mlops:target": "azure", "azure-native:location": "westeurope",
         "azure-native:subscriptionId": "1"}  # fmt: skip
GCP = {"mlops:target": "gcp", "gcp:project": "p", "gcp:region": "europe-west1"}


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
        for name in ("sts", "iam", "service-quotas", "ce")
    }
    for stubber in made.values():
        stubber.activate()
    monkeypatch.setattr(aws, "_client", lambda service, region: made[service].client)
    return made


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
    quotas = [
        {"QuotaName": f"ml.m5.large for {usage} usage", "Value": quota}
        for usage in ("endpoint", "processing job", "training job")
    ]
    clients["service-quotas"].add_response("list_service_quotas", {"Quotas": quotas})
    assert states(aws.checks(stack(AWS))) == {"credentials": GOOD, **wanted}


def test_a_release_on_aws_needs_a_second_fleet(clients: dict[str, Stubber]) -> None:
    quotas = [
        {"QuotaName": "ml.m5.large for endpoint usage", "Value": 4.0},
        {"QuotaName": "ml.m5.large for processing job usage", "Value": 4.0},
    ]
    clients["service-quotas"].add_response("list_service_quotas", {"Quotas": quotas})
    several = {**AWS, "mlops:models": {"a": {}, "b": {"endpoint": {"instances": 2}}}}
    found = aws._quotas(clients["service-quotas"].client, list(aws._needs(stack(several))))
    assert found.state == BAD
    assert "ml.m5.large for endpoint usage: 4, needed are 6" in found.found
    assert "ml.m5.large for training job usage: 0, needed are 1" in found.found


@pytest.mark.parametrize(("active", "state"), [(True, GOOD), (False, BAD)])
def test_the_tag_that_a_budget_on_aws_counts_by(
    clients: dict[str, Stubber], active: bool, state: str
) -> None:
    tag = {"TagKey": "stack", "Type": "UserDefined", "Status": "Active"}
    answer = {"CostAllocationTags": [tag] if active else []}
    asked = {"TagKeys": ["stack"], "Status": "Active"}
    clients["ce"].add_response("list_cost_allocation_tags", answer, asked)
    assert aws._cost_tag(clients["ce"].client).state == state


def test_aws_without_credentials(clients: dict[str, Stubber]) -> None:
    clients["sts"].add_client_error("get_caller_identity", "ExpiredToken", "the token expired")
    found = list(aws.checks(stack(AWS)))
    assert states(found) == {"credentials": BAD, "permissions": OPEN, "quotas": OPEN}
    assert "the token expired" in found[0].found and "aws sso login" in found[0].todo


# As in the examples of "Usages - List" (REST API of Azure ML): clusters and totals are among them.
def usages(family: int) -> dict[str, Any]:
    numbers = {"Clusters": (100, 0), "Total Dedicated Cores": (100, 10),
               "standardDSv2Family": (family, 0), "Standard DSv3 Family": (0, 0)}  # fmt: skip
    return {"value": [{"name": {"value": name}, "limit": limit, "currentValue": used}
                      for name, (limit, used) in numbers.items()]}  # fmt: skip


def registered(*missing: str) -> dict[str, Any]:
    return {"value": [
        {"namespace": name, "registrationState": ["Registered", "NotRegistered"][name in missing]}
        for name in azure.PROVIDERS
    ]}  # fmt: skip


def role(*actions: str, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    return {"actions": list(actions), "notActions": list(but)}


# "Azure built-in roles": Contributor; Role Based Access Control Administrator.
CONTRIBUTOR = role("*", but=("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"))
ASSIGNER = role("Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete", "*/read")  # fmt: skip
ACCESS = role("*/read", "Microsoft.Authorization/*")


@pytest.mark.parametrize(("roles", "cores", "missing", "wanted"), [
    ([role("*")], 12, (), {"permissions": GOOD, "providers": GOOD, "quotas": GOOD}),
    ([CONTRIBUTOR, ACCESS], 11, (), {"permissions": GOOD, "providers": GOOD, "quotas": BAD}),
    ([CONTRIBUTOR, ASSIGNER], 12, ("microsoft.insights", "Microsoft.Insights"),
     {"permissions": BAD, "providers": BAD, "quotas": GOOD}),
    ([role("Microsoft.Storage/*")], 0, (), {"permissions": BAD, "providers": GOOD, "quotas": BAD}),
])  # fmt: skip
def test_azure(
    monkeypatch: pytest.MonkeyPatch, roles: list, cores: int, missing: tuple[str, ...], wanted: dict
) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    with answering({
        "Microsoft.Authorization/permissions": {"value": roles},
        "/providers?": registered(*missing),
        "locations/westeurope/usages": usages(cores),
    }) as host:  # fmt: skip
        found = list(azure.checks(stack(AZURE), host))
    assert states(found) == {"credentials": GOOD, **wanted}
    assert "a-token" not in str(found)
    if wanted["providers"] == BAD:
        assert "az provider register --wait -n Microsoft.Insights" in found[2].todo


def test_a_family_that_azure_does_not_tell_of_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure, "_token", lambda subscription: "a-token")
    config = {**AZURE, "mlops:compute": {"instanceType": "Standard_E4s_v3"}}
    with answering({"locations/westeurope/usages": usages(100)}) as host:
        found = list(azure.checks(stack(config), host))
    assert states(found)["quotas"] == OPEN and "standardesv3family" in found[-1].found


@pytest.mark.parametrize(("held", "state", "limit", "wanted"), [
    (list(gcp.PERMISSIONS), "ENABLED", "24", GOOD),
    ([], "DISABLED", "1", BAD),
])  # fmt: skip
def test_gcp(
    monkeypatch: pytest.MonkeyPatch, held: list, state: str, limit: str, wanted: str
) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    elsewhere = {"dimensions": {"region": "us-east1"}, "effectiveLimit": "1000"}
    here = {"dimensions": {"region": "europe-west1"}, "effectiveLimit": limit}
    services = [{"name": f"projects/1/services/{name}", "state": state} for name in gcp.FIRST]
    limits = {"consumerQuotaLimits": [{"quotaBuckets": [elsewhere, here]}]}
    answers = {
        "serviceusage.services.batchGet": {"services": services},
        "cloudresourcemanager.projects.testIamPermissions": {"permissions": held},
        "serviceusage.services.consumerQuotaMetrics.get": limits,
    }
    # Requests and answers are held against Google's discovery documents.
    server = Server(lambda call: answers[call.method])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts = (
        url.replace("https:/", server.address, 1)
        for url in (gcp.PROJECTS, gcp.SERVICES, gcp.QUOTAS)
    )
    found = list(gcp.checks(stack(GCP), *hosts))
    server.shutdown()
    server.server_close()
    names = [check.name for check in found]
    assert names == ["credentials", "APIs", "permissions", "quotas", "quotas", "image"]
    assert {check.state for check in found[1:5]} == {wanted}
    assert list(dict.fromkeys(server.calls)) == list(answers) and not server.wrong
    assert "a-token" not in str(found)


@pytest.mark.parametrize(
    ("day", "state"), [("2026-10-14", GOOD), ("2026-10-15", OPEN), ("2027-10-15", BAD)]
)
def test_the_image_of_google_has_an_end(day: str, state: str) -> None:
    assert gcp._image(stack(GCP), date.fromisoformat(day)).state == state


def test_a_service_that_refuses_to_say_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcp, "_token", lambda: "a-token")
    with answering({}) as host:
        found = list(gcp.checks(stack(GCP), host, host, host))
    del found[-1]
    assert states(found) == {"credentials": GOOD, "APIs": BAD, "permissions": BAD, "quotas": OPEN}
    assert "403" in found[1].found
