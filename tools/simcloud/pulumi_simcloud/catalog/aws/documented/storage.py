"""S3, KMS, ECR and SSM: what their documentation says of several fields.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pulumi_simcloud.catalog.aws.common import (
    BUCKET,
    ENDPOINT_CONFIG,
    FUNCTION,
    KEY,
    LOG_GROUP,
    QUEUE,
    TOPIC,
)
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, count, one_of, parsed, pattern
from pulumi_simcloud.rules.fields import (
    each,
    needed_with,
    not_with,
    only_with,
    ordered,
    unique,
)

TRANSITIONS = "rules[*].transitions[*]"
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


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
TARGETS = {
    "topics": "topicArn",
    "queues": "queueArn",
    "lambdaFunctions": "lambdaFunctionArn",
}


def _overlap(inputs: Inputs) -> Iterator[Failure]:
    """No event has two configurations: names that both fit have to tell them apart."""
    items: list[tuple[str, dict[str, Any]]] = []
    for kind in TARGETS:
        for path, item in select(inputs, f"{kind}[*]"):
            if not isinstance(item, dict) or UNKNOWN in item.values():
                continue
            for other_path, other in items:
                if _share_event(item, other) and _share_name(item, other):
                    reason = "Configurations on the same bucket cannot share a common event type"
                    yield Failure(path, f"InvalidArgument: {reason}: {other_path}")
            items.append((path, item))


def _share_event(first: dict[str, Any], second: dict[str, Any]) -> bool:
    pairs = [
        (event.rstrip("*"), other.rstrip("*"))
        for event in first.get("events") or []
        for other in second.get("events") or []
        if isinstance(event, str) and isinstance(other, str)
    ]
    return any(event.startswith(other) or other.startswith(event) for event, other in pairs)


def _share_name(first: dict[str, Any], second: dict[str, Any]) -> bool:
    before = [str(item.get("filterPrefix") or "") for item in (first, second)]
    after = [str(item.get("filterSuffix") or "") for item in (first, second)]
    return (before[0].startswith(before[1]) or before[1].startswith(before[0])) and (
        after[0].endswith(after[1]) or after[1].endswith(after[0])
    )


def _may_invoke(inputs: Inputs, world: Existing) -> Iterator[str]:
    """S3 tries each destination: a function lets it invoke, and none is a FIFO one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    reason = "InvalidArgument: Unable to validate the following destination configurations"
    for _, arn in select(inputs, "lambdaFunctions[*].lambdaFunctionArn"):
        row = world.find([FUNCTION], arn, ("arn",))
        if row is None:
            continue
        names = (row.outputs.get("name"), row.outputs.get("arn"))
        has_permission = any(
            permission.inputs.get("function") in names
            and permission.inputs.get("principal") == "s3.amazonaws.com"
            for permission in world.of("aws:lambda/permission:Permission")
        )
        if not has_permission:
            yield f"{reason}: {arn!r} does not let s3.amazonaws.com invoke it"
    for path, token in (("queues[*].queueArn", QUEUE), ("topics[*].topicArn", TOPIC)):
        for _, arn in select(inputs, path):
            if str(arn).endswith(".fifo") and world.find([token], arn, ("arn",)):
                yield f"{reason}: FIFO destinations are not supported"


PUBLIC = ("public-read", "public-read-write", "authenticated-read", "aws-exec-read")
CONTROLS = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"


def _no_acl(inputs: Inputs, world: Existing) -> Iterator[str]:
    """New buckets take no ACL until their ownership is another.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if inputs.get("acl") not in PUBLIC:
        return
    for row in world.of(CONTROLS):
        if row.inputs.get("bucket") == inputs.get("bucket"):
            ownership = (row.inputs.get("rule") or {}).get("objectOwnership")
            if ownership != "BucketOwnerEnforced":
                return
    yield "AccessControlListNotSupported: The bucket does not allow ACLs"


def _no_public_acl(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Nor a public one, until the bucket stops blocking them (create-bucket-faq.html)."""
    if inputs.get("acl") not in PUBLIC[:3]:
        return
    blocks = [
        row.inputs.get("blockPublicAcls")
        for row in world.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
        if row.inputs.get("bucket") == inputs.get("bucket")
    ]
    new = world.find([BUCKET], inputs.get("bucket"), ("bucket",)) is not None
    if any(blocks) or (new and not blocks):
        yield "AccessDenied: public ACLs are blocked by the BlockPublicAcls setting"


