"""S3: what its documentation says of the lifecycle rules of a bucket.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pulumi_simcloud.kinds import Demand, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import between, check, count
from pulumi_simcloud.rules.fields import each, not_with, ordered, unique

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
WATERFALL = (
    "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
)  # fmt: skip
PREDICATES = ("prefix", "tag", "objectSizeGreaterThan", "objectSizeLessThan", "and")


def _filter(value: Any) -> str | None:
    """One predicate, or several in `and` (LifecycleRuleFilter)."""
    present = [name for name in PREDICATES if value.get(name) is not None]
    if len(present) > 1:
        return f"MalformedXML: {' and '.join(present)} have to stand in `and`"
    conjunction = value.get("and")
    if not isinstance(conjunction, dict):
        return None
    tags = conjunction.get("tags")
    values = [conjunction.get(name) for name in PREDICATES[:1] + PREDICATES[2:4]]
    total = sum(item is not None for item in values)
    total += len(tags) if isinstance(tags, dict) else 0
    return None if total > 1 or tags is UNKNOWN else "MalformedXML: `and` needs two predicates"


def _tagged(rule: dict[str, Any]) -> bool:
    item = rule.get("filter")
    item = item if isinstance(item, dict) else {}
    conjunction = item.get("and")
    return bool(item.get("tag") or (isinstance(conjunction, dict) and conjunction.get("tags")))


def _of_tagged(value: Any) -> str | None:
    """Uploads and markers have no tags.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    if not _tagged(value):
        return None
    if value.get("abortIncompleteMultipartUpload"):
        return "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Tags"
    expiration = value.get("expiration")
    if isinstance(expiration, dict) and expiration.get("expiredObjectDeleteMarker"):
        return "InvalidRequest: ExpiredObjectDeleteMarker cannot be specified with Tags"
    return None


def _times(value: Any) -> str | None:
    """Days or dates in a rule, none of them before the transitions that lead up to it."""
    transitions = [item for item in value.get("transitions") or [] if isinstance(item, dict)]
    expiration = value.get("expiration")
    expiration = expiration if isinstance(expiration, dict) else {}
    everything = [*transitions, expiration]
    if any(item.get("days") for item in everything) and any(
        item.get("date") for item in everything
    ):
        return "InvalidRequest: found mixed 'Date' and 'Days' based actions"
    ends = expiration.get("days")
    for item in transitions:
        days = item.get("days")
        if isinstance(days, int) and isinstance(ends, int) and 0 < ends <= days:
            return f"InvalidArgument: expiration after {ends} days, transition after {days}"
    return _waterfall(transitions, "days")


def _waterfall(transitions: list[dict[str, Any]], unit: str) -> str | None:
    classes = [item.get("storageClass") for item in transitions]
    twice = [name for name in classes if isinstance(name, str) and classes.count(name) > 1]
    if twice:
        return f"InvalidRequest: two transitions to {twice[0]}"
    by_time = sorted(
        (item for item in transitions if isinstance(item.get(unit), int)),
        key=lambda item: (item[unit], _rank(item)),
    )
    for first, second in pairwise(by_time):
        if _rank(first) > _rank(second):
            names = f"{second.get('storageClass')} after {first.get('storageClass')}"
            return f"InvalidArgument: objects do not move to {names}"
        # github badmintoncryer/cdk-preflight, pf-s3-lifecycle-min-storage-duration-chain.
        cold = first.get("storageClass") in ("GLACIER_IR", "GLACIER")
        if cold and second[unit] < first[unit] + 90:
            return f"InvalidArgument: {first.get('storageClass')} is kept for 90 days"
        infrequent = first.get("storageClass") in ("STANDARD_IA", "ONEZONE_IA")
        if infrequent and second[unit] < first[unit] + 30:
            return (
                f"InvalidArgument: {second.get('storageClass')} has to come 30 days after "
                f"{first.get('storageClass')}"
            )
    return None


def _rank(item: dict[str, Any]) -> int:
    name = item.get("storageClass")
    return WATERFALL.index(name) if name in WATERFALL else len(WATERFALL)


def _older(value: Any) -> str | None:
    items = value.get("noncurrentVersionTransitions") or []
    expiration = value.get("noncurrentVersionExpiration")
    ends = expiration.get("noncurrentDays") if isinstance(expiration, dict) else None
    for item in items:
        days = item.get("noncurrentDays") if isinstance(item, dict) else None
        if isinstance(days, int) and isinstance(ends, int) and 0 < ends <= days:
            return f"InvalidArgument: expiration after {ends} days, transition after {days}"
    return _waterfall([item for item in items if isinstance(item, dict)], "noncurrentDays")


def _counted(value: Any) -> str | None:
    """Versions are counted in a rule with a filter (provider-upjet-aws issue 1731)."""
    actions = [value.get("noncurrentVersionExpiration")]
    actions += value.get("noncurrentVersionTransitions") or []
    counts = [item.get("newerNoncurrentVersions") for item in actions if isinstance(item, dict)]
    if value.get("filter") is not None or not any(counts):
        return None
    return "MalformedXML: newerNoncurrentVersions needs a filter, which may be empty"


# What is asked of one rule, of a bucket that has it inside as well (`buckets`).
LIFECYCLE = (_times, _older, _of_tagged)

RULES: dict[str, tuple[Rule, ...]] = {
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        count("rules", 1, 1000),
        between("rules[*].noncurrentVersionExpiration.newerNoncurrentVersions", 1, 100),
        between("rules[*].noncurrentVersionTransitions[*].newerNoncurrentVersions", 1, 100),
        check("rules[*].filter", _filter),
        check("rules[*]", _of_tagged),
        check("rules[*]", _times),
        check("rules[*]", _older),
        check("rules[*]", _counted),
        each("rules[*]", not_with("prefix", "filter")),
        each(
            "rules[*].filter.and",
            ordered("objectSizeGreaterThan", "objectSizeLessThan", strict=True),
        ),
        unique("rules[*].id"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {}
