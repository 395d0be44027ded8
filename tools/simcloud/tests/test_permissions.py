"""Permissions: the samples' lives as principals with what is needed, and with less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.permissions import (
    Call,
    DeniedError,
    NotUnderstoodError,
    Operation,
    authority,
    gcp,
)
from pulumi_simcloud.permissions.aws_conditions import holds as aws_holds
from pulumi_simcloud.permissions.aws_names import idle_actions, wrong_names
from pulumi_simcloud.permissions.azure_conditions import holds as azure_holds
from pulumi_simcloud.permissions.gcp_conditions import holds as gcp_holds
from pulumi_simcloud.permissions.globs import INNER, arn_fits, overlap
from pulumi_simcloud.platforms import SUBSCRIPTION, variables
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World
from samples import SAMPLES, SETTINGS
from samples.world import Filled

ROLE_ARN = "arn:aws:iam::123456789012:role/caller"
MEMBER = "serviceAccount:caller@sim-project.iam.gserviceaccount.com"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        }
    ],
}
PACKAGES = tuple(SAMPLES)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:people::people::{token}::{name}"


def grown(cloud: Cloud, token: str, name: str, inputs: dict[str, Any]) -> Row:
    """A resource that somebody who may do everything makes."""
    admin = Cloud(cloud.state, cloud.variables)
    checked, failures = admin.check(urn(token, name), {}, inputs, name.encode())
    assert not failures, failures
    identity, _ = admin.create(urn(token, name), checked)
    with cloud.state.transaction() as transaction:
        row = transaction.row(token, identity)
    assert row is not None
    return row


def caller(cloud: Cloud, package: str, actions: list[str]) -> str:
    """A principal in the cloud that may do so much everywhere."""
    if package == "aws":
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = {"name": "caller", "assumeRolePolicy": json.dumps(TRUST)}
        grown(cloud, "aws:iam/role:Role", "caller", role)
        # Of a size that an inline policy never has, which only a test does.
        inline = {"role": "caller", "name": "caller", "policy": policy}
        kind = catalog()["aws:iam/rolePolicy:RolePolicy"]
        row = Row(kind.token, "caller:caller", urn(kind.token, "c"), "c", inline, inline)
        with cloud.state.transaction() as transaction:
            transaction.put(row)
        return ROLE_ARN
    if package == "gcp":
        # There before the samples enable the API that makes accounts.
        email = MEMBER.removeprefix("serviceAccount:")
        account = {"accountId": "caller", "project": "sim-project", "email": email}
        kind = "gcp:serviceaccount/account:Account"
        identity = f"projects/sim-project/serviceAccounts/{email}"
        caller_row = Row(kind, identity, urn(kind, "c"), "c", account, account)
        role = {"roleId": "caller", "title": "caller", "permissions": actions}
        inputs = {**role, "project": "sim-project"}
        outputs = {**inputs, "name": "projects/sim-project/roles/caller"}
        token = "gcp:projects/iAMCustomRole:IAMCustomRole"
        row = Row(token, outputs["name"], urn(token, "c"), "c", inputs, outputs)
        member = {"project": "sim-project", "role": outputs["name"], "member": MEMBER}
        binding = "gcp:projects/iAMMember:IAMMember"
        with cloud.state.transaction() as transaction:
            transaction.put(caller_row)
            transaction.put(row)
            transaction.put(Row(binding, "b", urn(binding, "b"), "b", member, member))
        return MEMBER
    scope = f"/subscriptions/{SUBSCRIPTION}"
    plain = [action for action in actions if not action.startswith("data:")]
    data = [action.removeprefix("data:") for action in actions if action.startswith("data:")]
    definition = {
        "scope": scope,
        "roleDefinitionId": "ca11e400-0000-4000-8000-000000000001",
        "roleName": "caller",
        "permissions": [{"actions": plain, "dataActions": data}],
    }
    token = "azure-native:authorization:RoleDefinition"
    name = definition["roleDefinitionId"]
    identity = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    principal = "ca11e400-0000-4000-8000-000000000002"
    assignment = {"scope": scope, "principalId": principal, "roleDefinitionId": identity}
    binding = "azure-native:authorization:RoleAssignment"
    with cloud.state.transaction() as transaction:
        row = Row(token, identity, urn(token, "c"), "c", definition, {**definition, "name": name})
        transaction.put(row)
        transaction.put(Row(binding, "caller", urn(binding, "b"), "b", assignment, assignment))
    return principal


class Recording:
    """An authority that allows everything and remembers what was asked."""

    def __init__(self, package: str, noting: bool = False) -> None:
        self.package, self.noting = package, noting
        self.needs: list[tuple[Call, ...]] = []

    def life(self, folder: Path, principal: str | None, actions: list[str]) -> None:
        """Creates, reads, changes and deletes every sample, as a principal if one is named."""
        world = Filled.__new__(Filled)
        world.package, world.outputs, world.like = self.package, {}, {}
        from pulumi_simcloud.state import State

        settings = variables(self.package, SETTINGS[self.package])
        world.cloud = Cloud(State(folder), settings)
        if principal is None:
            name = caller(world.cloud, self.package, actions)
            world.cloud = Cloud(world.cloud.state, settings, principal=name)
        for name in SAMPLES[self.package]:
            outputs = world.create(name, world.inputs(name))
            if self.noting:
                self._note(world, "create", name, outputs)
            world.cloud.read(world.urn(name), world.outputs[name]["id"])
        for name in reversed(list(world.outputs)):
            world.delete(name)

    def _note(self, world: Filled, operation: str, name: str, outputs: dict[str, Any]) -> None:
        token = SAMPLES[self.package][name][0]
        with world.cloud.state.transaction() as transaction:
            rows = transaction.rows()
        row = next(row for row in rows if (row.token, row.id) == (token, outputs["id"]))
        snapshot = World(rows, catalog(), world.cloud.variables)
        for verb in (operation, "read", "delete"):
            operation_needed = Operation(verb, catalog()[token], row)
            self.needs += authority(self.package).needs(operation_needed, snapshot)


@cache
def all_needs(package: str) -> list[tuple[Call, ...]]:
    """What every operation on the samples needs."""
    recording = Recording(package, noting=True)
    with TemporaryDirectory() as folder:
        allowed = ["data:*", "*"] if package != "gcp" else all_permissions()
        recording.life(Path(folder), None, allowed)
    return recording.needs


def all_permissions() -> list[str]:
    calls = gcp.needed_permissions().values()
    permissions = [name for operations in calls for names in operations.values() for name in names]
    return [*permissions, "iam.serviceAccounts.actAs", "pubsub.topics.attachSubscription"]


def actions_of(needs: list[tuple[Call, ...]]) -> list[str]:
    """One action for each need; data actions of Azure are marked."""
    actions = [
        f"data:{need[0].action}" if need[0].context.get("data") else need[0].action
        for need in needs
    ]
    return list(dict.fromkeys(actions))


@pytest.mark.parametrize("package", PACKAGES)
def test_all_samples_live_as_somebody_who_may_do_what_they_need(
    package: str, tmp_path: Path
) -> None:
    """The calls of every type are known, and nothing beside them is asked for."""
    actions = actions_of(all_needs(package))
    assert len(actions) > 60
    Recording(package).life(tmp_path / "needed", None, actions)


@pytest.mark.parametrize("package", PACKAGES)
def test_without_any_one_permission_something_is_refused(package: str, tmp_path: Path) -> None:
    actions = actions_of(all_needs(package))
    # Each in a cloud of its own would take minutes: a tenth of them, from all services.
    for number, action_removed in enumerate(actions[:: max(1, len(actions) // 12)]):
        other_actions = [action for action in actions if action != action_removed]
        with pytest.raises(DeniedError, match=re.escape(action_removed.removeprefix("data:"))):
            Recording(package).life(tmp_path / str(number), None, other_actions)


def statements(*items: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(items)})


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


class Account:
    """A cloud with a role, and what it may do."""

    def __init__(self, folder: Path) -> None:
        from pulumi_simcloud.state import State

        self.cloud = Cloud(State(folder), variables("aws", SETTINGS["aws"]))
        self.role = {"name": "caller", "assumeRolePolicy": json.dumps(TRUST)}

    def make(self, *policies: str, **inputs: Any) -> None:
        grown(self.cloud, "aws:iam/role:Role", "caller", {**self.role, **inputs})
        for number, policy in enumerate(policies):
            text = {"role": "caller", "name": f"p{number}", "policy": policy}
            grown(self.cloud, "aws:iam/rolePolicy:RolePolicy", f"p{number}", text)

    def may(self, action: str, resource: str = "*", **context: Any) -> bool:
        with self.cloud.state.transaction() as transaction:
            world = World(transaction.rows(), catalog(), self.cloud.variables)
        call = Call(action, resource, context)
        return authority("aws").refusal(ROLE_ARN, call, world) is None


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


STORE = "arn:aws:s3:::store"


def test_iam_a_deny_wins_and_resources_count(account: Account) -> None:
    narrow = {**ALLOW, "Action": ["S3:get*"], "Resource": [f"{STORE}/a/*"]}
    deny = {**ALLOW, "Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{STORE}/a/b"}
    account.make(statements(narrow, deny))
    assert account.may("s3:GetObject", f"{STORE}/a/c")
    assert not account.may("s3:GetObject", f"{STORE}/a/b")
    assert not account.may("s3:GetObject", f"{STORE}/b")
    assert not account.may("s3:PutObject", f"{STORE}/a/c")


def test_iam_a_boundary_limits(account: Account) -> None:
    boundary = {"name": "limit", "policy": statements({**ALLOW, "Action": "s3:*"})}
    arn = grown(account.cloud, "aws:iam/policy:Policy", "limit", boundary).outputs["arn"]
    account.make(statements(ALLOW), permissionsBoundary=arn)
    assert account.may("s3:GetObject", STORE) and not account.may("iam:CreateRole", ROLE_ARN)


def test_iam_a_key_has_to_let_the_account_in(account: Account) -> None:
    account.make(statements(ALLOW))
    root = {**ALLOW, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    other = {**root, "Principal": {"AWS": ROLE_ARN.replace("caller", "other")}}
    open_key = grown(account.cloud, "aws:kms/key:Key", "a", {"policy": statements(root)})
    grown(account.cloud, "aws:iam/role:Role", "o", {**account.role, "name": "other"})
    closed = {"policy": statements(other), "bypassPolicyLockoutSafetyCheck": True}
    key = grown(account.cloud, "aws:kms/key:Key", "b", closed)
    assert account.may("kms:Decrypt", open_key.outputs["arn"])
    assert not account.may("kms:Decrypt", key.outputs["arn"])


def test_iam_a_policy_of_a_bucket_denies(account: Account) -> None:
    account.make(statements(ALLOW))
    grown(account.cloud, "aws:s3/bucket:Bucket", "store", {"bucket": "store"})
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Resource": f"{STORE}/*"}
    policy = statements(
        {**deny, "Action": "s3:*", "Condition": insecure},
        {**deny, "Action": "s3:DeleteObject"},
    )
    bucket = {"bucket": "store", "policy": policy}
    grown(account.cloud, "aws:s3/bucketPolicy:BucketPolicy", "p", bucket)
    assert account.may("s3:PutObject", f"{STORE}/a")
    assert not account.may("s3:DeleteObject", f"{STORE}/a")


@pytest.mark.parametrize(("service", "allowed"), [("sagemaker", True), ("dynamodb", False)])
def test_iam_a_condition_names_the_service_that_scales(
    account: Account, service: str, allowed: bool
) -> None:
    condition = {"StringEquals": {"application-autoscaling:service-namespace": service}}
    reads = {**ALLOW, "Action": "application-autoscaling:Describe*"}
    account.make(statements({**ALLOW, "Condition": condition}, reads))
    token, inputs = SAMPLES["aws"]["scaled"]
    operation = Operation("create", catalog()[token], Row(token, "", "", "", inputs, {}))
    with account.cloud.state.transaction() as transaction:
        world = World(transaction.rows(), catalog(), account.cloud.variables)
    iam = authority("aws")
    calls = [call for calls in iam.needs(operation, world) for call in calls]
    assert "application-autoscaling:RegisterScalableTarget" in [call.action for call in calls]
    refusals = [iam.refusal(ROLE_ARN, call, world) for call in calls]
    assert (refusals == [None] * len(calls)) == allowed


def test_iam_what_is_not_understood_refuses_loudly(account: Account) -> None:
    account.make(
        statements({**ALLOW, "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}),
        managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    )
    with pytest.raises(NotUnderstoodError, match=r"aws:sourcevpc|ReadOnlyAccess"):
        account.may("s3:GetObject", STORE)


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"aws:RequestTag/a": "b"}}, {"aws:requesttag/a": "b"}, True),
        ({"StringEquals": {"aws:RequestTag/a": "b"}}, {}, False),
        ({"StringEqualsIfExists": {"aws:RequestTag/a": "b"}}, {}, True),
        ({"StringNotEquals": {"aws:RequestTag/a": "b"}}, {}, True),
        ({"StringLike": {"aws:PrincipalArn": "arn:*:role/x*"}}, {"aws:principalarn": "a"}, False),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/c*"}},
            {"aws:principalarn": ROLE_ARN},
            True,
        ),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:securetransport": "true"}, False),
        ({"Null": {"aws:RequestTag/a": "true"}}, {}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:tagkeys": ["a"]}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:tagkeys": ["b"]}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {}, False),
        (
            {"StringEquals": {"iam:PassedToService": "a.com"}},
            {"iam:passedtoservice": "b.com"},
            False,
        ),
    ],
)
def test_iam_conditions(condition: Any, context: Any, expected: bool) -> None:
    """The IAM User Guide's rules for keys that are missing and for sets of values."""
    assert aws_holds(condition, context) is expected


