"""IAM and Cloud Billing: what their references say of several fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from pulumi_simcloud.catalog.gcp.common import SERVICE_ACCOUNT
from pulumi_simcloud.catalog.gcp.identity import POOL
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, json_text, pattern
from pulumi_simcloud.rules.fields import moment, not_with
from pulumi_simcloud.rules.google_texts import seconds

PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
BUDGET = "gcp:billing/budget:Budget"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
MEMBERS = (
    BUCKET_MEMBER,
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:bigquery/datasetIamMember:DatasetIamMember",
    "gcp:serviceaccount/iAMMember:IAMMember",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember",
    "gcp:pubsub/topicIAMMember:TopicIAMMember",
)
# https://cloud.google.com/iam/docs/principal-identifiers
EMAIL = r"[^@\s:]+@[^@\s]+\.[^@\s]+"
ACCOUNT = re.compile(
    r"[^@\s:]+@([\w.-]+\.)?gserviceaccount\.com|[\w:.-]+\.svc\.id\.goog\[[^\]]+/[^\]]+\]"
)
# The same page; of workload identity pools the project's number, not its id.
POOLED = {
    "principal": r"subject/.+|namespace/.+|ns/.+",
    "principalSet": r"\*|group/.+|attribute\.[a-z0-9_]+/.+|namespace/.+|kubernetes\.\S+|ns/.+",
}
PRINCIPAL = re.compile(
    r"//(iam\.googleapis\.com/(projects/\d+/locations/global/workloadIdentityPools/[^/]+/.+"
    r"|locations/global/workforcePools/[^/]+/.+)|cloudresourcemanager\.googleapis\.com/.+"
    r"|[\w.-]*goog/.+|iam\.googleapis\.com/(?!projects/|locations/).*/.+)"
)
# A pool's id where its whole name has to be.
BY_ID = re.compile(
    r"//iam\.googleapis\.com/[a-z0-9-]{4,32}/(\*|subject/.+|group/.+|attribute\.[a-z0-9_]+/.+)"
)
# https://cloud.google.com/iam/docs/understanding-roles: lowest resource above the project.
ABOVE = (
    "roles/billing.admin", "roles/billing.creator", "roles/billing.user",
    "roles/resourcemanager.organizationAdmin", "roles/resourcemanager.organizationViewer",
    "roles/resourcemanager.folderAdmin", "roles/resourcemanager.folderCreator",
    "roles/resourcemanager.projectCreator", "roles/orgpolicy.policyAdmin",
    "roles/iam.organizationRoleAdmin",
)  # fmt: skip
BASIC = ("roles/owner", "roles/editor", "roles/viewer")


def _member(value: Any) -> str | None:
    """A kind of principal, and what that kind looks like."""
    kind, _, name = str(value).removeprefix("iamMember:").partition(":")
    if kind in ("user", "group"):
        if not re.fullmatch(EMAIL, name):
            return f"Invalid member {excerpt(value)}: {kind}: and an e-mail address"
        if name.endswith("gserviceaccount.com"):
            return f"Principal {name} is of type serviceAccount"
    if kind == "serviceAccount" and not ACCOUNT.fullmatch(name):
        return f"Invalid service account ({name})"
    # hashicorp/terraform-provider-google#12672
    if kind in ("principal", "principalSet") and BY_ID.fullmatch(name):
        return f"The member {value} is of an unknown type: a pool is named with its project"
    if kind in ("principal", "principalSet") and not PRINCIPAL.fullmatch(name):
        return f"Invalid member {excerpt(value)}: a project is a number, in a pool that is named"
    # https://cloud.google.com/iam/docs/principal-identifiers, workload identity pools.
    inside = re.fullmatch(
        r"//iam\.googleapis\.com/projects/.+/workloadIdentityPools/[^/]+/(.+)", name
    )
    wanted = POOLED.get(kind)
    if inside and wanted and not re.fullmatch(wanted, inside[1]):
        return f"Invalid member {excerpt(value)}: {inside[1]} is no {kind} of a pool"
    if kind == "domain" and not re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", name.lower()):
        return f"Invalid member {excerpt(value)}: domain: and a domain"
    return None


# https://cloud.google.com/iam/docs/conditions-attribute-reference
ATTRIBUTES = {
    "resource": ("name", "type", "service", "matchTag", "matchTagId", "hasTagKey", "hasTagKeyId"),
    "request": ("time", "path", "host", "auth"),
}


def _conditioned(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/iam/docs/conditions-overview: where there are none."""
    if not inputs.get("condition"):
        return
    if inputs.get("role") in BASIC:
        yield Failure("condition", "conditions can't be set on bindings of basic roles")
    if inputs.get("member") in ("allUsers", "allAuthenticatedUsers"):
        yield Failure("condition", f"conditions can't be set on bindings of {inputs['member']}")
    text = (inputs.get("condition") or {}).get("expression")
    if isinstance(text, str) and len(re.findall(r"&&|\|\||!(?!=)", text)) > 12:
        yield Failure("condition.expression", "has more than 12 logical operators")
    for time in re.findall(r"timestamp\(\s*['\"]([^'\"]*)['\"]\s*\)", str(text)):
        if moment(time) is None:
            yield Failure(
                "condition.expression", f"{excerpt(time)} is no time such as 2030-01-31T00:00:00Z"
            )
    for owner, name in re.findall(r"\b(resource|request)\.(\w+)", unquoted(text)):
        if name not in ATTRIBUTES[owner]:
            yield Failure("condition.expression", f"undefined field '{name}' of {owner}")


