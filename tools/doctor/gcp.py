"""Needs of a stack on Google Cloud: credentials, APIs, permissions, quotas, a supported image."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from components.targets.gcp.machines import COMPUTE, ENDPOINT, SUPPORT, machine
from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack, attempt
from tools.doctor.rest import ask

PROJECTS = "https://cloudresourcemanager.googleapis.com/v1/projects"
SERVICES = "https://serviceusage.googleapis.com/v1"
QUOTAS = "https://serviceusage.googleapis.com/v1beta1"
LOGIN = "gcloud auth application-default login"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
# What has to be on before the stack can enable all else by itself: not by default in a project.
# https://cloud.google.com/service-usage/docs/enabled-service
FIRST = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
PERMISSIONS = (
    "aiplatform.endpoints.create",
    "aiplatform.metadataStores.create",
    "aiplatform.pipelineJobs.create",
    "bigquery.datasets.create",
    "cloudkms.cryptoKeys.create",
    "iam.roles.create",
    "iam.serviceAccounts.create",
    "logging.buckets.create",
    "monitoring.alertPolicies.create",
    "resourcemanager.projects.setIamPolicy",
    "serviceusage.services.enable",
    "storage.buckets.create",
)
# Vertex AI's own quotas in a region; Compute Engine's are others.
# https://cloud.google.com/vertex-ai/docs/quotas
METRIC = "aiplatform.googleapis.com/custom_model_{use}_{family}cpus"
SHARED_FAMILIES = ("n1", "e2")
# How many versions an endpoint holds in a release.
VERSIONS = 2


def checks(
    stack: Stack, projects: str = PROJECTS, services: str = SERVICES, quotas: str = QUOTAS
) -> Iterator[Check]:
    """Asks Google Cloud, with short timeouts."""
    project, region = (str(stack.config.get(f"gcp:{key}")) for key in ("project", "region"))
    identity = attempt("credentials", LOGIN, _token)
    if identity.state != GOOD:
        yield identity
        for name in ("APIs", "permissions", "quotas"):
            yield Check(name, OPEN, "needs credentials", LOGIN)
    else:
        yield Check("credentials", GOOD, "application default credentials")
        token = identity.found
        yield attempt(
            "APIs",
            f"gcloud services enable {' '.join(FIRST)} --project {project}",
            lambda: _enabled(f"{services}/projects/{project}/services:batchGet", project, token),
        )
        yield attempt(
            "permissions",
            f"ask an owner of {project} for the roles that hold them",
            lambda: _check_permissions(f"{projects}/{project}:testIamPermissions", token),
        )
        address = f"{quotas}/projects/{project}/services/aiplatform.googleapis.com"
        for (use, family), needed in sorted(_needs(stack).items()):
            yield _quota(f"{address}/consumerQuotaMetrics", token, region, use, family, needed)
    yield _image(stack, date.today())


def _token() -> str:
    import google.auth
    from google.auth.transport.requests import Request

    credentials, _ = google.auth.default(scopes=[SCOPE])
    credentials.refresh(Request())
    return str(credentials.token)


def _enabled(url: str, project: str, token: str) -> str:
    names = "&".join(f"names=projects/{project}/services/{name}" for name in FIRST)
    services = ask(f"{url}?{names}", token).get("services", [])
    on = {
        service["name"].rpartition("/")[2] for service in services if service["state"] == "ENABLED"
    }
    off = [name for name in FIRST if name not in on]
    if off:
        raise RuntimeError(f"not enabled: {', '.join(off)}")
    return f"{len(FIRST)} that the others are enabled by are on"


def _check_permissions(url: str, token: str) -> str:
    granted = ask(url, token, {"permissions": list(PERMISSIONS)}).get("permissions", [])
    denied = [name for name in PERMISSIONS if name not in granted]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(PERMISSIONS)} permissions held"


def _needs(stack: Stack) -> dict[tuple[str, str], int]:
    """The processors that the stack's models need at once, by what the quota calls use and family.

    An endpoint takes the quota of all machines that it may grow to ("you will be charged for
    (max_replica_count * number of cores": DedicatedResources in the API's discovery document), and
    in a release there are two versions. Of jobs one at a time is enough, the others wait.
    """
    needs: dict[tuple[str, str], int] = {}
    for compute, endpoint in stack.sections("compute", "endpoint"):
        family, processors = _family(str(compute.get("instanceType") or COMPUTE))
        needs["training", family] = max(needs.get(("training", family), 0), processors)
        family, processors = _family(str(endpoint.get("instanceType") or ENDPOINT))
        most = int(endpoint.get("maxInstances") or endpoint.get("instances") or 1)
        count = VERSIONS * most * processors
        needs["serving", family] = needs.get(("serving", family), 0) + count
    return needs


def _family(kind: str) -> tuple[str, int]:
    """The family of a type in the names of quotas, empty for common ones, and its processors.

    What is no machine type has none: `pulumi preview` refuses it.
    """
    family = kind.partition("-")[0]
    processors, _ = machine(kind) or (0.0, 0.0)
    return "" if family in SHARED_FAMILIES else f"{family}_", int(processors)


def _quota(url: str, token: str, region: str, use: str, family: str, needed: int) -> Check:
    """Check that the region's quota of Vertex AI has so many processors for this use."""
    metric = METRIC.format(use=use, family=family)
    todo = f"console, IAM & Admin, Quotas, Vertex AI API: ask for {metric} in {region}"
    try:
        limits = _limits(f"{url}/{metric.replace('/', '%2F')}", token, region)
    except OSError as error:
        return Check("quotas", OPEN, str(error), todo)
    if not limits:
        return Check("quotas", OPEN, f"no limit of {metric} is told for {region}", todo)
    enough = any(limit < 0 or limit >= needed for limit in limits)
    text = f"{max(limits):g} {family.replace('_', ' ')}{use} CPUs in {region}, needed are {needed}"
    return Check("quotas", GOOD if enough else BAD, text, "" if enough else todo)


def _limits(url: str, token: str, region: str) -> list[float]:
    """The limits in a region, else those of every region; -1 is none."""
    buckets = [
        bucket
        for limit in ask(url, token).get("consumerQuotaLimits", [])
        for bucket in limit.get("quotaBuckets", [])
    ]
    regional = [item for item in buckets if item.get("dimensions", {}).get("region") == region]
    everywhere = [item for item in buckets if not item.get("dimensions")]
    return [float(item["effectiveLimit"]) for item in regional or everywhere]


def _image(stack: Stack, today: date) -> Check:
    """Check that the image that a version is trained and served in is still supported."""
    reference = (stack.config.get("mlops:compute") or {}).get("image")
    if reference:
        return Check("image", OPEN, f"{reference}: yours, so its dates are not known here")
    version, (patched, available) = next(iter(SUPPORT.items()))
    text = f"sklearn-cpu.{version}: patched until {patched}, there until {available}"
    todo = "set compute.image to an image of yours with a newer scikit-learn, and train anew"
    if today > date.fromisoformat(available):
        return Check("image", BAD, text, todo)
    if today > date.fromisoformat(patched):
        return Check("image", OPEN, text, todo)
    return Check("image", GOOD, text)