@pytest.mark.parametrize("condition", [{"IpAddress": {"aws:SourceIp": "1"}}, {"X": {"a:b": "c"}}])
def test_iam_conditions_that_nobody_can_evaluate_here(condition: Any) -> None:
    with pytest.raises(NotUnderstoodError):
        aws_holds(condition, {})


@pytest.mark.parametrize(
    ("actions", "resources", "reason"),
    [
        (["s3:GetObject", "s3:ListBucket"], [STORE, f"{STORE}/*"], None),
        (["s3:ListBucket"], [f"{STORE}/*"], "does not apply"),
        (["s3:GetObject"], [STORE], "does not apply"),
        (["s3:GetObjekt"], ["*"], "does not exist"),
        (["s3:Lst*"], ["*"], "no action fits"),
        (["cloudwatch:PutMetricData"], ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"], "does not"),
        (["iam:PassRole"], ["arn:aws:iam::123456789012:role/sim-*"], None),
        (["sagemaker:InvokeEndpoint"], ["arn:aws:sagemaker:*:*:endpoint/${aws:username}"], None),
        (["SQS:SendMessage"], ["arn:aws:sqs:eu-west-1:123456789012:q"], None),
        (["logs:PutLogEvents"], ["arn:aws:logs:*:*:log-group:/aws/sagemaker/Jobs:*"], None),
        (["logs:PutLogEvents"], ["arn:aws:logs:*:*:log-group:/aws/sagemaker/Jobs"], "does not"),
        (["dynamodb:Whatever"], ["*"], None),
    ],
)
def test_iam_names(actions: list[str], resources: list[str], reason: str | None) -> None:
    """The Service Authorization Reference; services that are not in the table are not judged."""
    statement = {"Action": actions, "Resource": resources}
    reasons = [*wrong_names(statement), *idle_actions(statement)]
    assert (reason in reasons[0]) if reason else not reasons


def test_wildcards() -> None:
    assert arn_fits("arn:aws:s3:::a/b/c", "arn:aws:s3:::a/*")
    assert not arn_fits("arn:aws:s3:eu:1:a", "arn:aws:s3:*:a")
    assert overlap("a/*", f"{INNER}/b") and not overlap("a/*", INNER)


REQUEST = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
GUIDS = "{7f951dda-4ed3-4680-a7ca-43fe172d538d, 8311e382-0749-4cb8-b61a-304f252e45ec}"
CONSTRAINED = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    f"({REQUEST} ForAnyOfAnyValues:GuidEquals {GUIDS}))"
)


