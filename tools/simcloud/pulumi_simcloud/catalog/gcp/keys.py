"""Cloud KMS. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

from pulumi_simcloud.catalog.gcp.common import CRYPTO_KEY, labels, location, member
from pulumi_simcloud.kinds import Api, Kind, Name, Ref
from pulumi_simcloud.rules.basic import pattern

KEY_RING = "gcp:kms/keyRing:KeyRing"
FOREVER = "is kept forever: key rings and keys can't be deleted"
KMS = "cloudkms.googleapis.com"

KEYS = (
    Kind(
        KEY_RING,
        id="projects/{project}/locations/{location}/keyRings/{name}",
        name=Name("name", 63),
        rules=(
            pattern("name", r"[\w-]{1,63}", "letters, digits, _ and -, at most 63"),
            location("location", "global", "us", "europe", "asia"),
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
    ),
)
