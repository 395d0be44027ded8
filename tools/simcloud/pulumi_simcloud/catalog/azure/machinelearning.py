"""Azure Machine Learning (API 2025-12-01)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.common import DURATION, GROUP_ID, arm, with_identity
from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Existing, Inputs, Kind, Name, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.azure import name_without_reserved_words, placeholders
from pulumi_simcloud.rules.basic import (
    PathRule,
    between,
    check,
    exactly_one,
    needs,
    pattern,
)
from pulumi_simcloud.rules.schedules import cron_expression

MODULE = "machinelearningservices"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces/{workspaceName}"
REGISTRY = "Microsoft.MachineLearningServices/registries/{registryName}"
ASSET_NAME = (r"[A-Za-z0-9][\w.-]{0,254}", "1-255 letters, digits, - _ .")
ENDPOINT_NAME = (
    r"(?=.{3,32}$)[A-Za-z](?:-?[A-Za-z0-9])+",
    "3-32 letters, digits and single -, starts with a letter",
)
TRIGGER = "properties.trigger"
ACTION = "properties.action"


def _zone(value: Any) -> str | None:
    return None if value in table("windows_zones") else f"{excerpt(value)} is no Windows time zone"


def _traffic(value: Any) -> str | None:
    shares = [share for share in value.values() if isinstance(share, int)]
    if len(shares) == len(value) and sum(shares) not in (0, 100):
        return f"the traffic adds up to {sum(shares)}, not to 0 or 100"
    return None


def _component(value: Any) -> str | None:
    """The shape that Azure ML's REST API takes: clouds.md 4.3, from azure-ai-ml's own output."""
    if not isinstance(value, dict):
        return f"{excerpt(value)} is not an object"
    kind = value.get("type")
    required = {"command": ("command", "environment"), "pipeline": ("jobs",)}.get(str(kind))
    if required is None:
        return f"type {excerpt(kind)} is not one of command, pipeline"
    missing = [key for key in (*required, "name", "version") if not value.get(key)]
    return f"a {kind} component needs {', '.join(missing)}" if missing else None


def _same_name(inputs: Inputs) -> Iterator[Failure]:
    """A specification has the name and the version of its resource ("Component Versions")."""
    spec = (inputs.get("properties") or {}).get("componentSpec")
    for key in ("name", "version"):
        spec_value, resource_value = (
            spec.get(key) if isinstance(spec, dict) else None,
            inputs.get(key),
        )
        if (
            isinstance(spec_value, str)
            and isinstance(resource_value, str)
            and spec_value != resource_value
        ):
            yield Failure(
                f"properties.componentSpec.{key}", f"{spec_value!r} is not {resource_value!r}"
            )


def _nodes(inputs: Inputs) -> Iterator[Failure]:
    """A cluster's least nodes are no more than its most."""
    scale = "properties.properties.scaleSettings"
    (least,), (most,) = (
        [value for _, value in select(inputs, f"{scale}.{key}")] or [None]
        for key in ("minNodeCount", "maxNodeCount")
    )
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Failure(f"{scale}.minNodeCount", f"{least} is more than maxNodeCount, {most}")


def _weekdays(value: Any) -> str | None:
    """Weekdays are 0 to 6 ("Schedule machine learning pipeline jobs")."""
    return "weekdays are 0 (Sunday) to 6" if "7" in str(value).rpartition(" ")[2] else None


def _stores(inputs: Inputs) -> Iterator[Failure]:
    """A workspace has stores of its own, a project those of its hub; a hub may have no vault.

    learn.microsoft.com, "Hub resources overview", and https://github.com/Azure/
    terraform-azurerm-avm-res-machinelearningservices-workspace/issues/106
    """
    kind = str(inputs.get("kind") or "Default").lower()
    own = {"project": (), "hub": ("storageAccount",)}
    for name in own.get(kind, ("storageAccount", "keyVault")):
        yield from exactly_one(name)(inputs)


