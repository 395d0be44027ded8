"""`mlops doctor` on AWS."""

from __future__ import annotations

from datetime import datetime

import boto3
import pytest
from botocore.stub import Stubber

from tests.setup.answers import stack, states
from tools.doctor import aws
from tools.doctor.checks import BAD, GOOD, OPEN

AWS = {"mlops:target": "aws", "aws:region": "eu-central-1",
       "mlops:endpoint": {"instanceType": "ml.m5.large"}}  # fmt: skip


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stubber]:
    """AWS clients whose answers are checked against the services' models."""
    stubbers = {
        name: Stubber(
            boto3.client(name, "eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
        )
        for name in ("sts", "iam", "service-quotas", "ce")
    }
    for stubber in stubbers.values():
        stubber.activate()
    monkeypatch.setattr(aws, "_client", lambda service, region: stubbers[service].client)
    return stubbers


@pytest.mark.parametrize(("decision", "quota", "expected"), [
    ("allowed", 4.0, {"permissions": GOOD, "quotas": GOOD}),
    ("implicitDeny", 0.0, {"permissions": BAD, "quotas": BAD}),
])  # fmt: skip
def test_aws(clients: dict[str, Stubber], decision: str, quota: float, expected: dict) -> None:
    # As in https://github.com/serverless/serverless/issues/13652: "The STS form carries only the
    # role name, never the IAM path".
    role = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
    path = "/aws-reserved/sso.amazonaws.com/eu-central-1/"
    session = f"arn:aws:sts::123456789012:assumed-role/{role}/me@example.com"
    clients["sts"].add_response("get_caller_identity", {"Arn": session})
    arn = f"arn:aws:iam::123456789012:role{path}{role}"
    description = {"Path": path, "RoleName": role, "RoleId": "AROA" + "X" * 17, "Arn": arn,
                   "CreateDate": datetime(2026, 1, 1)}  # fmt: skip
    clients["iam"].add_response("get_role", {"Role": description}, {"RoleName": role})
    _simulated(clients["iam"], arn, decision)
    quotas = [
        {"QuotaName": f"ml.m5.large for {usage} usage", "Value": quota}
        for usage in ("endpoint", "processing job", "training job")
    ]
    clients["service-quotas"].add_response("list_service_quotas", {"Quotas": quotas})
    assert states(aws.checks(stack(AWS))) == {"credentials": GOOD, **expected}


def test_a_user_of_aws_is_simulated_as_such(clients: dict[str, Stubber]) -> None:
    user = "arn:aws:iam::123456789012:user/team/me"
    _simulated(clients["iam"], user, "allowed")
    assert aws._check_actions(clients["iam"].client, user) == f"{len(aws.ACTIONS)} actions allowed"


def test_an_action_of_each_service_that_a_stack_has_parts_of_is_simulated() -> None:
    """Actions are the operations of their services, but for PassRole (Service Authorization
    Reference, "Actions defined by AWS Identity and Access Management")."""
    operations = {
        f"{service}:{operation}"
        for service in ("cloudwatch", "events", "iam", "kms", "s3", "sagemaker", "scheduler", "sns")
        for operation in boto3.client(service, "eu-central-1").meta.service_model.operation_names
    }
    assert set(aws.ACTIONS) - operations == {"iam:PassRole"}
    assert {action.partition(":")[0] for action in aws.ACTIONS} == {
        action.partition(":")[0] for action in operations
    }
    # "To pass a role to an AWS service, a user must have permissions" (IAM, "Grant a user
    # permissions to pass a role"): SageMaker's pipelines and endpoints run as roles of the stack.
    runs = {
        "sagemaker:CreatePipeline",
        "sagemaker:CreateEndpoint",
        "iam:CreateRole",
        "iam:PassRole",
    }
    assert runs <= set(aws.ACTIONS)


def test_the_actions_that_are_refused_are_named(clients: dict[str, Stubber]) -> None:
    user = "arn:aws:iam::123456789012:user/me"
    decisions = {"kms:CreateKey": "explicitDeny", "sns:CreateTopic": "implicitDeny"}
    results = [
        {"EvalActionName": name, "EvalDecision": decisions.get(name, "allowed")}
        for name in aws.ACTIONS
    ]
    clients["iam"].add_response("simulate_principal_policy", {"EvaluationResults": results})
    with pytest.raises(PermissionError, match=r"^not allowed: kms:CreateKey, sns:CreateTopic$"):
        aws._check_actions(clients["iam"].client, user)


def _simulated(iam: Stubber, source: str, decision: str) -> None:
    results = [{"EvalActionName": name, "EvalDecision": decision} for name in aws.ACTIONS]
    request = {"PolicySourceArn": source, "ActionNames": list(aws.ACTIONS)}
    iam.add_response("simulate_principal_policy", {"EvaluationResults": results}, request)


def test_a_release_on_aws_needs_a_second_fleet(clients: dict[str, Stubber]) -> None:
    quotas = [
        {"QuotaName": "ml.m5.large for endpoint usage", "Value": 4.0},
        {"QuotaName": "ml.m5.large for processing job usage", "Value": 4.0},
    ]
    clients["service-quotas"].add_response("list_service_quotas", {"Quotas": quotas})
    models = {"a": {"drift": {"instances": 5}}, "b": {"endpoint": {"instances": 2}}}
    several = {**AWS, "mlops:models": models}
    check = aws._quotas(clients["service-quotas"].client, list(aws._needs(stack(several))))
    assert check.state == BAD
    assert "ml.m5.large for endpoint usage: 4, needed are 6" in check.found
    assert "ml.m5.large for processing job usage: 4, needed are 5" in check.found
    assert "ml.m5.large for training job usage: 0, needed are 1" in check.found


@pytest.mark.parametrize(("active", "state"), [(True, GOOD), (False, BAD)])
def test_the_tag_that_a_budget_on_aws_counts_by(
    clients: dict[str, Stubber], active: bool, state: str
) -> None:
    tag = {"TagKey": "stack", "Type": "UserDefined", "Status": "Active"}
    answer = {"CostAllocationTags": [tag] if active else []}
    request = {"TagKeys": ["stack"], "Status": "Active"}
    clients["ce"].add_response("list_cost_allocation_tags", answer, request)
    assert aws._cost_tag(clients["ce"].client).state == state


def test_aws_without_credentials(clients: dict[str, Stubber]) -> None:
    clients["sts"].add_client_error("get_caller_identity", "ExpiredToken", "the token expired")
    checks = list(aws.checks(stack(AWS)))
    assert states(checks) == {"credentials": BAD, "permissions": OPEN, "quotas": OPEN}
    assert "the token expired" in checks[0].found and "aws sso login" in checks[0].todo
    assert {check.found for check in checks[1:]} == {"needs credentials"}


def test_a_service_that_does_not_answer_is_not_waited_for_long() -> None:
    config = aws._client("sts", "eu-central-1").meta.config
    assert config.connect_timeout + config.read_timeout <= 20
    assert config.retries["total_max_attempts"] <= 3


def test_a_budget_is_asked_for_its_tag(clients: dict[str, Stubber]) -> None:
    for budget, names in (({"monthly": 0}, ["budget's tag"]), ({"emails": []}, []), (None, [])):
        user = "arn:aws:iam::123456789012:user/me"
        clients["sts"].add_response("get_caller_identity", {"Arn": user})
        _simulated(clients["iam"], user, "allowed")
        clients["service-quotas"].add_response("list_service_quotas", {"Quotas": []})
        if names:
            clients["ce"].add_response("list_cost_allocation_tags", {"CostAllocationTags": []})
        found = [check.name for check in aws.checks(stack({**AWS, "mlops:budget": budget}))]
        assert found == ["credentials", "permissions", "quotas", *names], budget


def test_who_may_not_see_quotas_or_tags_is_told_so(clients: dict[str, Stubber]) -> None:
    for service, operation in (
        ("service-quotas", "list_service_quotas"), ("ce", "list_cost_allocation_tags"),
    ):  # fmt: skip
        clients[service].add_client_error(operation, "AccessDenied", "not\n yours")
    checks = [
        aws._quotas(clients["service-quotas"].client, [("ml.m5.large for training job usage", 1)]),
        aws._cost_tag(clients["ce"].client),
    ]
    assert states(checks) == {"quotas": OPEN, "budget's tag": OPEN}
    assert all("AccessDenied" in check.found and "not yours" in check.found for check in checks)
    assert all(check.todo for check in checks)


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        ({"compute": {"instanceType": "ml.c5.large"}}, (2, 1, 1)),
        ({"endpoint": {"instances": 2}, "drift": {"instances": 3}}, (4, 3, 1)),
        ({"endpoint": {"instances": 2, "maxInstances": 5}}, (10, 1, 1)),
    ],
)
def test_a_stack_needs_two_fleets_at_their_largest_and_the_machines_of_a_job(
    settings: dict[str, dict], needs: tuple[int, int, int]
) -> None:
    config = {f"mlops:{key}": value for key, value in settings.items()}
    machine = settings.get("compute", {}).get("instanceType", "ml.m5.large")
    usages = ("ml.m5.large for endpoint", f"{machine} for processing job",
              f"{machine} for training job")  # fmt: skip
    # The defaults of docs/settings.md.
    expected = [(f"{usage} usage", count) for usage, count in zip(usages, needs, strict=True)]
    assert list(aws._needs(stack({"mlops:target": "aws", **config}))) == expected
