"""Service accounts, roles, workload identity, APIs, budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    CHANNEL,
    MEMBER,
    ROLE,
    SERVICE_ACCOUNT,
    agent_exists,
    condition,
    member,
)
from pulumi_simcloud.catalog.gcp.names import (
    BASIC_ROLES,
    grantable,
    identity_email,
    permission,
    service,
)
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api, Inputs, Kind, Name, Ref
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.basic import between, check, count, exactly_one, needs, one_of, pattern
from pulumi_simcloud.rules.google_texts import cel_reason

POOL = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
POOLS = "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}"
NUMBERED = POOLS.replace("{project}", "{project_number}")
POOL_ID = r"(?!gcp-)[a-z0-9-]{4,32}"
KEPT = "was deleted less than 30 days ago"
IAM = "iam.googleapis.com"
PROJECTS = "cloudresourcemanager.googleapis.com"


def _agent(context: Context) -> str | None:
    return identity_email(context.get("service"), context.get("project_number"))


def _agent_member(context: Context) -> str | None:
    return f"serviceAccount:{email}" if (email := _agent(context)) else None


# https://cloud.google.com/iam/docs/workload-identity-federation#mapping
GOOGLE_ATTRIBUTES = ("google.subject", "google.groups")
CUSTOM_ATTRIBUTE = re.compile(r"attribute\.[a-z0-9_]{1,100}")
MOST_ATTRIBUTES = 50
# Issuers whose tokens anybody can have: the condition has to say whose are taken.
# https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
SHARED_ISSUERS = (
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://app.terraform.io",
)


def _mapping(value: Any) -> str | None:
    if "google.subject" not in value:
        return f"{excerpt(value)} does not map google.subject"
    if (own := len(set(value) - set(GOOGLE_ATTRIBUTES))) > MOST_ATTRIBUTES:
        return f"maps {own} attributes of its own, allowed are {MOST_ATTRIBUTES}"
    for name, expression in value.items():
        if name not in GOOGLE_ATTRIBUTES and not CUSTOM_ATTRIBUTE.fullmatch(name):
            return f"{name!r} is neither google.subject, google.groups nor attribute.NAME"
        reason = cel_reason(expression, ("assertion",)) if isinstance(expression, str) else None
        if reason:
            return f"{name}: {reason}"
    return None


def _condition(inputs: Inputs) -> Iterator[Failure]:
    """The condition speaks of attributes that are mapped, and of claims for a shared issuer."""
    text, mapping = inputs.get("attributeCondition"), inputs.get("attributeMapping")
    issuer = (inputs.get("oidc") or {}).get("issuerUri") if inputs.get("oidc") else None
    if text is None and issuer in SHARED_ISSUERS:
        yield Failure(
            "attributeCondition",
            f"missing: the attribute condition must reference one of the provider's claims, since "
            f"{issuer} serves many tenants",
        )
    if not isinstance(text, str):
        return
    reason = cel_reason(text, ("assertion", "google", "attribute"))
    if reason:
        yield Failure("attributeCondition", reason)
    mapped = set(mapping) if isinstance(mapping, dict) else set()
    for name in sorted(set(re.findall(r"(?<![\w.])attribute\.[a-z0-9_]+", text)) - mapped):
        yield Failure("attributeCondition", f"{name} is not mapped")


def _role(value: Any) -> str | None:
    if not str(value).startswith("roles/") or value in BASIC_ROLES or value in table("gcp_roles"):
        return None
    return f"Role {value} does not exist"


def _on_project(inputs: Inputs) -> Iterator[Failure]:
    """Not everybody, and no role that buckets alone have."""
    role, member_ = inputs.get("role"), inputs.get("member")
    if isinstance(role, str) and role.startswith("roles/storage.legacy"):
        yield Failure("role", f"Role {role} is not supported for this resource")
    if member_ in ("allUsers", "allAuthenticatedUsers"):
        yield Failure("member", f"{member_} can't be a member in a project's policy")
    if role == "roles/owner" and str(member_).startswith(("group:", "domain:")):
        yield Failure("member", f"roles/owner can't be granted to {member_}")


def _budget(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets."""
    updates_rule = inputs.get("allUpdatesRule")
    rule = updates_rule if isinstance(updates_rule, dict) else None
    if rule is not None:
        channels = rule.get("monitoringNotificationChannels")
        if not channels and rule.get("pubsubTopic") is None:
            yield Failure("allUpdatesRule", "needs pubsubTopic or monitoringNotificationChannels")
    filter_ = inputs.get("budgetFilter")
    filter_ = filter_ if isinstance(filter_, dict) else {}
    if filter_.get("calendarPeriod") and filter_.get("customPeriod"):
        yield Failure("budgetFilter.customPeriod", "conflicts with budgetFilter.calendarPeriod")
    treatment = filter_.get("creditTypesTreatment")
    if (treatment == "INCLUDE_SPECIFIED_CREDITS") != bool(filter_.get("creditTypes")):
        yield Failure(
            "budgetFilter.creditTypes", "goes with INCLUDE_SPECIFIED_CREDITS, which needs it"
        )
    rules = inputs.get("thresholdRules")
    forecast = [
        item.get("spendBasis") == "FORECASTED_SPEND"
        for item in (rules if isinstance(rules, list) else [])
        if isinstance(item, dict)
    ]
    if any(forecast) and filter_.get("customPeriod"):
        yield Failure("thresholdRules", "FORECASTED_SPEND does not go with a custom period")