@pytest.mark.parametrize(
    ("action", "role", "expected"),
    [
        (
            "Microsoft.Authorization/roleAssignments/write",
            "7F951dda-4ed3-4680-a7ca-43fe172d538d",
            1,
        ),
        (
            "Microsoft.Authorization/roleAssignments/write",
            "11111111-4ed3-4680-a7ca-43fe172d538d",
            0,
        ),
        ("Microsoft.Authorization/roleAssignments/read", "11111111-4ed3-4680-a7ca-43fe172d538d", 1),
    ],
)
def test_azure_conditions(action: str, role: str, expected: int) -> None:
    """The format of the page on constrained delegation."""
    key = REQUEST.removeprefix("@").lower()
    assert azure_holds(CONSTRAINED, action, {key: role}) is bool(expected)


@pytest.mark.parametrize("text", ["@Request[a:b] StringEquals 'c'", "a b c", "(ActionMatches{'a'}"])
def test_azure_conditions_that_nobody_can_evaluate_here(text: str) -> None:
    with pytest.raises(NotUnderstoodError):
        azure_holds(text, "a", {})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('resource.name.startsWith("projects/_/buckets/store/objects/a/")', True),
        ('resource.name.startsWith("projects/_/buckets/store/objects/b/")', False),
        (
            'resource.type == "storage.googleapis.com/Object"'
            ' && request.time > timestamp("2020-01-01T00:00:00Z")',
            True,
        ),
        (
            'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/a"])',
            True,
        ),
        (
            'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/b"])',
            False,
        ),
    ],
)
def test_google_conditions(expression: str, expected: bool) -> None:
    context = {
        "resource.name": "projects/_/buckets/store/objects/a/b",
        "resource.type": "storage.googleapis.com/Object",
        "role": "roles/a",
    }
    assert gcp_holds(expression, context) is expected


