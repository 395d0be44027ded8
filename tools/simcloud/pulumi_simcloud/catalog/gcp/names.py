"""Names that Google publishes: permissions, roles, APIs, service agents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.basic import PathRule, check

# https://cloud.google.com/iam/docs/creating-custom-roles: a project's role has no permissions that
# apply to folders and organizations, nor the one to list projects.
NOT_OF_PROJECTS = re.compile(
    r"resourcemanager\.(organizations|folders|hierarchyNodes)\..*|resourcemanager\.projects\.list"
    r"|billing\.accounts\..*|orgpolicy\.(policies|customConstraints)\..*|iam\.denypolicies\..*"
)
# https://cloud.google.com/iam/docs/service-agents: those that are not called gcp-sa-SERVICE.
AGENTS = {
    "artifactregistry": "gcp-sa-artifactregistry",
    "bigquerydatatransfer": "gcp-sa-bigquerydatatransfer",
    "cloudbuild": "gcp-sa-cloudbuild",
    "cloudfunctions": "gcf-admin-robot",
    "compute": "compute-system",
    "container": "container-engine-robot",
    "containerregistry": "containerregistry",
    "dataflow": "dataflow-service-producer-prod",
    "dataproc": "dataproc-accounts",
    "ml": "cloud-ml.google.com",
    "monitoring": "gcp-sa-monitoring-notification",
    "run": "serverless-robot-prod",
    "sqladmin": "gcp-sa-cloud-sql",
    "storage": "gs-project-accounts",
}
BASIC_ROLES = ("roles/owner", "roles/editor", "roles/viewer", "roles/browser")


def agent_email(service: str, number: str) -> str:
    """The account that an API such as ``pubsub.googleapis.com`` acts as in a project."""
    name = service.partition(".")[0]
    if name == "bigquery":
        return f"bq-{number}@bigquery-encryption.iam.gserviceaccount.com"
    return f"service-{number}@{AGENTS.get(name, f'gcp-sa-{name}')}.iam.gserviceaccount.com"


# Services whose identity is made, and not told: hashicorp/terraform-provider-google#18649;
# GoogleCloudPlatform/k8s-config-connector, mockgcp/mockserviceusage: "does not send the P4SA".
UNTOLD = ("compute.googleapis.com", "logging.googleapis.com", "storage.googleapis.com")


def identity_email(service: str, number: str) -> str | None:
    """The account that a service names when it is asked for its identity."""
    return None if service in UNTOLD else agent_email(service, number)


@cache
def permissions() -> frozenset[str]:
    """All permissions that some predefined role has."""
    folder = resources.files("pulumi_simcloud.catalog")
    text = folder.joinpath("gcp_permissions.txt").read_text()
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return frozenset(f"{kind}.{verb}" for kind, *verbs in lines for verb in verbs)


@cache
def services() -> frozenset[str]:
    """The APIs that can be enabled: those with a discovery document, permissions or by default.

    Others are among the services of googleapis/googleapis, or enabled by examples of
    hashicorp/terraform-provider-google and GoogleCloudPlatform/cloud-foundation-fabric.
    """
    folder = resources.files("googleapiclient.discovery_cache").joinpath("documents")
    documents = {item.name.partition(".")[0] for item in folder.iterdir()}
    prefixes = {name.partition(".")[0] for name in permissions()}
    return frozenset(
        {f"{name}.googleapis.com" for name in documents | prefixes}
        | {*table("gcp_services"), *table("gcp_other_services")}
    )


def permission(path: str) -> Rule:
    """Permissions that exist, and that a project's custom role may have."""

    def test(value: Any) -> str | None:
        if value not in permissions():
            return f"Permission {value} is not valid: no predefined role has it"
        if NOT_OF_PROJECTS.fullmatch(value):
            return f"Permission {value} is not valid for a project's custom role"
        return None

    return check(path, test)


