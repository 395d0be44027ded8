"""Networks, events and machine learning on Azure: what guides state, from both sides."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION
from samples.azure import COMMAND

from stated.azure_services import PERSON
from stated.case import Stated


def _nets(*subnets: dict[str, Any]) -> dict[str, Any]:
    return {"virtualNetworkName": "own", "subnets": list(subnets)}


def sent(**more: Any) -> dict[str, Any]:
    """A subscription that calls a webhook."""
    return {"destination": {"endpointType": "WebHook", "endpointUrl": "https://e.org", **more}}


def _header(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "Static", "name": name, "value": "v", **more}


def _queued(name: str = "q-1", seconds: int = 60) -> dict[str, Any]:
    end = {"endpointType": "StorageQueue", "resourceId": "${account.id}", "queueName": name}
    return {"destination": {**end, "queueMessageTimeToLiveInSeconds": seconds}}


def _dead(name: str) -> dict[str, Any]:
    return {"endpointType": "StorageBlob", "resourceId": "${account.id}", "blobContainerName": name}


KEPT = {
    "identity": {"type": "SystemAssigned"},
    "deadLetterDestination": _dead("artifacts"),
}
ONE = {"name": "a", "addressPrefix": "10.0.1.0/24"}
EVENTS = [
    Stated(sample, reason, bad, good)
    for sample, reason, bad, good in (
        ("network", "is not in the address space", _nets({**ONE, "addressPrefix": "10.1.0.0/24"}),
         _nets(ONE)),
        ("network", "is in another subnet", _nets(ONE, {**ONE, "name": "b"}),
         _nets(ONE, {"name": "b", "addressPrefix": "10.0.2.0/24"})),
        ("network", "needs an address range", _nets({"name": "a"}), _nets(ONE)),
        ("network", "a subnet has a name", _nets({"addressPrefix": "10.0.1.0/24"}), _nets(ONE)),
        ("network", "is no network", _nets({**ONE, "addressPrefix": "10.0.1.x/24"}), _nets(ONE)),
        ("network", "is there 2 times", _nets(ONE, {"name": "A", "addressPrefix": "10.0.2.0/24"}),
         _nets(ONE)),
        ("network", "no id of a Microsoft.Network/virtualNetworks",
         {"virtualNetworkPeerings": [{"name": "p", "remoteVirtualNetwork": {"id": "x"}}]}, {}),
        ("subnet", "Microsoft.Storage and Microsoft.Storage.Global",
         {"serviceEndpoints": [{"service": "Microsoft.Storage"},
                               {"service": "Microsoft.Storage.Global"}]},
         {"serviceEndpoints": [{"service": "Microsoft.Storage.Global"}]}),
        ("subnet", "name: missing", {"delegations": [{"serviceName": "Microsoft.Web/serverFarms"}]},
         {"delegations": [{"name": "d", "serviceName": "Microsoft.Web/serverFarms"}]}),
        ("events", "aeg- is reserved", sent(deliveryAttributeMappings=[_header("aeg-x")]),
         sent(deliveryAttributeMappings=[_header("x")])),
        ("events", "missing: needed with type Dynamic",
         sent(deliveryAttributeMappings=[{"type": "Dynamic", "name": "x"}]),
         sent(deliveryAttributeMappings=[{"type": "Dynamic", "name": "x", "sourceField": "id"}])),
        ("events", "allowed are 0 to 10",
         sent(deliveryAttributeMappings=[_header(f"x{n}") for n in range(11)]),
         sent(deliveryAttributeMappings=[_header(f"x{n}") for n in range(10)])),
        ("events", "azureActiveDirectoryTenantId: missing",
         sent(azureActiveDirectoryApplicationIdOrUri="api://x"),
         sent(azureActiveDirectoryApplicationIdOrUri="api://x",
               azureActiveDirectoryTenantId=PERSON)),
        ("events", "3-63: lower case", _queued("Q_1"), _queued("q-1")),
        ("events", "neither -1 nor", _queued(seconds=0), _queued(seconds=-1)),
        ("events", "is no time", {"expirationTimeUtc": "tomorrow"},
         {"expirationTimeUtc": "2090-01-01T00:00:00Z"}),
        ("events", "is none of modelregistered",
         {"filter": {"includedEventTypes": ["Microsoft.MachineLearningServices.ModelDeleted"]}},
         {"filter": {"includedEventTypes": ["Microsoft.MachineLearningServices.RunCompleted"]}}),
        ("events", "conflicts with deadLetterDestination",
         {"deadLetterDestination": _dead("artifacts"), "deadLetterWithResourceIdentity": KEPT},
         {"deadLetterDestination": _dead("artifacts")}),
        ("events", "does not exist", {"deadLetterDestination": _dead("nowhere")},
         {"deadLetterDestination": _dead("artifacts")}),
        ("events", "no identity to keep", {"deadLetterWithResourceIdentity": KEPT}, {}),
    )
]  # fmt: skip


def _rule(**rule: Any) -> dict[str, Any]:
    return {
        "managedNetwork": {
            "isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {"r": rule},
        }
    }  # fmt: skip


def _ported(ports: str) -> dict[str, Any]:
    place = {"serviceTag": "Storage", "protocol": "TCP", "portRanges": ports}
    return _rule(type="ServiceTag", destination=place)


def _private(part: str) -> dict[str, Any]:
    place = {"serviceResourceId": "${account.id}", "subresourceTarget": part}
    return _rule(type="PrivateEndpoint", destination=place)


def _instance(**more: Any) -> dict[str, Any]:
    own = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2", **more}}
    return {"properties": own}


def _stopped(expression: str = "0 18 * * 1", zone: str = "UTC") -> dict[str, Any]:
    stop = {
        "action": "Stop",
        "status": "Enabled",
        "triggerType": "Cron",
        "cron": {"expression": expression, "timeZone": zone},
    }
    return _instance(schedules={"computeStartStop": [stop]})


def _recurring(zone: str) -> dict[str, Any]:
    recurrence = {"frequency": "Day", "interval": 1, "timeZone": zone}
    stop = {"action": "Stop", "triggerType": "Recurrence", "recurrence": recurrence}
    return _instance(schedules={"computeStartStop": [stop]})


def _assigned(**more: Any) -> dict[str, Any]:
    user = {"objectId": PERSON, "tenantId": PERSON, **more}
    return _instance(personalComputeInstanceSettings={"assignedUser": user})


def _opened(key: str) -> dict[str, Any]:
    return _instance(sshSettings={"sshPublicAccess": "Enabled", "adminPublicKey": key})


def attached(**more: Any) -> dict[str, Any]:
    """A compute that is a cluster of Kubernetes."""
    return {"properties": {"computeType": "Kubernetes", "properties": {"namespace": "a"}, **more}}


CLUSTER = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/o/providers"
    "/Microsoft.ContainerService/managedClusters/c"
)
CODE = {"codeId": "${codeversion.id}", "scoringScript": "score.py"}


def _component(command: str) -> dict[str, Any]:
    spec = {**COMMAND, "command": command, "inputs": {"a": {"type": "string"}}}
    return {"properties.componentSpec": spec}


LEARNING = [
    Stated(sample, reason, bad, good)
    for sample, reason, bad, good in (
        ("workspace", "only with kind FeatureStore",
         {"featureStoreSettings": {"offlineStoreConnectionName": "o"}},
         {"kind": "FeatureStore", "featureStoreSettings": {"offlineStoreConnectionName": "o"}}),
        ("workspace", "is no domain", _rule(type="FQDN", destination="https://pypi.org"),
         _rule(type="FQDN", destination="*.pypi.org")),
        ("workspace", "portRanges", _ported("99999"), _ported("80,443-445")),
        ("workspace", "subresourceTarget", _private("blobs"), _private("blob")),
        ("workspace", "no id of a Microsoft.Network/virtualNetworks/subnets",
         {"serverlessComputeSettings": {"serverlessComputeCustomSubnet": "x"}},
         {"serverlessComputeSettings": {"serverlessComputeCustomSubnet": "${subnet.id}"}}),
        ("compute", "cron", _stopped("0 18 * *"), _stopped()),
        ("compute", "is no Windows time zone", _stopped(zone="Europe/Berlin"), _stopped()),
        ("compute", "is no Windows time zone", _recurring("Europe/Berlin"), _recurring("UTC")),
        ("compute", "objectId", _assigned(objectId="me@example.org"), _assigned()),
        ("compute", "tenantId", _assigned(tenantId="example.org"), _assigned()),
        ("compute", "a public key", _opened("abc"), _opened("ssh-rsa AAAA me")),
        ("compute", "resourceId: missing", attached(), attached(resourceId=CLUSTER)),
        ("compute", "an id", attached(resourceId="x"), attached(resourceId=CLUSTER)),
        ("deployment", "no size for managed online endpoints",
         {"properties.instanceType": "Standard_B2s"},
         {"properties.instanceType": "Standard_F4s_v2"}),
        ("deployment", "with its version", {"properties.model": "azureml:flights"},
         {"properties.model": "${modelversion.id}"}),
        ("deployment", "environmentId: missing", {"properties.codeConfiguration": CODE},
         {"properties.codeConfiguration": CODE,
          "properties.environmentId": "${environmentversion.id}"}),
        ("store", "such as core.windows.net", {"properties.endpoint": "https://core.windows.net"},
         {"properties.endpoint": "core.windows.net"}),
        ("componentversion", "inputs.NAME", _component("x ${{input.a}}"),
         _component("x ${{inputs.a}}")),
        ("mlregistry", "is not an Azure location", {"regionDetails": [{"location": "nowhere"}]},
         {"regionDetails": [{"location": "westeurope"}]}),
    )
]  # fmt: skip
AZURE_PLACES = [*EVENTS, *LEARNING]
