"""Whom a job on Azure ML acts as, and what that identity may do in the simulated cloud.

Sources: learn.microsoft.com, "Understand Azure role assignments": one at a scope reaches all below;
"Understand Azure role definitions": `*` in an action stands for anything, and case does not matter.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from pulumi_simcloud.harness import SimCloud

Json = dict[str, Any]


def principal(cloud: SimCloud, job: Json) -> str:
    """The principal that a pipeline job acts as: that which it names, or its compute's."""
    client = job["identity"].get("clientId")
    compute = job["settings"]["default_compute"]
    assigned = [
        identity
        for row in cloud.resources("azure-native:machinelearningservices:Compute")
        if row.id == compute
        for identity in row.inputs["identity"]["userAssignedIdentities"]
    ]
    (principal,) = (
        row.outputs["principalId"]
        for row in cloud.resources("azure-native:managedidentity:UserAssignedIdentity")
        if (row.outputs["clientId"] == client if client else row.id in assigned)
    )
    return principal


def refused_operations(
    cloud: SimCloud, principal: str, resource: str, *operations: str
) -> set[str]:
    """Those of the operations on a resource that no role of the principal allows."""
    definitions = {
        row.id: row.inputs["permissions"]
        for row in cloud.resources("azure-native:authorization:RoleDefinition")
    }
    actions = {
        action
        for row in cloud.resources("azure-native:authorization:RoleAssignment")
        if row.inputs["principalId"] == principal and resource.startswith(f"{row.inputs['scope']}/")
        for permission in definitions[row.inputs["roleDefinitionId"]]
        for action in permission["actions"]
    }
    return {
        operation
        for operation in operations
        if not any(fnmatchcase(operation.lower(), action.lower()) for action in actions)
    }