def _of_agents(inputs: Inputs) -> Iterator[Failure]:
    """IAM's answer to a federated identity: roles of service agents are for accounts alone.

    https://cloud.google.com/iam/docs/service-agents
    """
    role, member = inputs.get("role"), inputs.get("member")
    if not isinstance(role, str) or not re.fullmatch(r"roles/[\w.]+\.serviceAgent", role):
        return
    if isinstance(member, str) and not re.match(r"(deleted:)?serviceAccount:", member):
        yield Failure("role", "Only service accounts can be granted ServiceAgent roles")


def _bound(inputs: Inputs) -> Iterator[Failure]:
    """What a role, its member and a condition ask of each other."""
    yield from _conditioned(inputs)
    yield from _of_agents(inputs)


def unquoted(text: Any) -> str:
    """An expression without its texts."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", text) if isinstance(text, str) else ""


def _amount(inputs: Inputs) -> Iterator[Failure]:
    """Units and billionths of one sign (google.type.Money)."""
    for path, amount in select(inputs, "amount.specifiedAmount"):
        if not isinstance(amount, dict):
            continue
        nanos = amount.get("nanos")
        if isinstance(nanos, int) and abs(nanos) > 999_999_999:
            yield Failure(f"{path}.nanos", f"{nanos} is more than 999999999")
        units = amount.get("units")
        if units in ("0", None) and not nanos and units is not UNKNOWN:
            yield Failure(path, "has to be more than 0")


def _begins(inputs: Inputs) -> Iterator[Failure]:
    """A period of one's own has days that there are, the first after 2016 (CustomPeriod)."""
    days = []
    for name in ("startDate", "endDate"):
        item = next((v for _, v in select(inputs, f"budgetFilter.customPeriod.{name}")), None)
        if not isinstance(item, dict):
            continue
        parts = [item.get(key) for key in ("year", "month", "day")]
        numbers = [part for part in parts if isinstance(part, int)]
        if len(numbers) == 3:
            year, month, day = numbers
            path = f"budgetFilter.customPeriod.{name}"
            if not (1 <= month <= 12 and 1 <= day <= 31 and year >= 2017):
                yield Failure(path, f"{year}-{month}-{day} is no day after 2016")
            days.append((year, month, day))
    if len(days) == 2 and days[0] > days[1]:
        yield Failure("budgetFilter.customPeriod.endDate", "is before startDate")


def _metadata(value: Any) -> str | None:
    """SAML metadata of an identity provider (WorkloadIdentityPoolProvider, idpMetadataXml)."""
    try:
        root = ElementTree.fromstring(str(value))
    except ElementTree.ParseError as error:
        return f"is no XML: {error}"
    name = root.tag.rpartition("}")[2]
    return None if name.startswith("Entit") else f"<{name}> is no EntityDescriptor"