def _locked(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Objects are locked in a bucket that has locks (PutObject: ObjectLockMode)."""
    names = ("objectLockMode", "objectLockLegalHoldStatus", "objectLockRetainUntilDate")
    row = world.find([BUCKET], inputs.get("bucket"), ("bucket",))
    if row is None or not any(inputs.get(name) for name in names):
        return
    if row.inputs.get("objectLockEnabled") is not True:
        yield "InvalidRequest: Bucket is missing Object Lock Configuration"


def _no_grants(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Where the owner owns everything there are no grants (LoggingEnabled: TargetGrants)."""
    if inputs.get("targetGrants"):
        yield from _no_acl({"acl": PUBLIC[0], "bucket": inputs.get("targetBucket")}, world)


def _encoded(value: Any) -> str | None:
    try:
        base64.b64decode(str(value), validate=True)
    except ValueError:
        return f"{excerpt(value)} is not base64"
    return None


def _symmetric(*paths: str) -> Demand:
    """A key that encrypts data is symmetric (ServerSideEncryptionByDefault, KMSMasterKeyID)."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for path in paths:
            for _, name in select(inputs, path):
                row = world.find([KEY], name)
                kind = row.inputs.get("customerMasterKeySpec") if row else None
                if kind not in (None, "SYMMETRIC_DEFAULT", UNKNOWN):
                    yield f"{name!r} is a key of type {kind}: only symmetric keys are supported"

    return demand


# https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
USAGES = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT",),
    "HMAC": ("GENERATE_VERIFY_MAC",),
    "RSA": ("ENCRYPT_DECRYPT", "SIGN_VERIFY"),
    "ECC_SECG": ("SIGN_VERIFY",),
    "ECC_NIST_EDWARDS": ("SIGN_VERIFY",),
    "ECC": ("SIGN_VERIFY", "KEY_AGREEMENT"),
    "ML_DSA": ("SIGN_VERIFY",),
    "SM2": ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"),
}


def _usage(inputs: Inputs) -> Iterator[Failure]:
    spec = inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    usage = inputs.get("keyUsage", "ENCRYPT_DECRYPT")
    if not isinstance(spec, str) or not isinstance(usage, str):
        return
    usages = next((USAGES[name] for name in USAGES if spec.startswith(name)), None)
    if usages and usage not in usages:
        yield Failure("keyUsage", f"{usage} is not a use of {spec}: {', '.join(usages)}")
    if inputs.get("enableKeyRotation") and spec != "SYMMETRIC_DEFAULT":
        yield Failure("enableKeyRotation", f"UnsupportedOperationException: {spec} does not rotate")


def _of_china(inputs: Inputs, world: Existing) -> Iterator[str]:
    """SM2 is for regions in China alone (CreateKey: KeySpec)."""
    region = inputs.get("region") or world.variables["region"]
    if inputs.get("customerMasterKeySpec") == "SM2" and not str(region).startswith("cn-"):
        yield f"UnsupportedOperationException: SM2 is not available in {region}"


# https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
SELECTION = {
    "tagStatus", "tagPatternList", "tagPrefixList", "storageClass", "countType", "countUnit",
    "countNumber",
}  # fmt: skip
MOST_RULES, MOST_WILDCARDS = 50, 4
COUNTS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")


def _expiry(value: Any) -> str | None:
    document = value if isinstance(value, dict) else parsed(value)
    rules = document.get("rules") if isinstance(document, dict) else None
    failed = "Lifecycle policy validation failure"
    if not isinstance(rules, list) or not rules:
        return f"{failed}: {excerpt(value)} has no rules"
    if len(rules) > MOST_RULES:
        return f"{failed}: {len(rules)} rules, allowed are {MOST_RULES}"
    priorities = []
    for rule in rules:
        reason = _expiry_rule(rule)
        if reason:
            return f"{failed}: {reason}"
        priorities.append(rule["rulePriority"])
    if len(set(priorities)) < len(priorities):
        return f"{failed}: two rules have one rulePriority"
    untagged = [r["rulePriority"] for r in rules if r["selection"]["tagStatus"] == "any"]
    if len(untagged) > 1 or (untagged and untagged[0] != max(priorities)):
        return f"{failed}: the one rule for any image has the highest rulePriority"
    return None


def _expiry_rule(rule: Any) -> str | None:
    if not isinstance(rule, dict) or rule.keys() - {
        "rulePriority", "description", "selection", "action",
    }:  # fmt: skip
        return f"{excerpt(rule)} has unknown elements"
    priority, selection, action = (rule.get(k) for k in ("rulePriority", "selection", "action"))
    if not isinstance(priority, int) or priority < 1:
        return f"rulePriority {excerpt(priority)} is no number from 1"
    if not isinstance(action, dict) or None in action.values():
        return f"action {excerpt(action)} is none"
    if action.get("type") not in ("expire", "transition"):
        return f"action {excerpt(action)} is neither expire nor transition"
    if (action["type"] == "transition") != (action.get("targetStorageClass") == "archive"):
        return "a transition, and nothing else, has the targetStorageClass archive"
    if not isinstance(selection, dict) or selection.keys() - SELECTION:
        return f"selection {excerpt(selection)} has unknown elements"
    if None in selection.values():
        return "a selection has null in it"
    status, count = selection.get("tagStatus"), selection.get("countType")
    lists = [name for name in ("tagPrefixList", "tagPatternList") if selection.get(name)]
    if status not in ("tagged", "untagged", "any") or (status == "tagged") != (len(lists) == 1):
        return f"tagStatus {excerpt(status)} goes with {', '.join(lists) or 'no list of tags'}"
    patterns = [str(item) for item in selection.get("tagPatternList") or []]
    if any(item.count("*") > MOST_WILDCARDS for item in patterns):
        return f"tagPatternList {excerpt(patterns)}: allowed are {MOST_WILDCARDS} wildcards"
    if count not in COUNTS:
        return f"countType {excerpt(count)} is not one of {', '.join(COUNTS)}"
    # "Automate the cleanup of images by using lifecycle policies", storageClass and countType.
    if (selection.get("storageClass") == "archive") != (count == "sinceImageTransitioned"):
        return f"images of the storageClass archive count sinceImageTransitioned, not {count}"
    if (count == "imageCountMoreThan") == ("countUnit" in selection):
        return f"countUnit goes with countType sinceImagePushed and the like, not with {count}"
    if selection.get("countUnit", "days") != "days":
        return "countUnit is days"
    number = selection.get("countNumber")
    return None if isinstance(number, int) and number > 0 else "countNumber is a number from 1"


def _long_name(inputs: Inputs, world: Existing) -> Iterator[str]:
    """With the ARN in front, a name has at most 1011 characters (PutParameter: Name)."""
    name = inputs.get("name")
    arn = "arn:{partition}:ssm:{region}:{account}:parameter/".format(**world.variables)
    if isinstance(name, str) and len(arn) + len(name.lstrip("/")) > 1011:
        yield f"ValidationException: the name has {len(name)} characters, with its ARN over 1011"


def _parameter(inputs: Inputs) -> Iterator[Failure]:
    """PutParameter: Name, Value, Tier, AllowedPattern, DataType."""
    name, value = inputs.get("name"), inputs.get("value", inputs.get("insecureValue"))
    if isinstance(name, str):
        first = name.lstrip("/").split("/")[0].lower()
        if first.startswith(("aws", "ssm")):
            yield Failure("name", f"{excerpt(name)}: names that begin with aws or ssm are reserved")
        if not re.fullmatch(r"arn:\S+|[\w./-]+", name, re.ASCII):
            yield Failure("name", f"{excerpt(name)}: only letters, digits and _ . - / are allowed")
        if name.lstrip("/").count("/") >= 15:
            yield Failure("name", f"{excerpt(name)} has more than 15 levels")
        if name.endswith("/"):
            yield Failure("name", f"{excerpt(name)} must not end with a slash")
        if "//" in name:
            yield Failure("name", f"{excerpt(name)} has a level without a name")
        if "/" in name and not name.startswith("/"):
            yield Failure("name", f"{excerpt(name)} has levels and no / in front")
    if not isinstance(value, str):
        return
    longest = 4096 if inputs.get("tier", "Standard") == "Standard" else 8192
    if len(value.encode()) > longest:
        yield Failure("value", f"has {len(value)} characters, allowed are {longest}")
    if "{{" in value:
        yield Failure("value", "parameters can't be nested in the values of others")
    expression = inputs.get("allowedPattern")
    if isinstance(expression, str):
        try:
            fits = re.search(expression, value) is not None
        except re.error as error:
            yield Failure("allowedPattern", f"{excerpt(expression)} is no expression: {error}")
        else:
            if not fits:
                yield Failure("value", f"does not match allowedPattern {expression}")
    if not value:
        yield Failure("value", "has 0 characters, allowed are 1 or more")
    image = inputs.get("dataType") == "aws:ec2:image"
    if image and not re.fullmatch(r"ami-[0-9a-f]{8,17}", value):
        yield Failure("value", f"{excerpt(value)} is no image")


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
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        count("rules", 1, 1),
        each(
            "rules[*].applyServerSideEncryptionByDefault",
            only_with("kmsMasterKeyId", "sseAlgorithm", "aws:kms", "aws:kms:dsse"),
        ),
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html and ManageCorsUsing.html
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (
        count("corsRules", 1, 100),
        one_of("corsRules[*].allowedMethods[*]", "GET", "PUT", "HEAD", "POST", "DELETE"),
        pattern("corsRules[*].allowedOrigins[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern("corsRules[*].allowedHeaders[*]", r"[^*]*\*?[^*]*", "one wildcard at most"),
        pattern("corsRules[*].exposeHeaders[*]", r"[^*]*", "no wildcard"),
        unique("corsRules[*].id"),
        count("corsRules[*].allowedMethods", 1, 5),
        count("corsRules[*].allowedOrigins", 1, 1000),
        between("corsRules[*].maxAgeSeconds", 0, 2**31 - 1),
    ),
    "aws:s3/bucketNotification:BucketNotification": (
        PathRule(("queues[*].events", "topics[*].events"), _overlap),
        unique("queues[*].id"),
        # "The ARN could not be parsed".
        pattern(
            "lambdaFunctions[*].lambdaFunctionArn", r"arn:[\w-]+:lambda:.+", "a function's ARN"
        ),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        only_with("kmsKeyId", "serverSideEncryption", "aws:kms", "aws:kms:dsse", default="aws:kms"),
        needed_with("objectLockRetainUntilDate", "objectLockMode"),
        needed_with("objectLockMode", "objectLockRetainUntilDate"),
        check(
            "key",
            lambda value: (
                f"KeyTooLongError: has {len(str(value).encode())} bytes, allowed are 1024"
                if len(str(value).encode()) > 1024
                else None
            ),
        ),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
        count("tags", 0, 10),
        pattern("websiteRedirect", r"(/|https?://)[\s\S]*", "a key after / or an address"),
        check("contentBase64", _encoded),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        needed_with("mfa", "versioningConfiguration.mfaDelete", "Enabled"),
    ),
    KEY: (
        PathRule(("keyUsage", "customerMasterKeySpec"), _usage),
        not_with("multiRegion", "customKeyStoreId"),
        only_with("xksKeyId", "customKeyStoreId"),
    ),
    "aws:ecr/repository:Repository": (
        only_with(
            "imageTagMutabilityExclusionFilters",
            "imageTagMutability",
            "IMMUTABLE_WITH_EXCLUSION",
            "MUTABLE_WITH_EXCLUSION",
        ),
        each(
            "encryptionConfigurations[*]",
            only_with("kmsKey", "encryptionType", "KMS", "KMS_DSSE"),
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (check("policy", _expiry),),
    "aws:ssm/parameter:Parameter": (
        PathRule(("name", "value", "allowedPattern"), _parameter),
        only_with("keyId", "type", "SecureString"),
        not_with("dataType", "type", "SecureString", "StringList"),
        not_with("insecureValue", "type", "SecureString"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "aws:s3/bucketNotification:BucketNotification": (_may_invoke,),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        _no_acl,
        _no_public_acl,
        _locked,
        _symmetric("kmsKeyId"),
    ),
    "aws:s3/bucketLogging:BucketLogging": (_no_grants,),
    "aws:ssm/parameter:Parameter": (_long_name, _symmetric("keyId")),
    "aws:ecr/repository:Repository": (_symmetric("encryptionConfigurations[*].kmsKey"),),
    LOG_GROUP: (_symmetric("kmsKeyId"),),
    ENDPOINT_CONFIG: (_symmetric("kmsKeyArn"),),
    "aws:scheduler/schedule:Schedule": (_symmetric("kmsKeyArn"),),
    FUNCTION: (_symmetric("kmsKeyArn"),),
    BUCKET: (_no_acl,),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _symmetric("rules[*].applyServerSideEncryptionByDefault.kmsMasterKeyId"),
    ),
    KEY: (_of_china,),
    TOPIC: (_symmetric("kmsMasterKeyId"),),
    QUEUE: (_symmetric("kmsMasterKeyId"),),
}
