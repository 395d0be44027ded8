"""A fourteenth round: blogs and knowledge centres, searched for once the issues were exhausted."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement, trust

from refusals.case import (
    ENUM,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

ILLUMI = "https://openillumi.com/en"
CLOUDEMU = f"{GITHUB}/stackshy/cloudemu/pull"
NAMED = "0d01f691-7117-4e36-857c-420b919a5604"
OTHER = "ec36e933-e74f-41ea-9135-295beeb667c1"


def _role(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"assumeRolePolicy": policy(*statements)}


def _aged(days: int) -> dict[str, Any]:
    moves = [
        {"days": 30, "storageClass": "STANDARD_IA"},
        {"days": 90, "storageClass": "GLACIER"},
    ]
    rule = {"id": "reports", "status": "Enabled", "filter": {"prefix": ""}, "transitions": moves}
    return {"rules": [{**rule, "expiration": {"days": days}}]}


def _topic(*sids: str) -> dict[str, Any]:
    publish = {"Action": "sns:Publish", "Resource": "${topic.arn}"}
    allowed = statement(**publish, Principal={"Service": "events.amazonaws.com"})
    return {"policy": policy(*({**allowed, "Sid": sid} if sid else allowed for sid in sids))}


def _user(match: Any) -> dict[str, Any]:
    detail = {"userIdentity": {"sessionContext": {"sessionIssuer": {"userName": [match]}}}}
    return {"eventPattern": json.dumps({"source": ["aws.s3"], "detail": detail})}


AWS = [
    Refusal(
        "https://qiita.com/chovin/items/d0ceee13f9dc9dd03800",
        RANGE,
        "rule",
        "Member must have length less than or equal to 64",
        {"name": "n" * 70},
        {"name": "n" * 64},
    ),
    Refusal(
        "https://qiita.com/chovin/items/d0ceee13f9dc9dd03800#target",
        RANGE,
        "target",
        "Member must have length less than or equal to 64",
        {"targetId": "n" * 70},
        {"targetId": "n" * 64},
    ),
    Refusal(
        "https://dev.classmethod.jp/en/articles/terraform-tips-eventbridge-target-maximum_event_age_in_seconds",
        RANGE,
        "target",
        "the age is sent as 0 and has to be 60 or more",
        {"retryPolicy": {"maximumRetryAttempts": 3}},
        {"retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 86400}},
    ),
    Refusal(
        f"{ILLUMI}/en-fix-terraform-lambda-iam-role-arn",
        PATTERN,
        "function",
        "a role is named by its ARN",
        {"role": "${role.name}"},
        {"role": "${role.arn}"},
    ),
    Refusal(
        "https://www.terraformpilot.com/articles/fix-terraform-error-error-creating-iam-role-malformedpolicydocument/",
        POLICY,
        "role",
        "Invalid principal in policy",
        _role(statement(Action="sts:AssumeRole", Principal={"Service": "lambda"})),
        {"assumeRolePolicy": trust("lambda")},
    ),
    Refusal(
        f"{ILLUMI}/en-terraform-iam-role-malformed-resource-fix",
        POLICY,
        "role",
        "Has prohibited field Resource",
        _role(
            statement(
                Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}, Resource="*"
            )
        ),
        {"assumeRolePolicy": trust("ec2")},
    ),
    Refusal(
        f"{ILLUMI}/en-terraform-iam-malformed-policy-document-fix",
        POLICY,
        "rolepolicy",
        "The policy failed legacy parsing",
        {"policy": "  " + policy(statement(Resource="*"))},
        {"policy": policy(statement(Resource="*"))},
    ),
    Refusal(
        "https://zenn.dev/digitalcube/articles/c746ed5e726cc9",
        ORDERING,
        "lifecycle",
        "'Days' in the Expiration action must be greater than in the Transition action",
        _aged(90),
        _aged(365),
    ),
    Refusal(
        "https://dts-digital.jp/cloud/tech-blog/0044a81d4013ff13fad0e5d6377700448ec44449.html",
        POLICY,
        "topicpolicy",
        "Every policy statement must have a unique ID",
        _topic("", ""),
        _topic("events", "alarms"),
    ),
    Refusal(
        "https://blog.serverworks.co.jp/cloudwatch-event-error-equal-to-100",
        RANGE,
        "permission",
        "Member must have length less than or equal to 100",
        {"statementId": "s" * 110},
        {"statementId": "s" * 100},
    ),
    Refusal(
        "https://openillumi.com/?p=82698",
        TEXT,
        "rule",
        "Inside anything but list, start|null|boolean is not supported",
        _user({"anything-but": [{"prefix": "abc-"}, {"prefix": "xyz-"}]}),
        _user({"anything-but": {"prefix": "abc-"}}),
    ),
    Refusal(
        "https://taourl.com/read-2234163.html",
        ENUM,
        "alarm",
        "a period is 10, 20, 30 or whole minutes",
        {"period": 5},
        {"period": 10},
    ),
    Refusal(
        "https://repost.aws/knowledge-center/sns-topic-https-endpoints-notification",
        PATTERN,
        "subscription",
        "a host's name holds no underscore",
        {"protocol": "https", "endpoint": "https://your_hostname.example.org/hook"},
        {"protocol": "https", "endpoint": "https://your-hostname.example.org/hook"},
    ),
    Refusal(
        f"{CLOUDEMU}/1059",
        ENUM,
        "key",
        "an asymmetric key does not rotate",
        {"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": True},
        {"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": False},
    ),
    Refusal(
        f"{CLOUDEMU}/1044",
        RANGE,
        "function",
        "100 of the account's 1,000 stay unreserved",
        {"reservedConcurrentExecutions": 950},
        {"reservedConcurrentExecutions": 10},
    ),
    Refusal(
        f"{CLOUDEMU}/1044#runtime",
        ENUM,
        "function",
        "the runtime is one of the service's",
        {"runtime": "python4.0"},
        {"runtime": "python3.13"},
    ),
    Refusal(
        f"{CLOUDEMU}/512",
        MISSING,
        "function",
        "code in an archive needs a handler",
        {"handler": REMOVED},
    ),
    Refusal(
        f"{CLOUDEMU}/555",
        RANGE,
        "queue",
        "a message is hidden for 12 hours at most",
        {"visibilityTimeoutSeconds": 43201},
        {"visibilityTimeoutSeconds": 43200},
    ),
    Refusal(
        f"{CLOUDEMU}/555#protocol",
        ENUM,
        "subscription",
        "the protocol is one of the service's",
        {"protocol": "pigeon"},
        {"protocol": "sqs"},
    ),
]

AZURE = [
    Refusal(
        "https://docs.azure.cn/en-us/azure-resource-manager/bicep/diagnostics/bcp416",
        PATTERN,
        "account",
        "an account's name holds lower-case letters and digits only",
        {"accountName": "storage-account"},
        {"accountName": "storageaccount"},
    ),
    Refusal(
        f"{CLOUDEMU}/1053",
        PATTERN,
        "account",
        "an account's name is lower-case",
        {"accountName": "SimAccount"},
        {"accountName": "simaccount2"},
    ),
    Refusal(
        "https://taourl.com/read-2953185.html",
        REFERENCE,
        "assignment",
        "PrincipalNotFound",
        {"principalId": "00000000-0000-0000-0000-000000000000"},
        {"principalId": "${identity.principalId}"},
    ),
    Refusal(
        "https://jasonmasten.com/2021/04/13/tenant-id-application-id-principal-id-and-scope-are-not-allowed-to-be-updated/",
        REFERENCE,
        "assignment",
        "RoleAssignmentUpdateNotPermitted: another principal has the name",
        {"roleAssignmentName": NAMED},
        {"roleAssignmentName": OTHER},
        before=(
            ("second", "identity", {"resourceName": "second"}),
            (
                "first",
                "assignment",
                {"roleAssignmentName": NAMED, "principalId": "${second.principalId}"},
            ),
        ),
    ),
]

GCP = [
    Refusal(
        "https://devcoops.com/resolve-gcp-googleapi-error-400-unparseable-iammember-in-terraform/",
        PATTERN,
        "bucketmember",
        "Unparseable iamMember",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
    Refusal(
        "https://cloud.google.com/workflows/docs/troubleshooting",
        TEXT,
        "workflow",
        "symbol 'varC' is neither a variable nor a sub-workflow name",
        {"sourceContents": "- a:\n    assign:\n    - varA: 1\n- b:\n    return: ${varC + varA}\n"},
        {"sourceContents": "- a:\n    assign:\n    - varA: 1\n- b:\n    return: ${varA + varA}\n"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/11075",
        PATTERN,
        "topic",
        "a topic's name does not begin with goog",
        {"name": "goog-illegal"},
        {"name": "legal"},
    ),
    Refusal(
        f"{GITHUB}/argoproj/argo-events/issues/313",
        PATTERN,
        "subscription",
        "a subscription's name begins with a letter",
        {"name": "1f2a-drift"},
        {"name": "f2a-drift"},
    ),
    Refusal(
        f"{GITHUB}/speakeasy-api/gram/pull/3258",
        PATTERN,
        "topic",
        "a label's value holds no dot",
        {"labels": {"version": "v1.2"}},
        {"labels": {"version": "v1-2"}},
    ),
]

FOURTEENTH: dict[str, list[Refusal]] = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
