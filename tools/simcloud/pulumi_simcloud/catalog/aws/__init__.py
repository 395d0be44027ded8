"""Amazon Web Services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import regex

from pulumi_simcloud.catalog.aws.documented import documented
from pulumi_simcloud.catalog.aws.documented.places import NOWHERE
from pulumi_simcloud.catalog.aws.events import EVENTS
from pulumi_simcloud.catalog.aws.identity import IDENTITY
from pulumi_simcloud.catalog.aws.messaging import MESSAGING
from pulumi_simcloud.catalog.aws.monitoring import MONITORING
from pulumi_simcloud.catalog.aws.network import NETWORK
from pulumi_simcloud.catalog.aws.sagemaker import SAGEMAKER
from pulumi_simcloud.catalog.aws.scaling import SCALING
from pulumi_simcloud.catalog.aws.storage import STORAGE
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.rules.basic import check, pattern


def _tags(value: Any) -> str | None:
    """Tags as all services take them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html"""
    if not isinstance(value, dict):
        return None
    reserved = [key for key in value if key.lower().startswith("aws:")]
    if reserved:
        return (
            f"InvalidTag: {excerpt(reserved[0])}: keys that begin with aws: are the services' own"
        )
    for key, item in value.items():
        if not 1 <= len(key) <= 128:
            return f"InvalidTag: the key {excerpt(key)} has {len(key)} characters, not 1 to 128"
        if isinstance(item, str) and len(item) > 256:
            return f"InvalidTag: the value of {excerpt(key)} has {len(item)} characters, not 256"
    return f"TooManyTags: {len(value)} tags, allowed are 50" if len(value) > 50 else None


# The same page, and "Using cost allocation S3 bucket tags"; EC2 takes any character.
OF_TAGS = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
STRICT = ("aws:iam/", "aws:s3/", "aws:sagemaker/", "aws:lambda/", "aws:ecr/", "aws:scheduler/")


def _strict_tags(value: Any) -> str | None:
    """Tags of services that take letters, digits, spaces and _.:/=+-@ alone."""
    reason = _tags(value)
    if reason or not isinstance(value, dict):
        return reason
    texts = [text for pair in value.items() for text in pair if isinstance(text, str)]
    bad = next((text for text in texts if not OF_TAGS.fullmatch(text)), None)
    return None if bad is None else f"InvalidTag: {excerpt(bad)}: letters, digits and _.:/=+-@"


# botocore, partitions.json: regionRegex of each partition.
REGION = pattern(
    "region",
    r"(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[a-z]?|eu-isoe|eusc-de)-\w+-\d+",
    "a region such as eu-central-1",
)


def _tagged(kind: Kind) -> Kind:
    test = _strict_tags if kind.token.startswith(STRICT) else _tags
    region = () if kind.token.startswith(NOWHERE) else (REGION,)
    return replace(kind, rules=(*kind.rules, check("tags", test), *region))


AWS = tuple(
    documented(_tagged(kind))
    for kind in (
        *STORAGE,
        *IDENTITY,
        *SAGEMAKER,
        *SCALING,
        *EVENTS,
        *MESSAGING,
        *MONITORING,
        *NETWORK,
    )
)

__all__ = ["AWS"]
