"""Cloud KMS. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.catalog.gcp.common import CRYPTO_KEY, labels, location, member
from pulumi_simcloud.catalog.gcp.names import grantable
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.rules.basic import pattern
from pulumi_simcloud.rules.google_texts import seconds

KEY_RING = "gcp:kms/keyRing:KeyRing"
FOREVER = "is kept forever: key rings and keys can't be deleted"
KMS = "cloudkms.googleapis.com"
# https://cloud.google.com/kms/docs/locations: multi-regions and those of two or three regions.
PLACES = (
    "global", "asia", "asia1", "eur3", "eur4", "eur5", "eur6", "eur7", "eur8", "europe", "in",
    "nam-eur-asia1", "nam3", "nam4", "nam6", "nam7", "nam8", "nam9", "nam10", "nam11", "nam12",
    "nam13", "us",
)  # fmt: skip
ALGORITHMS = {
    "ENCRYPT_DECRYPT": ("GOOGLE_SYMMETRIC_ENCRYPTION", "EXTERNAL_SYMMETRIC_ENCRYPTION"),
    "ASYMMETRIC_SIGN": ("RSA_SIGN", "EC_SIGN", "PQ_SIGN", "EXTERNAL_", "ED25519"),
    "ASYMMETRIC_DECRYPT": ("RSA_DECRYPT",),
    "MAC": ("HMAC",),
    "RAW_ENCRYPT_DECRYPT": ("AES_",),
}
# https://cloud.google.com/kms/docs/algorithms: those that one protection level alone has.
LEVELS = {
    "EC_SIGN_ED25519": ("SOFTWARE",),
    "EC_SIGN_SECP256K1_SHA256": ("HSM",),
    "PQ_SIGN": ("SOFTWARE",),
}


def _rotation(inputs: Inputs) -> Iterator[Failure]:
    """Keys of one purpose alone rotate by themselves, each with an algorithm of its purpose.

    https://cloud.google.com/kms/docs/key-rotation and .../algorithms
    """
    purpose = inputs.get("purpose", "ENCRYPT_DECRYPT")
    if inputs.get("rotationPeriod") and purpose in ALGORITHMS and purpose != "ENCRYPT_DECRYPT":
        yield Failure("rotationPeriod", f"a key of purpose {purpose} does not rotate by itself")
    template = inputs.get("versionTemplate")
    algorithm = template.get("algorithm") if isinstance(template, dict) else None
    beginning = ALGORITHMS.get(purpose) if isinstance(purpose, str) else None
    if isinstance(algorithm, str) and beginning and not algorithm.startswith(beginning):
        yield Failure("versionTemplate.algorithm", f"{algorithm} is not of purpose {purpose}")
    level = template.get("protectionLevel", "SOFTWARE") if isinstance(template, dict) else None
    levels = next((item for name, item in LEVELS.items() if str(algorithm).startswith(name)), None)
    if levels is not None and level in ("SOFTWARE", "HSM") and level not in levels:
        reason = f"{algorithm} is not supported for protection level: {level}"
        yield Failure("versionTemplate.algorithm", reason)


KEYS = (
    Kind(
        KEY_RING,
        id="projects/{project}/locations/{location}/keyRings/{name}",
        name=Name("name", 63),
        rules=(
            pattern("name", r"[\w-]{1,63}", "letters, digits, _ and -, at most 63"),
            location("location", *PLACES),
        ),
        handles=("id",),
        unique="projects/{project}/locations/{location}/keyRings/{name}",
        keeps_name=FOREVER,
        service=KMS,
    ),
    Kind(
        CRYPTO_KEY,
        id="{keyRing}/cryptoKeys/{name}",
        name=Name("name", 63),
        api=Api("cloudkms.v1:CryptoKey"),
        refs=(Ref("keyRing", (KEY_RING,), ("id",)),),
        rules=(
            pattern("name", r"[\w-]{1,63}", "letters, digits, _ and -, at most 63"),
            pattern(
                "rotationPeriod",
                r"(?:[1-9]\d{5,}|9\d{4}|8[7-9]\d{3}|86[4-9]\d\d)(?:\.\d+)?s",
                "seconds such as 7776000s, at least a day",
            ),
            _rotation,
            seconds("destroyScheduledDuration", 86_400, 120 * 86_400),
            *labels(),
        ),
        handles=("id",),
        unique="{keyRing}/cryptoKeys/{name}",
        keeps_name=FOREVER,
        service=KMS,
    ),
    member(
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        Ref("cryptoKeyId", (CRYPTO_KEY,), ("id",)),
        "{cryptoKeyId}",
        roles=grantable("cloudkms.cryptoKeys", "cloudkms.cryptoKeyVersions"),
        service=KMS,
    ),
)
