"""Checks of services in roles and keys before they accept them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.kinds import Demand, Existing, Inputs
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import parsed

ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
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


def agent_may_use(path: str, agent: str) -> Demand:
    """A Google service agent holds the encrypter role on the key at a path."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        member = f"serviceAccount:{agent.format(**world.variables)}"
        for _, key in select(inputs, path):
            has_role = any(
                row.inputs["cryptoKeyId"] == key
                and row.inputs["member"] == member
                and row.inputs["role"] == KEY_USER
                for row in world.of(KEY_MEMBER)
            )
            if not has_role:
                yield f"{member} needs {KEY_USER} on the key {key!r}"

    return demand


def _services(document: Any) -> set[str]:
    policy = document if isinstance(document, dict) else parsed(document) or {}
    statements = policy.get("Statement", [])
    services: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        named = statement.get("Principal", {}).get("Service", [])
        services |= {named} if isinstance(named, str) else set(named)
    return services
