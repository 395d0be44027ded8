"""What a stack on Google Cloud needs: credentials, permissions, quotas."""

from __future__ import annotations

from collections.abc import Iterator

from tools.doctor.checks import BAD, GOOD, OPEN, Check, Stack, attempt
from tools.doctor.rest import ask

PROJECTS = "https://cloudresourcemanager.googleapis.com/v1/projects"
REGIONS = "https://compute.googleapis.com/compute/v1/projects"
LOGIN = "gcloud auth application-default login"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
PERMISSIONS = (
    "aiplatform.endpoints.create",
    "aiplatform.pipelineJobs.create",
    "storage.buckets.create",
    "cloudkms.cryptoKeys.create",
    "iam.serviceAccounts.create",
    "monitoring.alertPolicies.create",
    "serviceusage.services.enable",
)


def checks(stack: Stack, projects: str = PROJECTS, regions: str = REGIONS) -> Iterator[Check]:
    """Asks Google Cloud, with short timeouts."""
    project, region = (str(stack.config.get(f"gcp:{key}")) for key in ("project", "region"))
    identity = attempt("credentials", LOGIN, _token)
    if identity.state != GOOD:
        yield identity
        yield Check("permissions", OPEN, "needs credentials", LOGIN)
        yield Check("quotas", OPEN, "needs credentials", LOGIN)
        return
    yield Check("credentials", GOOD, "application default credentials")
    yield attempt(
        "permissions",
        f"ask an owner of {project} for the roles that hold them",
        lambda: _allowed(f"{projects}/{project}:testIamPermissions", identity.found),
    )
    yield _quota(f"{regions}/{project}/regions/{region}", identity.found, region)


def _token() -> str:
    import google.auth
    from google.auth.transport.requests import Request

    credentials, _ = google.auth.default(scopes=[SCOPE])
    credentials.refresh(Request())
    return str(credentials.token)


def _allowed(url: str, token: str) -> str:
    held = ask(url, token, {"permissions": list(PERMISSIONS)}).get("permissions", [])
    denied = [name for name in PERMISSIONS if name not in held]
    if denied:
        raise PermissionError(f"not allowed: {', '.join(denied)}")
    return f"{len(PERMISSIONS)} permissions held"


def _quota(url: str, token: str, region: str) -> Check:
    """Whether the region has processors left."""
    todo = f"console, IAM & Admin, Quotas: ask for CPUs in {region}"
    try:
        quotas = ask(url, token)["quotas"]
    except OSError as error:
        return Check("quotas", OPEN, str(error), todo)
    left = sum(one["limit"] - one["usage"] for one in quotas if one["metric"] == "CPUS")
    return Check(
        "quotas",
        GOOD if left >= 1 else BAD,
        f"{left:g} CPUs left in {region}",
        "" if left else todo,
    )
