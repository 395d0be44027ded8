"""Grants on AWS, and the names that they share.

Resources are templates; `components.targets.aws.policies.ArnParts` fills them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

SAGEMAKER = "arn:{partition}:sagemaker:{region}:{account}"
STORE = "arn:{partition}:s3:::{bucket}"
MODEL = f"{STORE}/models/{{model}}"
ROLE = "arn:{partition}:iam::{account}:role"
LOGS = "arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker"
# The groups that all jobs of an account log to.
JOB_LOGS = ("ProcessingJobs", "TrainingJobs")
ALARMS = "arn:{partition}:cloudwatch:{region}:{account}:alarm"


@dataclass(frozen=True)
class Grant:
    """Some actions on some resources; `when` are the conditions of the statement.

    One with a `source` is for calls that a service makes in the role's name, as that page says.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    when: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    source: str | None = None


def passing(service: str, *roles: str, source: str | None = None) -> Grant:
    """Hand roles to a service, and to no other."""
    return Grant(
        ("iam:PassRole",),
        tuple(f"{ROLE}/{role}" for role in roles),
        {"StringEquals": {"iam:PassedToService": service}},
        source,
    )


def together(grants: Iterable[Grant]) -> list[Grant]:
    """The grants, those on the same resources as one: a role's policies hold 10,240 characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    merged: list[Grant] = []
    for grant in grants:
        same = [g for g in merged if (g.resources, g.when) == (grant.resources, grant.when)]
        if not same:
            merged.append(grant)
        for twin in same:
            actions = tuple(dict.fromkeys((*twin.actions, *grant.actions)))
            merged[merged.index(twin)] = replace(twin, actions=actions)
    return merged
