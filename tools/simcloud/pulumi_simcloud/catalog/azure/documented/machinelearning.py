"""Azure Machine Learning: what the REST reference and the YAML schemas say of several fields.

Unless another page is named, each rule stands at the field of the operation "Create Or Update" in
https://learn.microsoft.com/rest/api/azureml, or in the schema of the same thing under
https://learn.microsoft.com/azure/machine-learning/reference-yaml-overview.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from pulumi_simcloud.catalog.azure.documented.components import spec_error
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import (
    PathRule,
    between,
    check,
    count,
    one_of,
    parsed_yaml,
    pattern,
)
from pulumi_simcloud.rules.fields import (
    lasts,
    moment,
    needed_with,
    not_with,
    only_with,
    ordered,
)

MODULE = "azure-native:machinelearningservices"
P, IN = "properties", "properties.properties"
TRIGGER, JOB = "properties.trigger", "properties.action.jobDefinition"
PROBES = ("livenessProbe", "readinessProbe")
SCALE = "properties.scaleSettings"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# learn.microsoft.com, "Sizes for virtual machines in Azure": family, sub-family, cores, additions.
VM_SIZE = r"(?i)(Standard|Basic)_[A-Z]{1,3}\d+(-\d+)?[a-z]*(_[A-Za-z0-9]+)*"
URI = r"(azureml|https?|wasbs?|abfss?|adl|runs|file):\S+|/subscriptions/\S+"
MODEL_TYPES = ("custom_model", "mlflow_model", "triton_model", "CustomModel", "MLFlowModel",
               "TritonModel")  # fmt: skip


def _workspace(inputs: Inputs) -> Iterator[Failure]:
    """Identities and keys that go together (WorkspaceProperties)."""
    identity = inputs.get("identity")
    kind = str(identity.get("type")) if isinstance(identity, dict) else ""
    primary = inputs.get("primaryUserAssignedIdentity")
    if kind == "UserAssigned" and primary is None:
        yield Failure("primaryUserAssignedIdentity", "missing: needed with identity UserAssigned")
    if primary is not None and kind == "SystemAssigned":
        yield Failure("primaryUserAssignedIdentity", "not with identity SystemAssigned")
    network = inputs.get("managedNetwork")
    network = network if isinstance(network, dict) else {}
    if network.get("outboundRules") and network.get("isolationMode") in (None, "Disabled"):
        yield Failure("managedNetwork.outboundRules", "only with an isolationMode")


# WorkspaceProperties; learn.microsoft.com, "Workspace managed virtual network isolation".
KINDS = ("default", "featurestore", "hub", "project")
PROTOCOLS = ("*", "icmp", "tcp", "udp")


def _kind(inputs: Inputs) -> Iterator[Failure]:
    """A project belongs to a hub, and nothing else does."""
    kind, hub = str(inputs.get("kind") or "Default").lower(), inputs.get("hubResourceId")
    if kind not in KINDS:
        yield Failure("kind", f"{inputs['kind']!r} is none of {', '.join(KINDS)}")
    if kind == "project" and hub is None:
        yield Failure("hubResourceId", "missing: needed with kind Project")
    if kind != "project" and hub is not None:
        yield Failure("hubResourceId", "only with kind Project")


def _outbound(inputs: Inputs) -> Iterator[Failure]:
    mode = next((item for _, item in select(inputs, "managedNetwork.isolationMode")), None)
    rules = next((item for _, item in select(inputs, "managedNetwork.outboundRules")), None)
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        path = f"managedNetwork.outboundRules.{name}"
        if not re.fullmatch(r"[A-Za-z0-9][\w-]*", name):
            yield Failure(path, "a name has letters, digits, _ and -")
        if not isinstance(rule, dict):
            continue
        if rule.get("destination") is None:
            yield Failure(path, "missing: destination")
        if rule.get("type") == "FQDN" and mode == "AllowInternetOutbound":
            yield Failure(path, "FQDN rules are for AllowOnlyApprovedOutbound")
        protocol = next((item for _, item in select(rule, "destination.protocol")), None)
        if isinstance(protocol, str) and protocol.lower() not in PROTOCOLS:
            yield Failure(path, f"protocol {protocol!r} is none of {', '.join(PROTOCOLS)}")


def _inside(inputs: Inputs, world: Existing) -> Iterator[str]:
    """Nodes without public addresses are in a network (AmlComputeProperties)."""
    if next((v for _, v in select(inputs, f"{IN}.enableNodePublicIp")), True) is not False:
        return
    if any(True for _ in select(inputs, f"{IN}.subnet.id")):
        return
    for row in world.of(f"{MODULE}:Workspace"):
        modes = [value for _, value in select(row.inputs, "managedNetwork.isolationMode")]
        own = row.inputs.get("workspaceName") == inputs.get("workspaceName")
        if own and modes in ([], ["Disabled"]):
            yield "enableNodePublicIp false needs a subnet or a managed network"


# docs.docker.com, "docker image tag": a name has lower-case parts.
IMAGE = r"([A-Za-z0-9.-]+(:\d+)?/)?[a-z0-9]+([._-]+[a-z0-9]+|/[a-z0-9]+)*(:[\w.-]+)?(@sha256:\w+)?"
ROUTES = ("livenessRoute", "readinessRoute", "scoringRoute")
WHEN = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?.*"
SHORT = r"[A-Za-z0-9][\w.-]{0,254}"
ASSET = r"azureml:/?/?\S+|/subscriptions/\S+"


def _conda(value: Any) -> str | None:
    """A conda file is YAML with dependencies."""
    if not isinstance(value, str):
        return None
    try:
        document = parsed_yaml(value)
    except yaml.YAMLError as error:
        return f"is no YAML: {str(error)[:120]}"
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list):
        return f"{excerpt(value)} has no list of dependencies"
    return None


def _compute(inputs: Inputs) -> Iterator[Failure]:
    """What an instance, a cluster and a schedule of theirs need."""
    for path, schedule in select(inputs, f"{IN}.schedules.computeStartStop[*]"):
        if not isinstance(schedule, dict):
            continue
        kind = schedule.get("triggerType")
        for name, part in (("Cron", "cron"), ("Recurrence", "recurrence")):
            if kind == name and schedule.get(part) is None:
                yield Failure(f"{path}.{part}", f"missing: needed with triggerType {name}")
    ssh = next((item for _, item in select(inputs, f"{IN}.sshSettings")), None)
    is_open = isinstance(ssh, dict) and ssh.get("sshPublicAccess") == "Enabled"
    if isinstance(ssh, dict) and is_open and ssh.get("adminPublicKey") is None:
        yield Failure(f"{IN}.sshSettings.adminPublicKey", "missing: needed with public access")
    account = next((item for _, item in select(inputs, f"{IN}.userAccountCredentials")), None)
    if isinstance(account, dict):
        keys = ("adminUserPassword", "adminUserSshPublicKey")
        if not any(account.get(key) for key in keys):
            yield Failure(f"{IN}.userAccountCredentials", "needs a password or a public key")


def _probe(value: Any) -> str | None:
    """Probes wait less than 300 seconds, and one success is enough (ProbeSettings)."""
    for name in ("timeout", "period", "initialDelay"):
        match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", str(value.get(name)))
        if match is None:
            continue
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = (hours * 60 + minutes) * 60 + seconds
        if name == "timeout" and not 1 <= total < 300:
            return f"timeout {value[name]} is not 1 to 300 seconds"
        if name == "period" and total < 1:
            return f"period {value[name]} is not a second or more"
    for name in ("failureThreshold", "successThreshold"):
        count = value.get(name)
        if isinstance(count, int) and count < 1:
            return f"{name} {count} is less than 1"
    return None


def _scaled(inputs: Inputs) -> Iterator[Failure]:
    """Managed deployments scale by Azure Monitor (OnlineScaleSettings)."""
    kind = next((value for _, value in select(inputs, f"{P}.endpointComputeType")), None)
    scale = next((value for _, value in select(inputs, f"{SCALE}.scaleType")), None)
    if kind == "Managed" and scale == "TargetUtilization":
        yield Failure(SCALE, "TargetUtilization is for Kubernetes; autoscale a managed deployment")
    if kind == "Managed" and any(
        True for _ in select(inputs, f"{P}.containerResourceRequirements")
    ):
        yield Failure(f"{P}.containerResourceRequirements", "only with Kubernetes")


def _mirrored(value: Any) -> str | None:
    """One deployment has a mirror of at most half of the traffic."""
    if not isinstance(value, dict):
        return None
    shares = [share for share in value.values() if isinstance(share, int) and share > 0]
    if len(shares) > 1:
        return f"mirrors to {len(shares)} deployments, allowed is one"
    return f"mirrors {sum(shares)} percent, allowed are 50" if sum(shares) > 50 else None


def _recurrence(inputs: Inputs) -> Iterator[Failure]:
    """Times of a recurrence (RecurrenceTrigger, RecurrenceSchedule)."""
    trigger = next((value for _, value in select(inputs, TRIGGER)), None)
    if not isinstance(trigger, dict):
        return
    schedule = trigger.get("schedule")
    schedule = schedule if isinstance(schedule, dict) else {}
    for name, highest in (("hours", 23), ("minutes", 59)):
        for number in schedule.get(name) or []:
            if isinstance(number, int) and not 0 <= number <= highest:
                yield Failure(f"{TRIGGER}.schedule.{name}", f"{number} is not 0 to {highest}")
    if trigger.get("frequency") in ("Minute", "Hour") and schedule.get("hours"):
        yield Failure(f"{TRIGGER}.schedule", f"not with frequency {trigger['frequency']}")
    for name in ("startTime", "endTime"):
        text = trigger.get(name)
        if isinstance(text, str) and re.search(r"(Z|[+-]\d\d:\d\d)$", text):
            yield Failure(f"{TRIGGER}.{name}", f"{excerpt(text)} has an offset: timeZone says it")


def _alone(inputs: Inputs) -> Iterator[Failure]:
    """An environment is an image or a build (EnvironmentVersionProperties)."""
    properties = inputs.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    present = [name for name in ("image", "build") if properties.get(name) is not None]
    if len(present) != 1:
        yield Failure("properties", "exactly one of image, build is needed")
    if "build" in present and properties.get("condaFile") is not None:
        yield Failure("properties.condaFile", "not with build")


RULES: dict[str, tuple[Rule, ...]] = {
    f"{MODULE}:Workspace": (
        PathRule(("identity.type", "primaryUserAssignedIdentity"), _workspace),
        needed_with("encryption.keyVaultProperties", "encryption.status", "Enabled"),
        only_with("serviceManagedResourcesSettings", "encryption"),
        PathRule(("kind", "hubResourceId"), _kind),
        PathRule(("managedNetwork.outboundRules", "managedNetwork.isolationMode"), _outbound),
        pattern("friendlyName", r"[\s\S]{0,255}", "at most 255 characters"),
    ),
    f"{MODULE}:EnvironmentVersion": (
        PathRule((f"{P}.image", f"{P}.build"), _alone),
        check(f"{P}.condaFile", _conda),
        pattern(f"{P}.image", IMAGE, "an image such as mcr.microsoft.com/a/b:1"),
        *(pattern(f"{P}.inferenceConfig.{name}.path", r"/.*", "a path") for name in ROUTES),
        *(between(f"{P}.inferenceConfig.{name}.port", 1, 65535) for name in ROUTES),
        # "CLI (v2) environment YAML schema": reserved.
        pattern("name", rf"(?!(?i:azureml|microsoft)){SHORT}", "not beginning with AzureML"),
        one_of(f"{P}.osType", "Linux", "Windows"),
    ),
    f"{MODULE}:ModelVersion": (
        pattern("name", SHORT, "letters, digits, - _ ."),
        pattern(f"{P}.modelUri", URI, "such as azureml://datastores/NAME/paths/PATH"),
        one_of(f"{P}.modelType", *MODEL_TYPES),
    ),
    f"{MODULE}:RegistryModelVersion": (
        pattern(f"{P}.modelUri", URI, "such as azureml://datastores/NAME/paths/PATH"),
    ),
    f"{MODULE}:ComponentVersion": (
        pattern("name", SHORT, "letters, digits, - _ ."),
        check(f"{P}.componentSpec", spec_error),
    ),
    f"{MODULE}:DataVersion": (
        pattern("name", SHORT, "letters, digits, - _ ."),
        pattern(f"{P}.dataUri", URI, "such as azureml://datastores/NAME/paths/PATH"),
        only_with(f"{P}.referencedUris", f"{P}.dataType", "mltable"),
    ),
    f"{MODULE}:CodeVersion": (pattern(f"{P}.codeUri", r"https://\S+", "an https address"),),
    f"{MODULE}:Datastore": (
        pattern(f"{P}.accountName", r"[a-z0-9]{3,24}", "3-24 characters: lower case and digits"),
        pattern(
            f"{P}.containerName",
            r"(?!.*--)[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]|\$web|\$root",
            "3-63: lower case, digits, -",
        ),
        one_of(f"{P}.protocol", "https", "http", "abfss", "wasbs"),
        # "CLI (v2) Azure Blob datastore YAML schema" and its neighbours.
        needed_with(f"{P}.containerName", f"{P}.datastoreType", "AzureBlob"),
        needed_with(f"{P}.filesystem", f"{P}.datastoreType", "AzureDataLakeGen2"),
        needed_with(f"{P}.fileShareName", f"{P}.datastoreType", "AzureFile"),
    ),
    f"{MODULE}:Compute": (
        PathRule((f"{IN}.schedules.computeStartStop", f"{IN}.sshSettings"), _compute),
        pattern(f"{IN}.vmSize", VM_SIZE, "such as Standard_DS3_v2"),
        lasts(f"{IN}.idleTimeBeforeShutdown", "PT15M", "P3D"),
        needed_with(f"{IN}.scaleSettings", f"{P}.computeType", "AmlCompute"),
        needed_with(f"{IN}.vmSize", f"{P}.computeType", "AmlCompute", "ComputeInstance"),
        needed_with(f"{IN}.userAccountCredentials.adminUserName", f"{IN}.userAccountCredentials"),
        not_with(f"{IN}.scaleSettings", f"{P}.computeType", "ComputeInstance"),
        lasts(f"{IN}.scaleSettings.nodeIdleTimeBeforeScaleDown", "PT0S", "P7D"),
    ),
    f"{MODULE}:Schedule": (
        PathRule((f"{TRIGGER}.schedule", f"{TRIGGER}.startTime"), _recurrence),
        one_of(f"{TRIGGER}.frequency", "Minute", "Hour", "Day", "Week", "Month"),
        one_of(f"{TRIGGER}.schedule.weekDays[*]", *DAYS),
        ordered(f"{TRIGGER}.startTime", f"{TRIGGER}.endTime", moment, strict=True),
        pattern(
            f"{JOB}.experimentName",
            r"[A-Za-z0-9][\w-]{0,254}",
            "letters, digits, _ and -, at most 255",
        ),
        lasts(f"{JOB}.limits.timeout", "PT1S", "P365D"),
        between(f"{TRIGGER}.schedule.monthDays[*]", 1, 31),
        pattern(f"{TRIGGER}.startTime", WHEN, "such as 2030-01-31T08:00:00"),
        pattern(f"{TRIGGER}.endTime", WHEN, "such as 2030-01-31T08:00:00"),
        pattern(f"{JOB}.componentId", ASSET, "the id of a component"),
        pattern(f"{JOB}.inputs[*].uri", URI, "such as azureml://datastores/NAME/paths/PATH"),
    ),
    f"{MODULE}:OnlineEndpoint": (
        check(f"{P}.mirrorTraffic", _mirrored),
        only_with(f"{P}.keys", f"{P}.authMode", "Key"),
        one_of(f"{P}.publicNetworkAccess", "Enabled", "Disabled"),
    ),
    f"{MODULE}:OnlineDeployment": (
        *(check(f"{P}.{name}", _probe) for name in PROBES),
        *(lasts(f"{P}.{name}.timeout", "PT1S", "PT299S") for name in PROBES),
        # "Managed online deployment YAML schema": request_timeout_ms is at most 180000.
        lasts(f"{P}.requestSettings.requestTimeout", "PT0S", "PT180S"),
        lasts(f"{P}.requestSettings.maxQueueWait", "PT0S", "PT300S"),
        PathRule((f"{P}.endpointComputeType", f"{SCALE}.scaleType"), _scaled),
        ordered(f"{SCALE}.minInstances", f"{SCALE}.maxInstances"),
        between(f"{SCALE}.targetUtilizationPercentage", 1, 100),
        pattern(f"{P}.instanceType", r"\S+", "a size such as Standard_DS3_v2"),
        pattern(f"{P}.environmentVariables[*]", r"[\s\S]{0,8192}", "at most 8192 characters"),
        needed_with(f"{P}.codeConfiguration.codeId", f"{P}.codeConfiguration"),
        needed_with(f"{P}.instanceType", f"{P}.endpointComputeType", "Managed"),
        pattern(f"{P}.model", ASSET, "the id of a model"),
        pattern(f"{P}.environmentId", ASSET, "the id of an environment"),
        pattern(f"{P}.instanceType", VM_SIZE, "a size such as Standard_DS3_v2"),
        *(
            pattern(f"{P}.{probe}.{name}", r"P(?=.)(\d+D)?(T\S+)?", "a duration such as PT10S")
            for probe in PROBES
            for name in ("period", "initialDelay", "timeout")
        ),
        check(
            f"{P}.environmentVariables",
            lambda value: next(
                (
                    f"{key!r} is no name"
                    for key in value
                    if not re.fullmatch(r"[A-Za-z_][\w.-]*", key)
                ),
                None,
            ),
        ),
        # "Collect production data from models deployed for real-time inferencing": at most five.
        count(f"{P}.dataCollector.collections", 0, 5),
        check(
            f"{P}.dataCollector.collections",
            lambda value: next(
                (
                    f"{key!r}: letters, digits, _ and -"
                    for key in value
                    if not re.fullmatch(r"[\w-]+", key)
                ),
                None,
            ),
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {f"{MODULE}:Compute": (_inside,)}
