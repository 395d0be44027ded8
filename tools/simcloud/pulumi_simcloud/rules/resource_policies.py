"""Policies of resources: what S3, KMS and other services ask of them beyond the grammar."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.permissions.globs import fits
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, parsed
from pulumi_simcloud.rules.policy_arns import items_of


def not_locked_out(path: str, unless: str) -> Rule:
    """A key policy that leaves the account in charge of the key."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for value_path, text in select(inputs, path):
            if not isinstance(text, str) or inputs.get(unless):
                continue
            if ":root" not in text:
                reason = "the policy locks the account out: no statement for the account's root"
                yield Failure(value_path, f"MalformedPolicyDocument: {reason}")
            elif not any(changes_policy(item) for item in _statements(text)):
                reason = "The new key policy will not allow you to update the key policy in the"
                yield Failure(value_path, f"MalformedPolicyDocument: {reason} future")

    return PathRule((path,), rule)


def _statements(text: Any) -> list[Any]:
    document = parsed(text)
    return items_of(document.get("Statement")) if isinstance(document, dict) else []


def changes_policy(statement: Any, effect: str = "Allow") -> bool:
    """Whether a statement lets someone put another key policy (CreateKey: Policy)."""
    if not isinstance(statement, dict) or statement.get("Effect") != effect:
        return False
    if "NotAction" in statement:
        return True
    return any(
        fnmatchcase("kms:putkeypolicy", str(action).lower())
        for action in items_of(statement.get("Action"))
    )


def of_bucket(path: str, bucket: str) -> Rule:
    """A policy whose resources are its bucket or objects in it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
    Of a resource with a wildcard before the bucket's name ends, nothing is said.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        name = inputs.get(bucket)
        document = parsed(inputs.get(path))
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in items_of(statements):
            resources = items_of(statement.get("Resource")) if isinstance(statement, dict) else []
            for resource in resources:
                if isinstance(name, str) and not _is_of(str(resource), name):
                    reason = f"Policy has invalid resource: {excerpt(resource)}"
                    yield Failure(path, f"MalformedPolicy: {reason} is not in {name}")

    return PathRule((path, bucket), rule)


def of_service(path: str, service: str) -> Rule:
    """A policy whose actions are the service's own ("Policy has invalid action")."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        document = parsed(inputs.get(path))
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in items_of(statements):
            for action in items_of(
                statement.get("Action") if isinstance(statement, dict) else None
            ):
                if action != "*" and not str(action).lower().startswith(f"{service}:"):
                    yield Failure(path, f"MalformedPolicy: Policy has invalid action: {action}")

    return PathRule((path,), rule)


def distinct_principals(path: str) -> Rule:
    """A policy that names no principal of a statement twice.

    The answer of PutModelPackageGroupPolicy: github awslabs/aiops-modules pull request 397.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for statement in _statements(inputs.get(path)):
            principal = statement.get("Principal") if isinstance(statement, dict) else None
            for names in principal.values() if isinstance(principal, dict) else ():
                names = [str(name) for name in items_of(names)]
                twice = next((name for name in names if names.count(name) > 1), None)
                if twice is not None:
                    reason = f"Duplicate principal {excerpt(twice)}"
                    yield Failure(path, f"Invalid policy provided: {reason}")

    return PathRule((path,), rule)


def _is_of(resource: str, name: str) -> bool:
    match = re.fullmatch(r"arn:[\w-]+:s3:::([^/]+)(/.*)?", resource)
    return match is not None and (match[1] == name or any(sign in match[1] for sign in "*?$"))


@cache
def _actions_of_keys() -> dict[str, list[str]]:
    folder = resources.files("pulumi_simcloud.catalog.aws")
    return json.loads(folder.joinpath("s3_keys.json").read_text())["keys"]


def _action_without(key: str, actions: list[Any]) -> str | None:
    """The first action that a condition key is not for, None if there is none."""
    known = _actions_of_keys().get(key)
    if known is None:
        return None
    for action in map(str, actions):
        if not any(fits(name, action, ignore_case=True) for name in known):
            return action
    return None


def conditions_apply(path: str) -> Rule:
    """Keys of conditions that are for every action of their statement.

    https://repost.aws/knowledge-center/s3-condition-action-resource-error, and ``s3_keys.json``.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        for statement in _statements(inputs.get(path)):
            if not isinstance(statement, dict) or not isinstance(statement.get("Condition"), dict):
                continue
            actions = items_of(statement.get("Action"))
            for tests in statement["Condition"].values():
                for key in tests if isinstance(tests, dict) else ():
                    action = _action_without(str(key).partition("/")[0].lower(), actions)
                    if action is not None:
                        reason = "Conditions do not apply to combination of actions and resources"
                        told = f"MalformedPolicy: {reason} in statement: {key} with {action}"
                        yield Failure(path, told)

    return PathRule((path,), rule)