@pytest.mark.parametrize(
    "expression", ["resource.matchTag('a', 'b')", "x +", "destination.ip == '1'"]
)
def test_google_conditions_that_nobody_can_evaluate_here(expression: str) -> None:
    with pytest.raises(NotUnderstoodError):
        gcp_holds(expression, {"resource.name": "a", "resource.type": "b", "role": None})


def test_a_role_is_passed_only_by_who_may_pass_it(account: Account) -> None:
    service = {"Service": "sagemaker.amazonaws.com"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": service}
    steps = {"name": "steps", "assumeRolePolicy": statements(trust)}
    arn = grown(account.cloud, "aws:iam/role:Role", "steps", steps).outputs["arn"]
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": arn}
    condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    rest = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    account.make(statements(rest, {**passing, "Condition": condition}))
    container = {"image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a:1"}
    inputs = {"name": "m", "executionRoleArn": arn, "primaryContainer": container}

    def model(name: str) -> None:
        cloud = Cloud(account.cloud.state, account.cloud.variables, principal=ROLE_ARN)
        token = urn("aws:sagemaker/model:Model", name)
        checked, failures = cloud.check(token, {}, {**inputs, "name": name})
        assert not failures
        cloud.create(token, checked)

    model("a")
    elsewhere = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    policy = statements(rest, {**passing, "Condition": elsewhere})
    changed = {"role": "caller", "name": "p0", "policy": policy}
    Cloud(account.cloud.state, account.cloud.variables).update(
        urn("aws:iam/rolePolicy:RolePolicy", "p0"), "caller:p0", changed, {}
    )
    with pytest.raises(DeniedError, match="iam:PassRole"):
        model("b")


def test_nobody_without_a_principal_is_refused(account: Account) -> None:
    stranger = Cloud(account.cloud.state, account.cloud.variables, principal=ROLE_ARN)
    token = urn("aws:sns/topic:Topic", "t")
    with pytest.raises(CloudError, match="no role"):
        stranger.create(token, {"name": "t"})
    assert grown(account.cloud, "aws:sns/topic:Topic", "t", {"name": "t"}).id
    assert not list(rows(account.cloud, "aws:sqs/queue:Queue"))


def rows(cloud: Cloud, token: str) -> Iterator[Row]:
    with cloud.state.transaction() as transaction:
        yield from (row for row in transaction.rows() if row.token == token)


# Roles that, as Google's documentation says, are enough to manage the resources of a service:
# https://cloud.google.com/iam/docs/roles-permissions
ADMINS = {
    "bigquery": "bigquery.admin",
    "eventarc": "eventarc.admin",
    "iam": "iam.workloadIdentityPoolAdmin",
    "kms": "cloudkms.admin",
    "logging": "logging.admin",
    "monitoring": "monitoring.admin",
    "pubsub": "pubsub.admin",
    "serviceaccount": "iam.serviceAccountAdmin",
    "storage": "storage.admin",
    "vertex": "aiplatform.admin",
    "workflows": "workflows.admin",
}


@pytest.mark.parametrize("service", ADMINS)
def test_who_administers_a_google_service_may_make_its_resources(service: str) -> None:
    """Their role holds all that the calls for them need."""
    role = gcp.predefined_roles()[f"roles/{ADMINS[service]}"]
    permissions = gcp.needed_permissions()
    tokens = [token for token in permissions if f":{service}/" in token]
    assert tokens
    for token in tokens:
        assert {name for names in permissions[token].values() for name in names} <= role, token
