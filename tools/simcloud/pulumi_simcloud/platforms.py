"""Provider settings of the three clouds, and what every resource of a cloud has in common."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.schema import ResourceSchema

ACCOUNT = "123456789012"
SUBSCRIPTION = "5ca1ab1e-0000-4000-8000-00000c10d000"
TENANT = "7e4a47aa-0000-4000-8000-00000c10d000"
CLIENT = "c11e47aa-0000-4000-8000-00000c10d000"
PACKAGES = ("aws", "azure-native", "gcp")
# A resource can't be moved: a change of its place makes a new one.
PLACES = {"aws": ("region",), "gcp": ("project",), "azure-native": ("location",)}
AUTOMATIC_LABELS = {"goog-pulumi-provisioned": "true"}


def check_settings(package: str, settings: dict[str, Any]) -> list[Failure]:
    """Failures of a provider's settings (region, project, location)."""
    if package == "aws":
        return _check_place("region", settings.get("region"), aws_partitions(), required=True)
    if package == "gcp":
        failures = _check_place("region", settings.get("region"), table("places")["gcp"])
        if not settings.get("project"):
            failures.append(Failure("project", "missing required setting gcp:project"))
        return failures
    return _check_place("location", settings.get("location"), table("places")["azure"])


def variables(package: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Variables of a cloud's catalog templates, beside the inputs."""
    if package == "aws":
        region = settings["region"]
        partition = aws_partitions().get(region, "aws")
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        tags = as_object(settings.get("defaultTags")).get("tags", {})
        return {
            "account": ACCOUNT,
            "region": region,
            "partition": partition,
            "suffix": suffix,
            "default_tags": tags,
        }
    if package == "gcp":
        project = settings["project"]
        return {
            "project": project,
            "project_number": project_number(project),
            "region": settings.get("region"),
            "default_labels": as_object(settings.get("defaultLabels")),
        }
    subscription = settings.get("subscriptionId", SUBSCRIPTION)
    return {
        "subscription": subscription,
        "tenant": settings.get("tenantId", TENANT),
        "location": settings.get("location"),
        "roles": table("azure_roles"),
    }


def principal_of(package: str, settings: dict[str, Any]) -> str | None:
    """The principal that a provider's settings name, in the way of its cloud; None: there is none.

    `assumeRoles` of AWS, `impersonateServiceAccount` of Google Cloud.
    """
    if package == "aws":
        roles = as_list(settings.get("assumeRoles"))
        return roles[-1].get("roleArn") if roles else None
    if package == "gcp" and settings.get("impersonateServiceAccount"):
        return f"serviceAccount:{settings['impersonateServiceAccount']}"
    return None


def with_place(kind: Kind, inputs: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The variables as one resource sees them: its own region or project goes first."""
    own = {
        key: inputs[key]
        for key in ("region", "project")
        if key in settings and isinstance(inputs.get(key), str)
    }
    return {**settings, **own} if kind.cloud != "azure-native" else settings


def common_outputs(
    schema: ResourceSchema, inputs: dict[str, Any], settings: dict[str, Any]
) -> dict[str, Any]:
    """Outputs that every resource of a cloud has, and that a preview already knows."""
    outputs: dict[str, Any] = {}
    for key in ("region", "project"):
        if settings.get(key) is not None:
            outputs[key] = settings[key]
    if "tagsAll" in schema.outputs:
        outputs["tagsAll"] = _merged(settings["default_tags"], inputs.get("tags"))
    if "effectiveLabels" in schema.outputs:
        labels = _merged(settings["default_labels"], inputs.get("labels"))
        outputs["pulumiLabels"] = labels
        outputs["effectiveLabels"] = _merged(AUTOMATIC_LABELS, labels)
    if schema.token.startswith("azure-native:"):
        outputs["location"] = inputs.get("location") or settings.get("location")
    if "azureApiVersion" in schema.outputs:
        outputs["azureApiVersion"] = "2025-12-01"
    return {
        key: value for key, value in outputs.items() if key in schema.outputs and value is not None
    }


def project_number(project: str) -> str:
    """The made-up number of a Google project, always the same for one project."""
    return str(10**11 + int(hashlib.sha256(project.encode()).hexdigest(), 16) % (9 * 10**11))


# Where full names say whose a thing is: projects/P/topics/T, NAME@P.iam.gserviceaccount.com,
# arn:aws:sns:REGION:ACCOUNT:NAME, and what the owner is called in the variables.
OWNERS = (
    (r"projects/([^/]+)/.", ("project", "project_number")),
    (r"(?:serviceAccount:)?[\w-]+@([\w-]+)\.iam\.gserviceaccount\.com", ("project",)),
    (r"arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):.", ("account",)),
)


def of_another_owner(name: str, variables: Mapping[str, Any]) -> bool:
    """Whether a full name is of another project of Google's or another account of AWS.

    Keys, topics and datasets of others are used every day, and nothing is known of them here.
    """
    for shape, owners in OWNERS:
        owner = re.match(shape, name)
        if owner is not None and all(key in variables for key in owners):
            return owner[1] not in (*(variables[key] for key in owners), "-")
    return False


def as_object(value: Any) -> dict[str, Any]:
    """A nested provider setting: the engine passes these as JSON text."""
    return json.loads(value) if isinstance(value, str) else value or {}


def as_list(value: Any) -> list[Any]:
    """A nested list of provider settings: the engine passes these as JSON text."""
    return json.loads(value) if isinstance(value, str) else value or []


@cache
def aws_partitions() -> dict[str, str]:
    """Every region of the SDK's own list, with its partition."""
    from botocore.loaders import Loader

    partitions = Loader().load_data("partitions")["partitions"]
    return {region: part["id"] for part in partitions for region in part["regions"]}


@cache
def table(name: str) -> Any:
    """A data table of the catalog."""
    return json.loads(
        resources.files("pulumi_simcloud.catalog").joinpath(f"{name}.json").read_text()
    )


def _merged(first: Any, second: Any) -> Any:
    return UNKNOWN if UNKNOWN in (first, second) else {**first, **(second or {})}


def _check_place(key: str, value: Any, regions: Any, required: bool = False) -> list[Failure]:
    if value is UNKNOWN or (value is None and not required):
        return []
    if value is None:
        return [Failure(key, f"missing required setting {key!r}")]
    if str(value).lower().replace(" ", "") not in regions:
        return [Failure(key, f"{excerpt(value)} is not a known {key}")]
    return []
