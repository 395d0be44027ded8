"""Names and rules that several Google services share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.names import agent_email
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Kind, Ref, Rule, Settle
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check, pattern
from pulumi_simcloud.rules.google_texts import CONDITION_ROOTS, cel
from pulumi_simcloud.state import Row

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
KEY_PLACES = {"eu": "europe"}


def location(path: str = "location", *more: str, any_case: bool = False) -> Rule:
    """A region, or one of the multi-regions and zones in `more`.

    Names of resources have small letters in them (Artifact Registry's answer to US-WEST1: "invalid
    project: projects/P/locations/US-WEST1"); `any_case` is for services that take both.
    """

    def test(value: Any) -> str | None:
        name = value.lower() if any_case else value
        is_known = name in (*table("places")["gcp"], *more)
        return None if is_known else f"{value!r} is not a location"

    return check(path, test)


def labels(path: str = "labels") -> tuple[Rule, ...]:
    """Google's rules for labels: 64 at most, of lower case, digits, _ and -, up to 63 long."""

    def test(value: Any) -> str | None:
        if len(value) > 64:
            return f"has {len(value)} labels, allowed are 64"
        bad = [key for key in value if not (key[:1].isalpha() and re.fullmatch(LABEL, key))]
        return f"label keys {bad} are not allowed" if bad else None

    description = "lower case, digits, _ and -, at most 63"
    return check(path, test), pattern(f"{path}[*]", LABEL, description)


def condition() -> tuple[Rule, ...]:
    """The condition of a binding: CEL, with a title.

    https://cloud.google.com/iam/docs/conditions-overview
    """
    return (
        cel("condition.expression", CONDITION_ROOTS),
        pattern("condition.title", r"[\s\S]{1,100}", "at most 100 characters"),
        pattern("condition.description", r"[\s\S]{0,256}", "at most 256 characters"),
    )


CUSTOM_ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
IDENTITY_OF_SERVICE = "gcp:projects/serviceIdentity:ServiceIdentity"
OWN_AGENT = re.compile(
    r"serviceAccount:((?:service-|bq-)(\d+)@[a-z0-9.-]+?(?:\.iam\.gserviceaccount\.com))"
)
# https://cloud.google.com/iam/docs/service-account-types#default: what Compute Engine makes for
# itself, and for services that use it; of those, each that enables its API or acts as the account.
DEFAULT_ACCOUNT = re.compile(r"serviceAccount:((\d+)-compute@developer\.gserviceaccount\.com)")
ON_COMPUTE = ("batch", "cloudbuild", "cloudfunctions", "composer", "compute", "container",
              "dataflow", "dataproc", "file", "lifesciences", "notebooks", "run", "tpu",
              "vpcaccess", "workstations")  # fmt: skip
ON_COMPUTE_APIS = frozenset(f"{name}.googleapis.com" for name in ON_COMPUTE)
# Services whose agent nobody gets by enabling them: BigQuery's comes when somebody asks for it,
# https://github.com/terraform-google-modules/terraform-google-bigquery/issues/80, and Logging's
# with the first sink, https://github.com/Liscor/terraform_dataform_ga4_pipeline/issues/1.
LATER_AGENTS = ("bigquery.googleapis.com", "logging.googleapis.com")
# Who comes with what, without having been asked for: the type of a resource, and what it says.
# https://cloud.google.com/monitoring/support/notification-options#pubsub
PUBLISHING = "@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
WRITING = "@gcp-sa-logging.iam.gserviceaccount.com"


def agent_exists(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A member that is a service's agent was made: by its first use, or by who asked for it.

    In an empty project nobody has; in another the agents of the APIs that are enabled are there,
    but for `LATER_AGENTS`. The account of Compute Engine is there with its API in either.
    """
    member_ = str(inputs.get("member"))
    match = OWN_AGENT.fullmatch(member_) or DEFAULT_ACCOUNT.fullmatch(member_)
    if match is None or not world.closed or match[2] != world.variables["project_number"]:
        return
    email = match[1]
    if match.re is DEFAULT_ACCOUNT and _enabled(world) & ON_COMPUTE_APIS:
        return
    if email in world.agents or (not world.empty and _comes_with_an_api(email, world)):
        return
    if email.endswith(PUBLISHING) and any(
        row.inputs.get("type") == "pubsub" for row in world.of(CHANNEL)
    ):
        return
    if email.endswith(WRITING) and world.of("gcp:logging/projectSink:ProjectSink"):
        return
    yield f"Service account {email} does not exist"


def _enabled(world: Existing) -> set[str]:
    return {row.inputs["service"] for row in world.of("gcp:projects/service:Service")}


def _comes_with_an_api(email: str, world: Existing) -> bool:
    number = world.variables["project_number"]
    apis = {*_enabled(world), *table("gcp_services")} - set(LATER_AGENTS)
    return email in {agent_email(service, number) for service in apis}


# A role that was made a moment ago, granted on what is no project.
# https://github.com/hashicorp/terraform-provider-google/issues/4717
NEW_ROLE = Settle(
    "role",
    (CUSTOM_ROLE,),
    "Role ({id}) does not exist in the resource's hierarchy",
    by=("id", "name"),
)


def new_right_on_key(path: str, message: str) -> Settle:
    """The right of a service's agent on a key, which it has only a while after it got it."""

    def find(inputs: Inputs, world: Existing) -> Iterator[Row]:
        for _, name in select(inputs, path):
            yield from (row for row in world.of(KEY_MEMBER) if row.inputs["cryptoKeyId"] == name)

    return Settle(path, (KEY_MEMBER,), message, attempts=1, find=find)


def key(path: str) -> Ref:
    """A property that holds the full name of a KMS key."""
    return Ref(path, (CRYPTO_KEY,), ("id",))


def key_beside(path: str, location_path: str = "location") -> Rule:
    """A key in the place of what it encrypts.

    https://cloud.google.com/kms/docs/cmek: the key is in the same region, or multi-region; what
    others call eu or us is europe or us among keys.
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        location_value = inputs.get(location_path)
        if not isinstance(location_value, str):
            return
        expected = KEY_PLACES.get(location_value.lower(), location_value.lower())
        for key_path, name in select(inputs, path):
            match = re.match(r"projects/[^/]+/locations/([^/]+)/", str(name))
            if match and match[1].lower() != expected:
                yield Failure(key_path, f"the key is in {match[1]}, needed is one in {expected}")

    return PathRule((path, location_path), rule)


def member(
    token: str,
    target: Ref,
    stem: str,
    service: str | None = None,
    roles: Rule | None = None,
    demands: tuple[Demand, ...] = (),
    settles: tuple[Settle, ...] = (),
    members: Rule | None = None,
) -> Kind:
    """One member of one role on a resource: every change replaces it.

    `roles` says which roles the type takes, `members` which members if not those of IAM.
    """
    return Kind(
        token,
        id=f"{stem}/{{role}}/{{member}}",
        immutable=True,
        refs=(target,),
        rules=(
            members or pattern("member", MEMBER, "such as serviceAccount:EMAIL"),
            pattern("role", ROLE, "such as roles/storage.objectViewer"),
            *((roles,) if roles is not None else ()),
            *condition(),
        ),
        demands=(agent_exists, *demands),
        settles=settles,
        computed={"etag": "BwY{hex:8}="},
        handles=(),
        # A member that is there already is merged: resource_iam_member.go of the provider.
        overwrites=True,
        service=service,
    )
