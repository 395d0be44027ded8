"""Azure Machine Learning: what its guides say beside the REST reference.

The pages are those of https://learn.microsoft.com/azure/machine-learning; TERRAFORM is
github hashicorp/terraform-provider-azurerm 69697b7f, internal/services/machinelearning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.machinelearning import (
    IN,
    MODEL_TYPES,
    MODULE,
    SHORT,
    P,
)
from pulumi_simcloud.catalog.azure.identity import GUID
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check, one_of, pattern
from pulumi_simcloud.rules.fields import needed_with, not_with, only_with, used
from pulumi_simcloud.rules.schedules import cron_expression

STARTS = f"{IN}.schedules.computeStartStop[*]"
DOMAIN = r"(\*\.)?([A-Za-z0-9_-]+\.)+[A-Za-z]{2,}"
SUBRESOURCES = {
    "microsoft.storage": ("blob", "dfs", "file", "queue", "table", "web"),
    "microsoft.keyvault": ("vault",),
    "microsoft.containerregistry": ("registry",),
    "microsoft.machinelearningservices": ("amlworkspace", "amlregistry"),
}


def _zone(value: Any) -> str | None:
    known = value in table("windows_zones") or value == "UTC"
    return None if known else f"{excerpt(value)} is no Windows time zone"


def _outbound(inputs: Inputs) -> Iterator[Failure]:
    """ "Workspace managed virtual network isolation": what each kind of rule leads to."""
    rules = next((item for _, item in select(inputs, "managedNetwork.outboundRules")), None)
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        path, end = f"managedNetwork.outboundRules.{name}", (rule or {}).get("destination")
        if rule.get("type") == "FQDN" and isinstance(end, str) and not re.fullmatch(DOMAIN, end):
            yield Failure(path, f"{excerpt(end)} is no domain such as *.example.org")
        if not isinstance(end, dict):
            continue
        ports = end.get("portRanges")
        if isinstance(ports, str) and not all(map(_is_port, ports.split(","))):
            yield Failure(path, f"portRanges {excerpt(ports)}: numbers of 0 to 65535, ranges or *")
        target, part = end.get("serviceResourceId"), end.get("subresourceTarget")
        provider = (
            re.search(r"(?i)/providers/([^/]+)/", target) if isinstance(target, str) else None
        )
        known = SUBRESOURCES.get(provider[1].lower()) if provider else None
        if known and isinstance(part, str) and part.lower() not in known:
            yield Failure(path, f"subresourceTarget {part!r} is none of {', '.join(known)}")


def _is_port(text: str) -> bool:
    numbers = text.strip().split("-")
    return text.strip() == "*" or (
        len(numbers) <= 2
        and all(number.strip().isdigit() and int(number) <= 65_535 for number in numbers)
        and int(numbers[0]) <= int(numbers[-1])
    )


def _served(value: Any) -> str | None:
    """ "Managed online endpoints SKU list": neither basic nor burstable sizes."""
    if re.match(r"(?i)Basic_|Standard_B\d", str(value)):
        return f"{excerpt(value)} is no size for managed online endpoints"
    return None


def _placed(value: Any) -> str | None:
    known = str(value).lower().replace(" ", "") in table("places")["azure"]
    return None if known else f"{excerpt(value)} is not an Azure location"


# "CLI (v2) command component YAML schema": what a placeholder begins with.
NEAR = re.compile(r"\$\{\{\s*(input|output)\.")


def _placeholders(value: Any) -> str | None:
    command = value.get("command") if isinstance(value, dict) else None
    match = NEAR.search(command) if isinstance(command, str) else None
    return f"{match[0]!r} is no placeholder such as ${{{{inputs.NAME}}}}" if match else None


def _alone(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Create a compute instance": a name is unique among those of a region."""
    if not _is_instance(inputs):
        return
    places = {
        row.inputs.get("workspaceName"): row.inputs.get("location")
        for row in world.of(f"{MODULE}:Workspace")
    }
    own = inputs.get("workspaceName")
    for row in world.of(f"{MODULE}:Compute"):
        other = row.inputs.get("workspaceName")
        same = str(row.inputs.get("computeName")).lower() == str(inputs.get("computeName")).lower()
        near = other != own and places.get(other) == places.get(own)
        if same and near and _is_instance(row.inputs):
            yield f"the name {inputs['computeName']!r} is taken in the region"


def _keyed(inputs: Inputs) -> Iterator[Failure]:
    """Who an instance is assigned to sets its key.

    https://github.com/MicrosoftDocs/azure-docs/issues/109642
    """
    key = f"{IN}.sshSettings.adminPublicKey"
    if used(inputs, key) and used(inputs, f"{IN}.personalComputeInstanceSettings.assignedUser"):
        yield Failure(key, "not when the instance is created on behalf of another user")


