"""Google Cloud: where grants are, and what services can be asked for."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.catalog.gcp.common import IDENTITY_OF_SERVICE, location
from pulumi_simcloud.kinds import Demand, Rule
from pulumi_simcloud.rules.basic import check

SERVICE = "gcp:projects/service:Service"
# resource_google_project_service.go of the provider, ignoredProjectServices and renamedServices.
NOT_ENABLED = (
    "bigquery-json.googleapis.com", "dataproc-control.googleapis.com", "source.googleapis.com",
    "stackdriverprovisioning.googleapis.com",
)  # fmt: skip
# hashicorp/terraform-provider-google#18649, GoogleCloudPlatform/cloud-foundation-fabric#4043.
WITHOUT_IDENTITY = ("dns.googleapis.com", "stackdriverprovisioning.googleapis.com")


def _enabled(value: Any) -> str | None:
    return f"{value} can't be enabled by itself" if value in NOT_ENABLED else None


def _identified(value: Any) -> str | None:
    if value not in WITHOUT_IDENTITY:
        return None
    return f"Service {value} has not been configured for service identities"


RULES: dict[str, tuple[Rule, ...]] = {
    # https://cloud.google.com/artifact-registry/docs/repositories/repo-locations
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": (
        location("location", "us", "europe", "asia"),
    ),
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": (location(),),
    SERVICE: (check("service", _enabled),),
    IDENTITY_OF_SERVICE: (check("service", _identified),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {}
