"""What the program made on the simulated cloud, as Azure's double has it."""

from __future__ import annotations

from tests.clouds.azure import Azure

ML = "azure-native:machinelearningservices"
KINDS = {
    f"{ML}:CodeVersion": ("properties",),
    f"{ML}:OnlineEndpoint": ("properties", "location", "kind", "identity", "tags"),
}


def mirror(double: Azure) -> None:
    """Take over code, components and endpoints of the double's cloud."""
    for row in double.cloud.resources(f"{ML}:ComponentVersion"):
        double.components[row.id] = row.inputs["properties"]["componentSpec"]
    for token, members in KINDS.items():
        for row in double.cloud.resources(token):
            properties = {**row.outputs, **row.inputs}
            body = {key: properties[key] for key in members if key in properties}
            if "identity" in body:
                assigned = body["identity"]["userAssignedIdentities"]
                body["identity"] = {
                    **body["identity"],
                    "userAssignedIdentities": {identity: {} for identity in assigned},
                }
            double.put(row.id, body)
