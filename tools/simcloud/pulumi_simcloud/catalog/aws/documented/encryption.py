"""KMS: keys, and what services encrypt with.

Unless another page is named, each rule stands at the field of the operation's API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import (
    ENDPOINT_CONFIG,
    FUNCTION,
    KEY,
    LOG_GROUP,
    QUEUE,
    TOPIC,
)
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, check, count
from pulumi_simcloud.rules.fields import each, not_with, only_with


def symmetric(*paths: str) -> Demand:
    """A key that encrypts data is symmetric (ServerSideEncryptionByDefault, KMSMasterKeyID)."""

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        for path in paths:
            for _, name in select(inputs, path):
                row = world.find([KEY], name)
                kind = row.inputs.get("customerMasterKeySpec") if row else None
                if kind not in (None, "SYMMETRIC_DEFAULT", UNKNOWN):
                    yield f"{name!r} is a key of type {kind}: only symmetric keys are supported"

    return demand


def _no_alias(value: Any) -> str | None:
    """The answer in github hashicorp/terraform#20813: Lambda grants itself the use of a key."""
    if not re.fullmatch(r"arn:[\w-]+:kms:[\w-]+:\d{12}:alias/.+", str(value)):
        return None
    reason = "InvalidArnException KMS Message: Key Aliases are not supported for this operation"
    return f"InvalidParameterValueException: {reason}"


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


RULES: dict[str, tuple[Rule, ...]] = {
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        count("rules", 1, 1),
        each(
            "rules[*].applyServerSideEncryptionByDefault",
            only_with("kmsMasterKeyId", "sseAlgorithm", "aws:kms", "aws:kms:dsse"),
        ),
    ),
    FUNCTION: (check("kmsKeyArn", _no_alias),),
    KEY: (
        PathRule(("keyUsage", "customerMasterKeySpec"), _usage),
        not_with("multiRegion", "customKeyStoreId"),
        only_with("xksKeyId", "customKeyStoreId"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    LOG_GROUP: (symmetric("kmsKeyId"),),
    ENDPOINT_CONFIG: (symmetric("kmsKeyArn"),),
    "aws:scheduler/schedule:Schedule": (symmetric("kmsKeyArn"),),
    FUNCTION: (symmetric("kmsKeyArn"),),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        symmetric("rules[*].applyServerSideEncryptionByDefault.kmsMasterKeyId"),
    ),
    KEY: (_of_china,),
    TOPIC: (symmetric("kmsMasterKeyId"),),
    QUEUE: (symmetric("kmsMasterKeyId"),),
}
