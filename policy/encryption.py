"""Encryption at rest, and TLS on the way."""

from __future__ import annotations

from policy.model import LATER, Policy, Stack, Violations, as_list, each_has, path, statements

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
# Type, property, what it is: the customer's own key on everything that takes one.
KEYED = (
    ("aws:sns/topic:Topic", "kmsMasterKeyId"),
    ("aws:sqs/queue:Queue", "kmsMasterKeyId"),
    ("gcp:storage/bucket:Bucket", "encryption.defaultKmsKeyName"),
    ("gcp:bigquery/dataset:Dataset", "defaultEncryptionConfiguration.kmsKeyName"),
    ("gcp:vertex/aiEndpoint:AiEndpoint", "encryptionSpec.kmsKeyName"),
)
ENDPOINT_CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TLS = ("TLS1_2", "TLS1_3")


def _at_rest(stack: Stack) -> Violations:
    for token, key_path in KEYED:
        for resource in stack.of(token):
            if path(resource.inputs, key_path) is None:
                yield resource, f"not encrypted with a key of the stack: {key_path} is not set"
    for config in stack.of(ENDPOINT_CONFIG):
        # Without it the service captures nothing: the container does, into the store.
        captures = config.inputs.get("dataCaptureConfig") is not None
        if captures and path(config.inputs, "dataCaptureConfig.kmsKeyId") is None:
            yield config, "captures are not encrypted with a key of the stack: kmsKeyId is not set"
    for resource in stack.of(BUCKET_ENCRYPTION):
        algorithm = path(resource.inputs, "rules.applyServerSideEncryptionByDefault.sseAlgorithm")
        if algorithm not in ("aws:kms", "aws:kms:dsse"):
            yield resource, f"encrypted with {algorithm!r}, not with a key of the stack (aws:kms)"
    yield from each_has(stack, BUCKET, BUCKET_ENCRYPTION)


def _keys_rotate(stack: Stack) -> Violations:
    for key in stack.of("aws:kms/key:Key"):
        if key.inputs.get("enableKeyRotation") is not True:
            yield key, "the key does not rotate: enableKeyRotation is not true"
    for key in stack.of("gcp:kms/cryptoKey:CryptoKey"):
        if key.inputs.get("rotationPeriod") is None:
            yield key, "the key does not rotate: rotationPeriod is not set"


def _on_the_way(stack: Stack) -> Violations:
    for account in stack.of("azure-native:storage:StorageAccount"):
        if account.inputs.get("enableHttpsTrafficOnly") is False:
            yield account, "plain HTTP is allowed: enableHttpsTrafficOnly is false"
        if account.inputs.get("minimumTlsVersion") not in TLS:
            yield account, "old TLS is allowed: minimumTlsVersion is not TLS1_2"
    for policy in stack.of(BUCKET_POLICY):
        text = policy.inputs.get("policy", "")
        if text != LATER and not _denies_plain(text):
            yield policy, "no statement denies requests without TLS (aws:SecureTransport false)"
    yield from each_has(stack, BUCKET, BUCKET_POLICY)


def _denies_plain(text: str) -> bool:
    for statement in statements(text):
        tests = statement.get("Condition", {}).get("Bool", {})
        denied = [str(value).lower() for value in as_list(tests.get("aws:SecureTransport"))]
        if statement.get("Effect") == "Deny" and denied == ["false"]:
            return True
    return False


ENCRYPTION = (
    Policy("encryption-at-rest", "Everything stored is encrypted with the stack's key", _at_rest),
    Policy("keys-rotate", "Encryption keys rotate", _keys_rotate),
    Policy("tls-only", "Nothing answers without TLS", _on_the_way),
)