def _one_network(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Workspace managed virtual network isolation": that network or one's own.

    https://github.com/microsoft/physical-ai-toolchain/issues/641
    """
    if not used(inputs, f"{IN}.subnet.id"):
        return
    for row in world.of(f"{MODULE}:Workspace"):
        modes = used(row.inputs, "managedNetwork.isolationMode")
        own = row.inputs.get("workspaceName") == inputs.get("workspaceName")
        if own and modes not in ([], ["Disabled"]):
            yield f"a subnet goes with isolationMode Disabled, not {modes[0]}"


def _served_in(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A model that MLflow or Triton does not describe is served in an environment.

    https://github.com/Azure/azure-sdk-for-python/issues/33598
    """
    if used(inputs, f"{P}.environmentId"):
        return
    for model in used(inputs, f"{P}.model"):
        if _is_custom(model, world):
            yield "'Image' must not be empty: a custom model needs an environmentId"


def _driven(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A model in an environment of one's own needs code, or an image that serves it.

    https://github.com/Azure/azure-sdk-for-python/issues/35387; "Use a custom container to deploy
    a model to an online endpoint": such an image's environment has an inference_config.
    """
    if used(inputs, f"{P}.codeConfiguration"):
        return
    environments, models = used(inputs, f"{P}.environmentId"), used(inputs, f"{P}.model")
    for name in environments:
        row = world.find([f"{MODULE}:EnvironmentVersion"], name, ("id",))
        if row is None or used(row.inputs, f"{P}.inferenceConfig"):
            continue
        if any(_is_custom(model, world) for model in models):
            yield "MissingDriverProgram: Could not find driver program in the request"


def _is_custom(model: str, world: Existing) -> bool:
    row = world.find([f"{MODULE}:ModelVersion"], model, ("id",))
    kinds = used(row.inputs, f"{P}.modelType") if row is not None else []
    return kinds in (["custom_model"], ["CustomModel"])


def _is_instance(inputs: Inputs) -> bool:
    return [kind for _, kind in select(inputs, f"{P}.computeType")] == ["ComputeInstance"]


RULES: dict[str, tuple[Rule, ...]] = {
    f"{MODULE}:Workspace": (
        # TERRAFORM, machine_learning_workspace_resource.go.
        only_with("featureStoreSettings", "kind", "FeatureStore"),
        PathRule(("managedNetwork.outboundRules",), _outbound),
        # https://github.com/Azure-Samples/ai-studio-in-a-box/issues/5: it has that of its hub.
        not_with("managedNetwork", "kind", "Project", "project"),
    ),
    # https://github.com/Azure/azureml-examples/issues/2725
    f"{MODULE}:ModelVersion": (pattern("version", r"0*[1-9]\d*", "a positive integer"),),
    f"{MODULE}:Compute": (
        PathRule(
            (f"{IN}.sshSettings.adminPublicKey", f"{IN}.personalComputeInstanceSettings"), _keyed
        ),
        cron_expression(f"{STARTS}.cron.expression"),
        check(f"{STARTS}.cron.timeZone", _zone),
        check(f"{STARTS}.recurrence.timeZone", _zone),
        pattern(f"{IN}.personalComputeInstanceSettings.assignedUser.objectId", GUID, "a GUID"),
        pattern(f"{IN}.personalComputeInstanceSettings.assignedUser.tenantId", GUID, "a GUID"),
        pattern(
            f"{IN}.sshSettings.adminPublicKey",
            r"(ssh-(rsa|ed25519)|ecdsa-sha2-\S+)\s+\S+[\s\S]*",
            "a public key such as ssh-rsa AAAA...",
        ),
        # kubernetes.io, "Object Names and IDs": RFC 1123 labels.
        pattern(f"{IN}.namespace", r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "a label"),
        needed_with(f"{P}.resourceId", f"{P}.computeType", "Kubernetes"),
        pattern(f"{P}.resourceId", r"/subscriptions/\S+", "an id"),
    ),
    f"{MODULE}:OnlineDeployment": (
        check(f"{P}.instanceType", _served),
        pattern("sku.name", r"\S+", "a name, such as Default"),
        # "CLI (v2) managed online deployment YAML schema": scoring_script is a Python file.
        pattern(f"{P}.codeConfiguration.scoringScript", r".+\.py", "a .py file"),
        pattern(f"{P}.model", r"(?!azureml:[^:/@]+$)\S+", "with its version: azureml:NAME:VERSION"),
        needed_with(f"{P}.environmentId", f"{P}.codeConfiguration"),
    ),
    f"{MODULE}:Datastore": (pattern(f"{P}.endpoint", r"[\w.-]+", "such as core.windows.net"),),
    f"{MODULE}:ComponentVersion": (check(f"{P}.componentSpec", _placeholders),),
    f"{MODULE}:EnvironmentVersion": (
        # BuildContext, contextUri: a store of blobs or a repository.
        pattern(f"{P}.build.contextUri", r"([a-z+]+:|git@)\S+", "an address such as https://..."),
    ),
    f"{MODULE}:CodeVersion": (pattern("name", SHORT, "letters, digits, - _ ."),),
    f"{MODULE}:RegistryModelVersion": (
        pattern("version", SHORT, "letters, digits, - _ ."),
        one_of(f"{P}.modelType", *MODEL_TYPES),
    ),
    f"{MODULE}:Registry": (check("regionDetails[*].location", _placed),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    f"{MODULE}:Compute": (_alone, _one_network),
    f"{MODULE}:OnlineDeployment": (_served_in, _driven),
}
