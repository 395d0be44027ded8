"""Names and rules that several Google services share."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.kinds import Kind, Ref, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.basic import check, pattern

BUCKET = "gcp:storage/bucket:Bucket"
CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
SERVICE_ACCOUNT = "gcp:serviceaccount/account:Account"
TOPIC = "gcp:pubsub/topic:Topic"
DATASET = "gcp:bigquery/dataset:Dataset"
CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel"
WORKFLOW = "gcp:workflows/workflow:Workflow"

MEMBER = (
    r"allUsers|allAuthenticatedUsers|(user|group|serviceAccount|domain|deleted):\S+"
    r"|principal(Set)?://iam\.googleapis\.com/\S+|project(Owner|Editor|Viewer):\S+"
)
ROLE = r"roles/[\w.]+|(projects|organizations)/[\w-]+/roles/[\w.]+"
LABEL = r"[a-z0-9_-]{0,63}"


def location(path: str = "location", *more: str) -> Rule:
    """A region, or one of the multi-regions and zones in `more`."""

    def test(value: Any) -> str | None:
        known = value.lower() in (*table("places")["gcp"], *more)
        return None if known else f"{value!r} is not a location"

    return check(path, test)


def labels(path: str = "labels") -> tuple[Rule, ...]:
    """Google's rules for labels: 64 at most, of lower case, digits, _ and -, up to 63 long."""

    def test(value: Any) -> str | None:
        if len(value) > 64:
            return f"has {len(value)} labels, allowed are 64"
        bad = [key for key in value if not (key[:1].isalpha() and key.islower() and len(key) <= 63)]
        return f"label keys {bad} are not allowed" if bad else None

    what = "lower case, digits, _ and -, at most 63"
    return check(path, test), pattern(f"{path}[*]", LABEL, what)


def key(path: str) -> Ref:
    """A property that holds the full name of a KMS key."""
    return Ref(path, (CRYPTO_KEY,), ("id",))


def member(token: str, target: Ref, stem: str, service: str | None = None) -> Kind:
    """One member of one role on a resource: every change replaces it."""
    return Kind(
        token,
        id=f"{stem}/{{role}}/{{member}}",
        immutable=True,
        refs=(target,),
        rules=(
            pattern("member", MEMBER, "such as serviceAccount:EMAIL"),
            pattern("role", ROLE, "such as roles/storage.objectViewer"),
        ),
        computed={"etag": "BwY{hex:8}="},
        handles=(),
        service=service,
    )
