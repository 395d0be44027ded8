"""Checks of services in roles and keys before they accept them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.kinds import Demand, Existing, Inputs
from pulumi_simcloud.platforms import of_another_owner
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import parsed
from pulumi_simcloud.state import Row

ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
POLICIES = {"aws:sqs/queuePolicy:QueuePolicy": "queueUrl", "aws:sns/topicPolicy:TopicPolicy": "arn"}
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


def trusts(path: str, service: str) -> Demand:
    """The role at a path lets an AWS service assume it."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for _, arn in select(inputs, path):
            role = world.find([ROLE], arn, ("arn",))
            if role is not None and service not in _services(role.inputs["assumeRolePolicy"]):
                yield f"the role {arn!r} does not trust {service}"

    return demand


def key_allows(path: str, service: str) -> Demand:
    """The policy of the KMS key at a path lets an AWS service use the key."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for _, name in select(inputs, path):
            key = world.find([KEY], name)
            principal = service.format(**world.variables)
            if key is not None and principal not in json.dumps(key.inputs.get("policy", "")):
                yield f"the policy of the key {name!r} does not allow {principal}"

    return demand


def may_send(path: str, tokens: dict[str, str], service: str) -> Demand:
    """What is named at a path takes an AWS service's messages: by its policy, and by its key.

    `tokens` maps its types to the property that names the key, whose policy has to let the service
    use it. Another service has no use of keys that AWS manages ("Granting permissions to publish
    event notification messages to a destination" in the S3 guide).
    """

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for _, name in select(inputs, path):
            target = world.find(list(tokens), name, ("arn",))
            if target is None:
                continue
            reason = "Unable to validate the following destination configurations"
            key = target.inputs.get(tokens[target.token])
            if str(key).rpartition(":")[2].startswith("alias/aws/"):
                yield f"InvalidArgument: {reason}: {name!r} has the key {key!r} of another service"
            own = world.find([KEY], key)
            if own is not None and not _lets(own.inputs.get("policy"), service):
                yield f"InvalidArgument: {reason}: the key of {name!r} does not allow {service}"
            if not any(_lets(text, service) for text in _policies(target, world)):
                yield f"InvalidArgument: {reason}: the policy of {name!r} does not allow {service}"

    return demand


def _policies(target: Row, world: Existing) -> Iterator[Any]:
    """The policies on a queue or a topic, its own and those beside it."""
    yield target.inputs.get("policy")
    for token, by in POLICIES.items():
        for row in world.of(token):
            if row.inputs.get(by) in (target.id, target.outputs.get("arn")):
                yield row.inputs.get("policy")


def _lets(document: Any, service: str) -> bool:
    """Whether some statement of a policy allows a service, by name or with everybody."""
    policy = document if isinstance(document, dict) else parsed(document) or {}
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        principals = principal.values() if isinstance(principal, dict) else [principal]
        names = {
            name for item in principals for name in (item if isinstance(item, list) else [item])
        }
        if statement.get("Effect") == "Allow" and names & {"*", service}:
            return True
    return False


def agent_may_use(path: str, agent: str) -> Demand:
    """A Google service agent holds the encrypter role on the key at a path, or on the project."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        member = f"serviceAccount:{agent.format(**world.variables)}"
        rows = [*world.of(KEY_MEMBER), *world.of(PROJECT_MEMBER)]
        places = [
            row.inputs.get("cryptoKeyId")
            for row in rows
            if row.inputs.get("member") == member and row.inputs.get("role") == KEY_USER
        ]
        for _, key in select(inputs, path):
            # A member of the project names no key: the role is on all keys.
            is_known = not of_another_owner(str(key), world.variables)
            if is_known and key not in places and None not in places:
                yield f"{member} needs {KEY_USER} on the key {key!r}"

    return demand


def _services(document: Any) -> set[str]:
    policy = document if isinstance(document, dict) else parsed(document) or {}
    statements = policy.get("Statement", [])
    services: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        names = statement.get("Principal", {}).get("Service", [])
        services |= {names} if isinstance(names, str) else set(names)
    return services