def _keyless(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A workspace on an account without keys asks it as an identity.

    learn.microsoft.com, "Disable shared key access for your workspace's storage account"; the
    account of a workspace has no hierarchical namespace, is not premium and not of kind
    BlobStorage ("Create workspaces"; "What is an Azure Machine Learning workspace").
    """
    account = world.find(("azure-native:storage:StorageAccount",), inputs.get("storageAccount"))
    if account is None:
        return
    mode = str(inputs.get("systemDatastoresAuthMode") or "accessKey").lower()
    if account.inputs.get("allowSharedKeyAccess") is False and mode == "accesskey":
        yield "KeyBasedAuthenticationNotPermitted: set systemDatastoresAuthMode to Identity"
    if account.inputs.get("isHnsEnabled"):
        yield "the storage account has a hierarchical namespace, which a workspace does not take"
    if str((account.inputs.get("sku") or {}).get("name", "")).startswith("Premium"):
        yield "the storage account is premium, which a workspace does not take"
    if account.inputs.get("kind") == "BlobStorage":
        yield "the storage account is of kind BlobStorage, which a workspace does not take"


def _deployed(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Traffic goes to deployments that there are ("Online Endpoints - Create Or Update")."""
    properties = inputs.get("properties") or {}
    shares = {**(properties.get("traffic") or {}), **(properties.get("mirrorTraffic") or {})}
    holder = ("resourceGroupName", "workspaceName", "endpointName")
    deployments = {
        row.inputs.get("deploymentName")
        for row in world.of(f"azure-native:{MODULE}:OnlineDeployment")
        if all(row.inputs.get(key) == inputs.get(key) for key in holder)
    }
    for name in shares.keys() - deployments:
        yield f"deployment {name!r} in the traffic does not exist"


def _endpoint_properties(context: Context) -> dict[str, Any]:
    host = context.fill("https://{endpointName}.{location}.inference.ml.azure.com")
    return {
        **context.get("properties"),
        "provisioningState": "Succeeded",
        "scoringUri": f"{host}/score",
        "swaggerUri": f"{host}/swagger.json",
    }


def _assets(
    container: str, version: str, path: str, frozen: tuple[str, ...], rules: tuple[Rule, ...] = ()
) -> tuple[Kind, Kind]:
    """A container and its versions; the content of a version never changes.

    All of them go with their workspace.
    """
    return (
        arm(
            f"{MODULE}:{container}",
            f"{WORKSPACE}/{path}/{{name}}",
            Name("name", 255),
            name_rule=ASSET_NAME,
            resident=True,
        ),
        arm(
            f"{MODULE}:{version}",
            f"{WORKSPACE}/{path}/{{name}}/versions/{{version}}",
            Name("version", 255),
            name_rule=(r"[A-Za-z0-9][\w.-]{0,254}", "1-255 letters, digits, - _ ."),
            # A version makes its container if there is none.
            parent=f"{GROUP_ID}/providers/{WORKSPACE}",
            resident=True,
            frozen=tuple(f"properties.{key}" for key in frozen),
            rules=rules,
        ),
    )


MACHINE_LEARNING = (
    arm(
        f"{MODULE}:Workspace",
        WORKSPACE,
        Name("workspaceName", 33),
        name_rule=(r"[A-Za-z0-9][\w-]{2,32}", "3-33 letters, digits, _ and -"),
        # The provider sends a change of these in place, and the service refuses it.
        frozen=("storageAccount", "keyVault"),
        rules=(
            PathRule(("storageAccount", "keyVault"), _stores),
            exactly_one("identity"),
            name_without_reserved_words("workspaceName"),
        ),
        demands=(_keyless,),
        computed={
            "identity": with_identity,
            "workspaceId": "{uuid}",
            "tenantId": "{tenant}",
            "provisioningState": "Succeeded",
            "discoveryUrl": "https://{location}.api.azureml.ms/discovery",
            "mlFlowTrackingUri": "azureml://{location}.api.azureml.ms/mlflow/v1.0"
            f"{GROUP_ID}/providers/{WORKSPACE}",
        },
        handles=("id", "name", "identity.principalId"),
    ),
    arm(
        f"{MODULE}:Registry",
        REGISTRY,
        Name("registryName", 33),
        name_rule=(r"[A-Za-z0-9][\w-]{2,32}", "3-33 letters, digits, _ and -"),
        computed={"identity": with_identity, "discoveryUrl": "https://{location}.api.azureml.ms"},
    ),
    arm(
        f"{MODULE}:RegistryModelContainer",
        f"{REGISTRY}/models/{{modelName}}",
        Name("modelName", 255),
        name_rule=ASSET_NAME,
    ),
    arm(
        f"{MODULE}:RegistryModelVersion",
        f"{REGISTRY}/models/{{modelName}}/versions/{{version}}",
        Name("version", 255),
        frozen=("properties.modelUri", "properties.modelType"),
    ),
    *_assets("ModelContainer", "ModelVersion", "models", ("modelUri", "modelType")),
    *_assets("CodeContainer", "CodeVersion", "codes", ("codeUri",)),
    *_assets("EnvironmentContainer", "EnvironmentVersion", "environments", ("image", "condaFile")),
    *_assets(
        "ComponentContainer",
        "ComponentVersion",
        "components",
        ("componentSpec",),
        (
            check("properties.componentSpec", _component),
            placeholders("properties.componentSpec"),
            PathRule(("properties.componentSpec",), _same_name),
            # azure-ai-ml, `ComponentSchema`.
            pattern("name", r"[a-z][a-z0-9_]*", "lower case, digits and _, starts with a letter"),
        ),
    ),
    *_assets("DataContainer", "DataVersion", "data", ("dataUri", "dataType")),
    arm(
        f"{MODULE}:Datastore",
        f"{WORKSPACE}/datastores/{{name}}",
        Name("name", 255),
        name_rule=(r"[a-z0-9_]{1,255}", "lower case, digits and _"),
        handles=("id", "name"),
    ),
    arm(
        f"{MODULE}:Compute",
        f"{WORKSPACE}/computes/{{computeName}}",
        Name("computeName", 24),
        name_rule=(
            r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}",
            "3-24 letters, digits, -, starts with a letter, does not end in - and digits",
        ),
        frozen=("properties.computeType", "properties.properties.vmSize"),
        rules=(
            PathRule(("properties.properties.scaleSettings",), _nodes),
            between("properties.properties.scaleSettings.maxNodeCount", 0, 1000),
            between("properties.properties.scaleSettings.minNodeCount", 0, 1000),
            pattern(
                "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
                DURATION,
                "an ISO 8601 duration such as PT120S",
            ),
        ),
        computed={"identity": with_identity},
        handles=("id", "name", "identity.principalId"),
    ),
    arm(
        f"{MODULE}:Schedule",
        f"{WORKSPACE}/schedules/{{name}}",
        Name("name", 255),
        name_rule=(r"[A-Za-z0-9][\w-]{0,254}", "letters, digits, _ and -"),
        rules=(
            cron_expression(f"{TRIGGER}.expression"),
            check(f"{TRIGGER}.expression", _weekdays),
            check(f"{TRIGGER}.timeZone", _zone),
            between(f"{TRIGGER}.interval", 1, 1000),
            needs(f"{ACTION}.jobDefinition", f"{ACTION}.jobDefinition.jobType"),
        ),
        # "You must first disable a schedule to delete it"; with its workspace it goes.
        protected=("properties.isEnabled", True),
        resident=True,
    ),
    arm(
        f"{MODULE}:OnlineEndpoint",
        f"{WORKSPACE}/onlineEndpoints/{{endpointName}}",
        Name("endpointName", 32),
        name_rule=ENDPOINT_NAME,
        # "Endpoint names must be unique within an Azure region": "Create and delete endpoints".
        unique="{location|lower}/{endpointName|lower}",
        demands=(_deployed,),
        rules=(
            name_without_reserved_words("endpointName"),
            check("properties.traffic", _traffic),
            between("properties.traffic[*]", 0, 100),
            between("properties.mirrorTraffic[*]", 0, 50),
        ),
        computed={"identity": with_identity, "properties": _endpoint_properties},
        handles=("id", "name", "identity.principalId"),
    ),
    arm(
        f"{MODULE}:OnlineDeployment",
        f"{WORKSPACE}/onlineEndpoints/{{endpointName}}/deployments/{{deploymentName}}",
        Name("deploymentName", 32),
        name_rule=ENDPOINT_NAME,
        frozen=("properties.instanceType",),
        rules=(
            between("properties.dataCollector.collections[*].samplingRate", 0, 1),
            between("properties.requestSettings.maxConcurrentRequestsPerInstance", 1, 1000),
            pattern(
                "properties.requestSettings.requestTimeout",
                DURATION,
                "an ISO 8601 duration such as PT5S",
            ),
            between("sku.capacity", 1, 50),
        ),
        computed={"identity": with_identity},
        # "When you delete an endpoint, you also delete all its underlying deployments":
        # learn.microsoft.com, "Perform safe rollout of new deployments for real-time inference".
        resident=True,
    ),
)