IDENTITY = (
    Kind(
        SERVICE_ACCOUNT,
        id="projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
        name=Name("accountId", 30),
        api=Api("iam.v1:ServiceAccount"),
        rules=(
            pattern(
                "accountId",
                r"[a-z][a-z0-9-]{4,28}[a-z0-9]",
                "6-30 characters: lower case, digits and -",
            ),
            pattern("displayName", r".{0,100}", "at most 100 characters"),
            pattern("description", r".{0,256}", "at most 256 characters"),
        ),
        computed={
            "email": "{accountId}@{project}.iam.gserviceaccount.com",
            "name": "projects/{project}/serviceAccounts/{email}",
            "member": "serviceAccount:{email}",
            "uniqueId": "{digits:21}",
        },
        handles=("id", "name", "email", "member"),
        unique="{project}/{accountId}",
        service=IAM,
    ),
    member(
        "gcp:serviceaccount/iAMMember:IAMMember",
        Ref("serviceAccountId", (SERVICE_ACCOUNT,), ("id", "name")),
        "{serviceAccountId}",
        IAM,
        roles=grantable("iam.serviceAccounts", "iam.serviceAccountKeys"),
    ),
    Kind(
        "gcp:projects/iAMMember:IAMMember",
        id="{project}/{role}/{member}",
        rules=(
            pattern("member", MEMBER, "such as serviceAccount:EMAIL"),
            pattern("role", ROLE, "such as roles/aiplatform.user"),
            check("role", _role),
            _on_project,
            *condition(),
        ),
        demands=(agent_exists,),
        computed={"etag": "BwY{hex:8}="},
        handles=(),
        overwrites=True,
        service=PROJECTS,
    ),
    Kind(
        "gcp:projects/iAMCustomRole:IAMCustomRole",
        id="projects/{project}/roles/{roleId}",
        name=Name("roleId", 64),
        api=Api("iam.v1:Role", {"permissions": "includedPermissions"}),
        rules=(
            pattern("roleId", r"[\w.]{3,64}", "3-64 letters, digits, _ and ."),
            pattern(
                "permissions[*]",
                r"[a-zA-Z0-9-]+(\.[a-zA-Z0-9]+){2}",
                "service.resource.verb, no wildcards",
            ),
            count("permissions", 1, 3000),
            permission("permissions[*]"),
            pattern("title", r".{1,100}", "at most 100 characters"),
            pattern("description", r"[\s\S]{0,300}", "at most 300 characters"),
        ),
        computed={"name": "projects/{project}/roles/{roleId}", "deleted": lambda context: False},
        unique="{project}/{roleId}",
        service=IAM,
    ),
    Kind(
        POOL,
        id=POOLS,
        rules=(
            pattern(
                "workloadIdentityPoolId",
                POOL_ID,
                "4-32 characters: lower case, digits and -, not gcp-",
            ),
            pattern("displayName", r".{0,32}", "at most 32 characters"),
        ),
        computed={"name": NUMBERED, "state": "ACTIVE"},
        handles=("id", "name", "workloadIdentityPoolId"),
        unique=POOLS,
        keeps_name=KEPT,
        service=IAM,
    ),
    Kind(
        "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider",
        id=f"{POOLS}/providers/{{workloadIdentityPoolProviderId}}",
        refs=(Ref("workloadIdentityPoolId", (POOL,), ("workloadIdentityPoolId",)),),
        rules=(
            pattern(
                "workloadIdentityPoolProviderId",
                POOL_ID,
                "4-32 characters: lower case, digits and -, not gcp-",
            ),
            pattern("displayName", r".{0,32}", "at most 32 characters"),
            exactly_one("oidc", "aws", "saml", "x509"),
            pattern("oidc.issuerUri", r"https://.+", "an https address"),
            needs("oidc", "attributeMapping"),
            check("attributeMapping", _mapping),
            pattern("attributeCondition", r"[\s\S]{1,4096}", "at most 4096 characters"),
            _condition,
            count("oidc.allowedAudiences", 0, 10),
        ),
        computed={
            "name": f"{NUMBERED}/providers/{{workloadIdentityPoolProviderId}}",
            "state": "ACTIVE",
        },
        handles=("id", "name"),
        unique=f"{POOLS}/providers/{{workloadIdentityPoolProviderId}}",
        keeps_name=KEPT,
        service=IAM,
    ),
    Kind(
        "gcp:projects/service:Service",
        id="{project}/{service}",
        rules=(
            pattern("service", r"[a-z][a-z0-9-]*\.googleapis\.com", "such as iam.googleapis.com"),
            service("service"),
        ),
        handles=("id",),
    ),
    Kind(
        "gcp:projects/serviceIdentity:ServiceIdentity",
        id="projects/{project}/services/{service}",
        immutable=True,
        rules=(service("service"),),
        computed={
            "email": _agent,
            "member": _agent_member,
        },
        handles=("id",),
    ),
    Kind(
        "gcp:billing/budget:Budget",
        id="billingAccounts/{billingAccount}/budgets/{uuid}",
        api=Api("billingbudgets.v1:GoogleCloudBillingBudgetsV1Budget"),
        refs=(Ref("allUpdatesRule.monitoringNotificationChannels[*]", (CHANNEL,), ("name",)),),
        rules=(
            exactly_one("amount.specifiedAmount", "amount.lastPeriodAmount"),
            pattern(
                "billingAccount", r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}", "AAAAAA-BBBBBB-CCCCCC"
            ),
            pattern("displayName", r".{0,60}", "at most 60 characters"),
            pattern("amount.specifiedAmount.units", r"\d+", "a whole number as text"),
            pattern("amount.specifiedAmount.currencyCode", r"[A-Z]{3}", "three letters"),
            between("thresholdRules[*].thresholdPercent", 0, 1e9),
            count("allUpdatesRule.monitoringNotificationChannels", 0, 5),
            pattern(
                "allUpdatesRule.pubsubTopic", r"projects/[^/]+/topics/.+", "projects/P/topics/T"
            ),
            pattern("budgetFilter.projects[*]", r"projects/[^/]+", "projects/NUMBER"),
            count("budgetFilter.labels", 0, 1),
            _budget,
            one_of("thresholdRules[*].spendBasis", "CURRENT_SPEND", "FORECASTED_SPEND"),
        ),
        computed={"name": "{uuid}"},
        service="billingbudgets.googleapis.com",
    ),
)
