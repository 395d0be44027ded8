"""What releases leave in the simulated cloud: versions, deployments, and shares of the traffic."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.harness import SimCloud

from training.endpoint.azure_deployments import name_of

ML = "azure-native:machinelearningservices"
ENTRY = f"{ML}:ModelContainer"
ENDPOINT = f"{ML}:OnlineEndpoint"
SETTINGS = {"location": "westeurope"}
# Of two versions, the second a canary.
SHARES = {1: 90, 2: 10}


def release(cloud: SimCloud) -> None:
    """Two versions of every model, both deployed, as a release that was killed leaves them.

    What the service does with an entry that has versions is not documented: here it refuses.
    """
    cloud.fail("delete", f"{ENTRY}::*", times=0)
    for row in cloud.resources(ENTRY):
        for version in SHARES:
            names = {"version": str(version), "name": row.inputs["name"]}
            _make(cloud, "ModelVersion", row.inputs, {**names, "properties": {}})
    for row in cloud.resources(ENDPOINT):
        for version in SHARES:
            names = {"deploymentName": name_of(version), "endpointName": row.outputs["name"]}
            properties = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
            _make(cloud, "OnlineDeployment", row.inputs, {**names, "properties": properties})
        traffic = {name_of(version): share for version, share in SHARES.items()}
        properties = {**row.inputs["properties"], "traffic": traffic}
        cloud.change(ENDPOINT, row.id, properties=properties)


def _make(cloud: SimCloud, kind: str, beside: dict[str, Any], inputs: dict[str, Any]) -> None:
    place = {key: beside[key] for key in ("resourceGroupName", "workspaceName")}
    name = "-".join(str(value) for value in inputs.values() if isinstance(value, str))
    cloud.seed(f"{ML}:{kind}", name, {**place, **inputs}, SETTINGS, by="release")
