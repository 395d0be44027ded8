"""Networks, events and what delivers them: what guides and the REST reference say.

The pages are those of https://learn.microsoft.com; TERRAFORM is
github hashicorp/terraform-provider-azurerm 69697b7f, internal/services.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.monitoring import (
    EVENTS,
    LOGIC,
    NETWORK,
    SUBNET,
    TOPIC,
)
from pulumi_simcloud.catalog.azure.identity import GUID
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, at_most_one, check, count, pattern
from pulumi_simcloud.rules.fields import each, moment, needed_with, unique, used

PREFIX = "azure-native:"
ACCOUNT, CONTAINER = f"{PREFIX}storage:StorageAccount", f"{PREFIX}storage:BlobContainer"
# "Azure Machine Learning as an Event Grid source", and the pages of the other sources.
EVENT_TYPES = {
    "microsoft.machinelearningservices": (
        "modelregistered", "modeldeployed", "runcompleted", "datasetdriftdetected",
        "runstatuschanged",
    ),
    "microsoft.keyvault": (
        "certificatenewversioncreated", "certificatenearexpiry", "certificateexpired",
        "keynewversioncreated", "keynearexpiry", "keyexpired", "secretnewversioncreated",
        "secretnearexpiry", "secretexpired", "vaultaccesspolicychanged",
    ),
    "microsoft.containerregistry": (
        "imagepushed", "imagedeleted", "chartpushed", "chartdeleted",
    ),
}  # fmt: skip


def _networks(prefixes: list[Any]) -> list[Any]:
    networks = []
    for text in prefixes:
        # A range has its length: "It should follow CIDR notation, for example 10.0.0.0/24",
        # https://github.com/Azure/azure-service-operator/issues/997
        if "/" not in str(text):
            continue
        try:
            networks.append(ipaddress.ip_network(str(text)))
        except ValueError:
            continue
    return networks


def _inside(inputs: Inputs) -> Iterator[Failure]:
    """Subnets that stand in a network: each has a name and a range of it, none of another."""
    space = _networks(used(inputs, "addressSpace.addressPrefixes[*]"))
    taken: list[Any] = []
    for path, subnet in select(inputs, "subnets[*]"):
        if not isinstance(subnet, dict) or UNKNOWN in subnet.values():
            continue
        if not subnet.get("name"):
            yield Failure(path, "missing: a subnet has a name")
        texts = [subnet.get("addressPrefix"), *(subnet.get("addressPrefixes") or [])]
        given = [text for text in texts if text is not None]
        if not given and not subnet.get("ipamPoolPrefixAllocations"):
            yield Failure(path, "missing: a subnet needs an address range")
        for text in given:
            if not _networks([text]):
                yield Failure(path, f"InvalidAddressPrefixFormat: {excerpt(text)} is no network")
        for net in _networks(given):
            if space and not any(
                net.version == whole.version and net.subnet_of(whole) for whole in space
            ):
                yield Failure(path, f"NetcfgInvalidSubnet: {net} is not in the address space")
            if any(net.version == other.version and net.overlaps(other) for other in taken):
                yield Failure(path, f"NetcfgSubnetRangesOverlap: {net} is in another subnet")
            taken.append(net)


def _endpoints(inputs: Inputs) -> Iterator[Failure]:
    """ "Configure virtual networks for Azure Storage": local endpoints or those across regions."""
    names = {str(text).lower() for text in used(inputs, "serviceEndpoints[*].service")}
    if {"microsoft.storage", "microsoft.storage.global"} <= names:
        yield Failure("serviceEndpoints", "Microsoft.Storage and Microsoft.Storage.Global")


def _spaced(inputs: Inputs) -> Iterator[Failure]:
    """ "Virtual Networks - Create Or Update": a network has ranges, its own or those of a pool."""
    names = ("addressPrefixes", "ipamPoolPrefixAllocations")
    empty = not any(used(inputs, f"addressSpace.{name}") for name in names)
    if empty and inputs.get("addressSpace") is not UNKNOWN:
        yield Failure("addressSpace", "missing: a network needs an address range")


def _shared(inputs: Inputs) -> Iterator[Failure]:
    outbound = inputs.get("defaultOutboundAccess")
    if inputs.get("sharingScope") is not None and outbound not in (False, UNKNOWN):
        yield Failure("sharingScope", "only with defaultOutboundAccess false")


def _sized(value: Any) -> str | None:
    """-1 or more than zero (StorageQueueEventSubscriptionDestination)."""
    return None if value == -1 or value > 0 else f"{value} is neither -1 nor more than 0"


def _mapped(inputs: Inputs) -> Iterator[Failure]:
    """ "Event Grid custom delivery properties": where a header's value comes from."""
    for place in ("destination", "deliveryWithResourceIdentity.destination"):
        for path, item in select(inputs, f"{place}.deliveryAttributeMappings[*]"):
            if not isinstance(item, dict):
                continue
            if str(item.get("name")).lower().startswith("aeg-"):
                yield Failure(f"{path}.name", "aeg- is reserved")
            kind = item.get("type")
            needed = {"Static": "value", "Dynamic": "sourceField"}.get(str(kind))
            if needed and item.get(needed) is None:
                yield Failure(f"{path}.{needed}", f"missing: needed with type {kind}")


