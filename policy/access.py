"""Access: no public access, least privilege, no secret in plain settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from policy.model import (
    Policy,
    Resource,
    Stack,
    Violations,
    as_list,
    document,
    each_has,
    statements,
)

BUCKET = "aws:s3/bucket:Bucket"
PUBLIC_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
EVERYBODY = ("allUsers", "allAuthenticatedUsers")
# Where policies of AWS stand: type and property; those with a principal are resource policies.
IDENTITY_POLICIES = (
    ("aws:iam/policy:Policy", "policy"),
    ("aws:iam/rolePolicy:RolePolicy", "policy"),
)
RESOURCE_POLICIES = (
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"),
    ("aws:sns/topicPolicy:TopicPolicy", "policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ("aws:kms/key:Key", "policy"),
)
# Actions that AWS allows on no single resource (Service Authorization Reference), and listings.
UNSCOPED = re.compile(
    r"cloudwatch:(?:PutMetricData|GetMetricData|GetMetricStatistics)"
    r"|ecr:GetAuthorizationToken|sts:GetCallerIdentity"
    r"|sns:(?:GetSubscriptionAttributes|Unsubscribe)"
    r"|(?!s3:ListBucket)[a-z0-9-]+:(?:Describe|List)\w+"
)
BROAD_GCP = re.compile(r"roles/(?:owner|editor|viewer|\w+\.admin)")
# Owner, Contributor, User Access Administrator (learn.microsoft.com, "Azure built-in roles").
BROAD_AZURE = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
)
CREDENTIALS = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|gh[pousr]_[A-Za-z0-9]{30,}"
    r"|AccountKey=[A-Za-z0-9+/]{20,}|hooks\.slack\.com/services/\w+|xox[abp]-\w{10,}"
    r"|://[^/\s:@]+:[^/\s:@]+@|[?&]routing_key=\w{32}"
)


def _public(stack: Stack) -> Violations:
    for block in stack.of(PUBLIC_BLOCK):
        for name in BLOCKS:
            if block.inputs.get(name) is not True:
                yield block, f"public access is possible: {name} is not true"
    yield from each_has(stack, BUCKET, PUBLIC_BLOCK)
    for bucket in stack.of("gcp:storage/bucket:Bucket"):
        if bucket.inputs.get("publicAccessPrevention") != "enforced":
            yield bucket, "public access is possible: publicAccessPrevention is not 'enforced'"
        if bucket.inputs.get("uniformBucketLevelAccess") is not True:
            yield bucket, "single objects can be shared: uniformBucketLevelAccess is not true"
    for account in stack.of("azure-native:storage:StorageAccount"):
        if account.inputs.get("allowBlobPublicAccess") is not False:
            yield account, "public access is possible: allowBlobPublicAccess is not false"
    for resource in stack.resources:
        if resource.inputs.get("member") in EVERYBODY:
            yield resource, f"granted to {resource.inputs['member']}"
    for resource, statement in _statements(stack, RESOURCE_POLICIES):
        open_to_all = "*" in _principals(statement) and statement.get("Effect") == "Allow"
        if open_to_all and not statement.get("Condition"):
            yield resource, "a statement allows everybody, on no condition"


def _privileges(stack: Stack) -> Violations:
    for resource, statement in _statements(stack, IDENTITY_POLICIES):
        if statement.get("Effect") != "Allow":
            continue
        actions = [str(action) for action in as_list(statement.get("Action"))]
        if "NotAction" in statement or any("*" in action for action in actions):
            yield resource, f"allows more than it says: {', '.join(actions) or 'NotAction'}"
        everywhere = "*" in as_list(statement.get("Resource"))
        scoped = [action for action in actions if not UNSCOPED.fullmatch(action)]
        if everywhere and scoped and not statement.get("Condition"):
            yield resource, f"allows {', '.join(scoped)} on every resource"
    for token in ("gcp:projects/iAMMember:IAMMember", "gcp:projects/iAMBinding:IAMBinding"):
        for member in stack.of(token):
            if BROAD_GCP.fullmatch(str(member.inputs.get("role"))):
                yield member, f"{member.inputs['role']} on the whole project"
    for role in stack.of("azure-native:authorization:RoleAssignment"):
        granted = str(role.inputs.get("roleDefinitionId"))
        if granted.rsplit("/", 1)[-1].lower() in BROAD_AZURE:
            yield role, "Owner, Contributor or User Access Administrator"


def _secrets(stack: Stack) -> Violations:
    for key, value in stack.config.items():
        if CREDENTIALS.search(json.dumps(value)):
            yield (
                None,
                f"setting {key} holds a credential in plain text: pulumi config set --secret",
            )


def _statements(
    stack: Stack, places: tuple[tuple[str, str], ...]
) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for token, name in places:
        for resource in stack.of(token):
            yield from (
                (resource, dict(statement)) for statement in statements(resource.inputs.get(name))
            )
    if places is IDENTITY_POLICIES:
        for role in stack.of("aws:iam/role:Role"):
            for inline in as_list(role.inputs.get("inlinePolicies")):
                inline_statements = statements(document(inline).get("policy"))
                yield from ((role, dict(statement)) for statement in inline_statements)


def _principals(statement: dict[str, Any]) -> list[Any]:
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        return [principal]
    return [name for value in principal.values() for name in as_list(value)]


ACCESS = (
    Policy("no-public-access", "Nothing can be read by everybody", _public),
    Policy("least-privilege", "No wildcard action, no broad role", _privileges),
    Policy("no-plain-secrets", "No credential stands in plain settings", _secrets),
)