def service(path: str) -> Rule:
    """An API that exists."""

    def test(value: Any) -> str | None:
        if value in services():
            return None
        return f"{excerpt(value)} is no API: service not found, or permission denied for it"

    return check(path, test)


# Roles of one service alone, by their names, whose permissions are not listed here.
SMALL = re.compile(
    r"roles/(?!firebase|iam|securitycenter|cloudasset)[a-z]+(\.\w+)?\.(viewer|invoker|deployer)"
)
# The same page: of these services, roles have permissions of others too.
SHARED = {
    "appengine": ("artifactregistry",),
    "artifactregistry": ("artifactregistry",),
    "bigquerydatapolicy": ("bigquery",),
    "datacatalog": ("bigquery", "pubsub"),
    "designcenter": ("storage",),
    "geminicloudassist": ("storage",),
}
# https://cloud.google.com/iam/docs/roles-permissions: services whose roles (those of their agents
# aside) have no permission on keys, buckets, registries, datasets, accounts, topics and endpoints.
APART = re.compile(
    r"roles/(alloydb|apigateway|apigee|batch|beyondcorp|bigtable|billing|binaryauthorization"
    r"|certificatemanager|cloudscheduler|cloudsql|cloudtasks|cloudtrace|compute|containeranalysis"
    r"|dataform|datastore|deploymentmanager|dialogflow|dns|domains|errorreporting|eventarc|file"
    r"|gkehub|iap|identitytoolkit|logging|memcache|ml|monitoring|networkconnectivity"
    r"|networkmanagement|networksecurity|notebooks|osconfig|recaptchaenterprise|recommender|redis"
    r"|secretmanager|servicedirectory|servicenetworking|serviceusage|source|spanner|tpu|vpcaccess"
    r"|workflows|container(?!\.(cloudKmsKeyUser|nodeServiceAccount)$))\.(?!\w*[sS]erviceAgent$).+"
)


def grantable(*prefixes: str, legacy: bool = False, basic: bool = True) -> Rule:
    """A predefined role that exists and has a permission on the resource's type.

    `prefixes` are such as ``storage.objects``; `legacy` allows Cloud Storage's legacy roles, that
    buckets alone have; `basic` the roles owner, editor and viewer.
    https://cloud.google.com/iam/docs/understanding-roles, "Lowest-level resources".
    """

    def rule(inputs: Inputs) -> Iterator[Failure]:
        role = inputs.get("role")
        if isinstance(role, str) and role.startswith("roles/"):
            problem = role_reason(role, prefixes, legacy=legacy, basic=basic)
            if problem:
                yield Failure("role", problem)

    return PathRule(("role",), rule)


def _is_apart(role: str, prefixes: tuple[str, ...]) -> bool:
    """Whether the role of one service has none of another's permissions."""
    shared = SHARED.get(re.split(r"[/.]", role)[1], ())
    alone = SMALL.fullmatch(role) or APART.fullmatch(role)
    return alone is not None and not any(prefix.startswith(shared) for prefix in prefixes)


def role_reason(
    role: str, prefixes: tuple[str, ...], *, legacy: bool = False, basic: bool = True
) -> str | None:
    """Why a predefined role can't be granted on a type of resource; None if it can."""
    roles = table("gcp_roles")
    if role in BASIC_ROLES:
        return None if basic else f"Role {role} is not supported for this resource"
    if role not in roles:
        return f"Role {role} does not exist"
    if role.startswith("roles/storage.legacy") and not legacy:
        return f"Role {role} is not supported for this resource"
    role_permissions = roles[role]
    if prefixes and role_permissions is None and _is_apart(role, prefixes):
        return f"Role {role} is not supported for this resource"
    if role_permissions is None or not prefixes:
        return None
    fits = any(
        kind == prefix or kind.startswith(f"{prefix}.")
        for kind in role_permissions
        for prefix in prefixes
    )
    return None if fits else f"Role {role} is not supported for this resource"
