"""The names that IAM knows: actions, the types of resources that they apply to, condition keys.

``catalog/aws/actions.json``, from the Service Authorization Reference; services that are not in it
are not judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.permissions.globs import INNER, arns_overlap, fits

# Variables of ARNs that stand for names without slashes, where that tells two types apart.
PLAIN = ("BucketName",)
# Names that the reference leaves out and policies have all the same: a new topic's own policy, and
# github aws-samples/serverless-patterns.
TAKEN = frozenset((
    "sns:receive", "sqs:sendmessagebatch", "sqs:deletemessagebatch",
    "sqs:changemessagevisibilitybatch",
))  # fmt: skip
# Actions that apply to no resource, and that the policies of queues name nevertheless: github
# hashicorp/terraform-provider-aws pull request 42209.
NAMED = frozenset(("sqs:listqueues",))


@cache
def table() -> dict[str, Any]:
    """The stored table, with its actions by their names in lower case."""
    folder = resources.files("pulumi_simcloud.catalog.aws")
    stored = json.loads(folder.joinpath("actions.json").read_text())
    actions = {name.lower(): (name, *facts) for name, facts in stored["actions"].items()}
    return {**stored, "actions": actions}


def is_known(service: str) -> bool:
    """True if all actions of a service are in the table (of ec2 only some are)."""
    return service in table()["source"]["services"] and service not in ("ec2",)


def types_of(action: str) -> list[str] | None:
    """The resource types of an action; None if the action is not in the table."""
    facts = table()["actions"].get(action.lower())
    return None if facts is None else facts[2]


@cache
def arn_pattern(kind: str) -> str:
    """A resource type such as `s3:bucket` as a pattern of its ARNs."""
    template = table()["types"][kind]

    def variable(match: re.Match[str]) -> str:
        return INNER if match.group(1) in PLAIN else "*"

    return re.sub(r"\$\{(\w+)\}", variable, template)


def wrong_names(statement: dict[str, Any]) -> Iterator[str]:
    """Actions and condition keys in a statement that IAM does not know."""
    for action in _judged(statement):
        if "*" in action or "?" in action:
            if not any(fits(name, action.lower()) for name in table()["actions"]):
                yield f"no action fits {action!r}"
        elif types_of(action) is None:
            yield f"the action {action!r} does not exist"
    conditions = statement.get("Condition")
    for tests in conditions.values() if isinstance(conditions, dict) else ():
        for key in tests if isinstance(tests, dict) else ():
            service = key.partition(":")[0]
            if is_known(service) and not _has_key(service, key):
                yield f"the condition key {key!r} does not exist"


def idle_actions(statement: dict[str, Any]) -> Iterator[str]:
    """Actions in a statement that apply to none of its resources."""
    named_resources = _texts(statement.get("Resource"))
    if not named_resources or "*" in named_resources:
        return
    for action in _judged(statement):
        service, types = action.partition(":")[0].lower(), types_of(action)
        if types is None or action.lower() in NAMED:
            continue
        if not _applies(service, types, named_resources):
            patterns = ", ".join(table()["types"][f"{service}:{kind}"] for kind in types) or "*"
            yield f"{action} does not apply to {', '.join(named_resources)}: it needs {patterns}"


def _judged(statement: dict[str, Any]) -> list[str]:
    """The actions of a statement whose services are in the table."""
    return [
        action
        for action in _texts(statement.get("Action"))
        if action != "*"
        and is_known(action.partition(":")[0].lower())
        and action.lower() not in TAKEN
    ]


def _applies(service: str, types: list[str], resources: list[str]) -> bool:
    patterns = [arn_pattern(f"{service}:{kind}") for kind in types]
    texts = [_whole(re.sub(r"\$\{[^}]*\}", "*", text)) for text in resources]
    return any(arns_overlap(text, pattern) for text in texts for pattern in patterns)


def _whole(arn: str) -> str:
    """An ARN of six parts: a star at the end stands for those that are left out."""
    return arn + ":*" * (5 - arn.count(":")) if arn.endswith("*") else arn


def _has_key(service: str, key: str) -> bool:
    for key_name in table()["keys"][service]:
        pattern = re.sub(r"\$?\{[^}]*\}|<[^>]*>", "*", key_name)
        if fits(key, pattern, ignore_case=True):
            return True
    return False


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