def _bytes(value: Any, most: int) -> str | None:
    """ServiceAccount, displayName and description: so many bytes of UTF-8."""
    size = len(str(value).encode())
    return f"has {size} bytes, allowed are {most}" if size > most else None


def _own_role(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A project's custom role is granted in that project.

    https://cloud.google.com/iam/docs/roles-overview#custom: "only within that project".
    """
    match = re.fullmatch(r"projects/([^/]+)/roles/.+", str(inputs.get("role")))
    own = inputs.get("project") or world.variables["project"]
    if match and isinstance(own, str) and match[1] != own:
        yield f"Role {inputs['role']} is not supported for this resource: it is one of {match[1]}"


BINDING: tuple[Rule, ...] = (
    check("member", _member),
    PathRule(("condition", "role", "member"), _bound),
)
RULES: dict[str, tuple[Rule, ...]] = {
    **{token: BINDING for token in MEMBERS},
    "gcp:projects/iAMMember:IAMMember": (
        *BINDING,
        check(
            "role",
            lambda value: (
                f"Role {value} is not supported for this resource." if value in ABOVE else None
            ),
        ),
    ),
    BUCKET_MEMBER: (
        *BINDING,
        # https://github.com/hashicorp/terraform-provider-google/issues/9130
        check(
            "role",
            lambda value: (
                f"Role {value} is not supported for this resource."
                if value == "roles/storage.viewer"
                else None
            ),
        ),
    ),
    POOL: (
        pattern("description", r"[\s\S]{0,256}", "at most 256 characters"),
        seconds("inlineCertificateIssuanceConfig.lifetime", 86_400, 30 * 86_400),
        between("inlineCertificateIssuanceConfig.rotationWindowPercentage", 50, 80),
    ),
    SERVICE_ACCOUNT: tuple(
        check(name, lambda value, most=most: _bytes(value, most))
        for name, most in (("displayName", 100), ("description", 256))
    ),
    PROVIDER: (
        pattern("description", r"[\s\S]{0,256}", "at most 256 characters"),
        pattern("attributeMapping[*]", r"[\s\S]{1,2048}", "at most 2048 characters"),
        pattern("oidc.allowedAudiences[*]", r"[\s\S]{1,256}", "at most 256 characters"),
        pattern("oidc.issuerUri", r"https://[^?#\s]+", "an address without ? and #"),
        pattern("aws.accountId", r"\d{12}", "an account's 12 digits"),
        json_text("oidc.jwksJson"),
        check("saml.idpMetadataXml", _metadata),
    ),
    BUDGET: (
        PathRule(("amount.specifiedAmount",), _amount),
        PathRule(("budgetFilter.customPeriod",), _begins),
        pattern("allUpdatesRule.schemaVersion", r"1\.0", "1.0"),
        # https://cloud.google.com/billing/docs/reference/rest/v1/services
        pattern(
            "budgetFilter.services[*]",
            r"services/[0-9A-F]{4}(-[0-9A-F]{4}){2}",
            "services/ID such as services/24E6-581D-38E5",
        ),
        pattern(
            "budgetFilter.resourceAncestors[*]",
            r"(folders|organizations)/\d+",
            "folders/ID or organizations/ID",
        ),
        pattern("budgetFilter.subaccounts[*]", r"billingAccounts/\S+", "billingAccounts/ID"),
        not_with("amount.lastPeriodAmount", "budgetFilter.customPeriod"),
    ),
}


def _pooled(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The pool of a project's clusters comes with the first of them, and no cluster is here."""
    pool = re.fullmatch(r"serviceAccount:([^\[]+)\.svc\.id\.goog\[.+\]", str(inputs.get("member")))
    if pool and world.closed and pool[1] == world.variables["project"]:
        yield f"Identity Pool does not exist ({pool[1]}.svc.id.goog)"


DEMANDS: dict[str, tuple[Demand, ...]] = {
    **{token: (_pooled,) for token in MEMBERS},
    "gcp:projects/iAMMember:IAMMember": (_pooled, _own_role),
}