def _dead(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Set dead-letter location and retry policy": a container that there is, asked by a topic."""
    end = "deadLetterDestination"
    for path in (end, f"deadLetterWithResourceIdentity.{end}"):
        for _, dead in select(inputs, path):
            identity = dead.get("resourceId") if isinstance(dead, dict) else None
            account = world.find([ACCOUNT], identity, ("id",))
            name = dead.get("blobContainerName") if isinstance(dead, dict) else None
            if account is None or not isinstance(name, str):
                continue
            names = [
                row.inputs.get("containerName")
                for row in world.of(CONTAINER)
                if row.inputs.get("accountName") == account.inputs.get("accountName")
            ]
            if name not in names:
                yield f"the container {name!r} of the dead-letter destination does not exist"
    if not used(inputs, "deadLetterWithResourceIdentity"):
        return
    for row in world.of(TOPIC):
        own = row.inputs.get("systemTopicName") == inputs.get("systemTopicName")
        if own and not row.inputs.get("identity"):
            yield "the system topic has no identity to keep dead letters with"


def _typed(value: Any) -> str | None:
    """Events of a source that lists them."""
    provider, _, name = str(value).lower().rpartition(".")
    known = EVENT_TYPES.get(provider)
    if known is None or name in known:
        return None
    return f"{excerpt(value)} is none of {', '.join(known)}"


# "System topics in Azure Event Grid": sources that are in no region.
WIDE = re.compile(r"(?i)/subscriptions/[^/]+(/resourceGroups/[^/]+)?/?")
OWN_TOPICS = ("microsoft.eventgrid.topics", "microsoft.eventgrid.domains")


def _topic(inputs: Inputs) -> Iterator[Failure]:
    """What a topic is of and where it is; in global there are no identities.

    https://github.com/MicrosoftDocs/azure-docs/issues/74338 and 56239,
    https://github.com/Azure/azure-cli/issues/18002
    """
    kind, source, place = (inputs.get(key) for key in ("topicType", "source", "location"))
    if str(kind).lower() in OWN_TOPICS:
        yield Failure("topicType", f"System topic creation is not enabled for topic type {kind}")
    everywhere = str(place).lower() == "global"
    if isinstance(place, str) and WIDE.fullmatch(str(source)) and not everywhere:
        yield Failure("location", f"{excerpt(source)} is in no region: the topic is in global")
    if everywhere and used(inputs, "identity.type") not in ([], ["None"], [UNKNOWN]):
        yield Failure("identity", "identity is unavailable for location 'global'")


def _time(value: Any) -> str | None:
    return None if moment(value) else f"{excerpt(value)} is no time such as 2030-01-31T00:00:00Z"


def _caller(value: Any) -> str | None:
    """An address, a range in CIDR notation, or one with a hyphen (FlowAccessControl)."""
    try:
        for part in str(value).split("-"):
            ipaddress.ip_network(part.strip(), strict=False)
    except ValueError:
        return f"{excerpt(value)} is no address or range"
    return None


QUEUE = r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
RULES: dict[str, tuple[Rule, ...]] = {
    NETWORK: (
        PathRule(("addressSpace",), _spaced),
        PathRule(("subnets[*].addressPrefix", "addressSpace.addressPrefixes"), _inside),
        unique("subnets[*].name", ignore_case=True),
    ),
    SUBNET: (
        PathRule(("serviceEndpoints[*].service",), _endpoints),
        each("delegations[*]", needed_with("name", "serviceName")),
        pattern("delegations[*].name", r".+", "a name"),
        # SubnetPropertiesFormat, sharingScope: "only if defaultOutboundAccess is set to false".
        PathRule(("sharingScope", "defaultOutboundAccess"), _shared),
    ),
    EVENTS: (
        PathRule(("destination.deliveryAttributeMappings[*].name",), _mapped),
        # "Event Grid custom delivery properties": at most ten headers.
        count("destination.deliveryAttributeMappings", 0, 10),
        needed_with(
            "destination.azureActiveDirectoryTenantId",
            "destination.azureActiveDirectoryApplicationIdOrUri",
        ),
        pattern("destination.azureActiveDirectoryTenantId", GUID, "a GUID"),
        # "Naming queues and metadata".
        pattern("destination.queueName", QUEUE, "3-63: lower case, digits, single -"),
        check("destination.queueMessageTimeToLiveInSeconds", _sized),
        check("expirationTimeUtc", _time),
        check("filter.includedEventTypes[*]", _typed),
        at_most_one("deadLetterDestination", "deadLetterWithResourceIdentity"),
        # github hashicorp/terraform-provider-azurerm, eventgrid_system_topic_event_subscription.
        needed_with(
            "deadLetterWithResourceIdentity.deadLetterDestination",
            "deadLetterWithResourceIdentity.identity",
        ),
    ),
    TOPIC: (PathRule(("source", "location", "identity.type"), _topic),),
    LOGIC: tuple(
        check(f"accessControl.{part}.allowedCallerIpAddresses[*].addressRange", _caller)
        for part in ("triggers", "contents", "actions", "workflowManagement")
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {EVENTS: (_dead,)}
