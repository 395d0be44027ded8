"""Service accounts, roles, workload identity, APIs, budgets."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.catalog.gcp.common import CHANNEL, MEMBER, ROLE, SERVICE_ACCOUNT, member
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import shown
from pulumi_simcloud.kinds import Api, Kind, Name, Ref
from pulumi_simcloud.rules.basic import check, count, exactly_one, needs, one_of, pattern

POOL = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
POOLS = "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}"
NUMBERED = POOLS.replace("{project}", "{project_number}")
POOL_ID = r"(?!gcp-)[a-z0-9-]{4,32}"
KEPT = "was deleted less than 30 days ago"
IAM = "iam.googleapis.com"


# The account that a service acts as in a project, by API.
# https://cloud.google.com/iam/docs/service-agents
AGENTS = {
    "aiplatform.googleapis.com": "gcp-sa-aiplatform",
    "eventarc.googleapis.com": "gcp-sa-eventarc",
    "pubsub.googleapis.com": "gcp-sa-pubsub",
}


def _agent(context: Context) -> str:
    project = context.get("project_number")
    return f"service-{project}@{AGENTS[context.get('service')]}.iam.gserviceaccount.com"


def _mapping(value: Any) -> str | None:
    if "google.subject" in value:
        return None
    return f"{shown(value)} does not map google.subject"


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
    ),
    member(
        "gcp:serviceaccount/iAMMember:IAMMember",
        Ref("serviceAccountId", (SERVICE_ACCOUNT,), ("id", "name")),
        "{serviceAccountId}",
    ),
    Kind(
        "gcp:projects/iAMMember:IAMMember",
        id="{project}/{role}/{member}",
        rules=(
            pattern("member", MEMBER, "such as serviceAccount:EMAIL"),
            pattern("role", ROLE, "such as roles/aiplatform.user"),
        ),
        computed={"etag": "BwY{hex:8}="},
        handles=(),
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
            pattern("title", r".{1,100}", "at most 100 characters"),
        ),
        computed={"name": "projects/{project}/roles/{roleId}", "deleted": lambda context: False},
        unique="{project}/{roleId}",
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
        ),
        handles=("id",),
    ),
    Kind(
        "gcp:projects/serviceIdentity:ServiceIdentity",
        id="projects/{project}/services/{service}",
        immutable=True,
        rules=(one_of("service", *AGENTS),),
        computed={
            "email": _agent,
            "member": lambda context: f"serviceAccount:{_agent(context)}",
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
            one_of("thresholdRules[*].spendBasis", "CURRENT_SPEND", "FORECASTED_SPEND"),
        ),
        computed={"name": "{uuid}"},
        service="billingbudgets.googleapis.com",
    ),
)
