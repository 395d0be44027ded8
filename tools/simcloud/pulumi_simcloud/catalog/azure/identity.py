"""Managed identities, federated credentials, roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.common import arm, principal
from pulumi_simcloud.kinds import Existing, Name, Settle
from pulumi_simcloud.rules.azure import operations
from pulumi_simcloud.rules.basic import count, needs, pattern

PREFIX = "azure-native:"
IDENTITY_TOKEN = "managedidentity:UserAssignedIdentity"
USER_ASSIGNED = "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
PRINCIPALS = (
    f"{PREFIX}{IDENTITY_TOKEN}",
    f"{PREFIX}machinelearningservices:Workspace",
    f"{PREFIX}machinelearningservices:OnlineEndpoint",
    f"{PREFIX}machinelearningservices:Compute",
    f"{PREFIX}logic:Workflow",
    f"{PREFIX}eventgrid:SystemTopic",
    f"{PREFIX}monitor:ScheduledQueryRule",
    f"{PREFIX}storage:StorageAccount",
)
ACTION = r"(\*|[A-Za-z0-9.]+)(/[\w*.:-]+)*"
PRINCIPAL_IDS = ("principalId", "identity.principalId")
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

FEDERATED = f"{PREFIX}managedidentity:FederatedIdentityCredential"
ROLE = f"{PREFIX}authorization:RoleDefinition"
SERVICE_PRINCIPAL = "ServicePrincipal"


def _one_subject(inputs: dict[str, Any], world: Existing) -> Iterator[str]:
    """Issuer and subject are unique on an identity, which takes 20 credentials at most.

    learn.microsoft.com, "Important considerations for federated identity credentials".
    """
    holder = ("resourceGroupName", "resourceName")
    others = [
        row.inputs
        for row in world.of(FEDERATED)
        if all(row.inputs.get(key) == inputs.get(key) for key in holder)
    ]
    pair = ("issuer", "subject")
    if any(all(other.get(key) == inputs.get(key) for key in pair) for other in others):
        yield f"issuer and subject {inputs['subject']!r} are those of another credential already"
    if len(others) >= 20:
        yield "the identity has 20 federated credentials, and takes no more"


def _one_role_name(inputs: dict[str, Any], world: Existing) -> Iterator[str]:
    """A custom role's name is unique in the directory ("Azure custom roles")."""
    name = str(inputs.get("roleName")).lower()
    if any(str(row.inputs.get("roleName")).lower() == name for row in world.of(ROLE)):
        yield f"RoleDefinitionWithSameNameExists: a custom role {inputs['roleName']!r} exists"


def _assignable(inputs: dict[str, Any], world: Existing) -> Iterator[str]:
    """A role can be given in its assignable scopes and below ("Azure custom roles")."""
    scope, role = str(inputs.get("scope")).lower(), str(inputs.get("roleDefinitionId")).lower()
    for row in world.of(ROLE):
        if row.id.lower() == role:
            places = [
                str(scope_of_role).lower().rstrip("/")
                for scope_of_role in row.inputs["assignableScopes"]
            ]
            if not any(f"{scope}/".startswith(f"{scope_of_role}/") for scope_of_role in places):
                yield f"RoleDefinitionDoesNotExist: {inputs['scope']} is no scope of the role"


def _principal_type(inputs: dict[str, Any], world: Existing) -> Iterator[str]:
    """A managed identity is a service principal ("Troubleshoot Azure RBAC", principal type).

    pulumi-azure-native sends User where no type is given.
    """
    principal_type = inputs.get("principalType") or "User"
    principal = world.find(PRINCIPALS, inputs.get("principalId"), PRINCIPAL_IDS)
    if principal is not None and principal_type != SERVICE_PRINCIPAL:
        reason = f"the principal is a {SERVICE_PRINCIPAL}, not a {principal_type}"
        yield f"UnmatchedPrincipalType: {reason}"


# A resource group is deleted with all that is in it, and with the assignments on it ("Azure
# Resource Manager resource group and resource deletion"); a program may leave these to it.
IDENTITY = (
    arm(
        IDENTITY_TOKEN,
        USER_ASSIGNED,
        Name("resourceName", 128),
        name_rule=(r"[A-Za-z0-9][\w-]{2,127}", "3-128 letters, digits, - and _"),
        computed={
            "principalId": lambda context: context.uuid("principal"),
            "clientId": lambda context: context.uuid("client"),
            "tenantId": "{tenant}",
        },
        handles=("id", "principalId", "clientId"),
        resident=True,
    ),
    arm(
        "managedidentity:FederatedIdentityCredential",
        f"{USER_ASSIGNED}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}",
        Name("federatedIdentityCredentialResourceName", 120),
        name_rule=(r"[A-Za-z0-9][\w-]{2,119}", "3-120 letters, digits, - and _"),
        rules=(
            count("audiences", 1, 1),
            pattern("issuer", r"https://\S+", "an https address"),
            pattern("subject", r"[^*]+", "an exact subject, no wildcards"),
        ),
        demands=(_one_subject,),
        resident=True,
    ),
    arm(
        "authorization:RoleDefinition",
        "Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
        Name("roleDefinitionId", 36, uuid=True),
        name_rule=(GUID, "a GUID"),
        root="{scope}",
        parent="{scope}",
        rules=(
            count("assignableScopes", 1, 2000),
            pattern("permissions[*].actions[*]", ACTION, "such as Microsoft.Storage/*/read"),
            pattern("permissions[*].dataActions[*]", ACTION, "such as Microsoft.Storage/*/read"),
            operations("permissions[*].actions[*]", "action"),
            operations("permissions[*].notActions[*]", "action"),
            operations("permissions[*].dataActions[*]", "data"),
            operations("permissions[*].notDataActions[*]", "data"),
            pattern("roleName", r".{1,128}", "at most 128 characters"),
        ),
        demands=(_one_role_name,),
        # It stays in the directory, which is no part of this cloud.
        resident=True,
        handles=("id", "name"),
    ),
    arm(
        "authorization:RoleAssignment",
        "Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Name("roleAssignmentName", 36, uuid=True),
        name_rule=(GUID, "a GUID"),
        root="{scope}",
        parent="{scope}",
        unique="{scope}/{principalId}/{roleDefinitionId|lower}",
        refs=(principal("principalId", *PRINCIPALS),),
        rules=(needs("condition", "conditionVersion"),),
        demands=(_assignable, _principal_type),
        resident=True,
        # "Troubleshoot Azure RBAC": a role that was made a moment ago is not there yet for all.
        settles=(
            Settle(
                "roleDefinitionId",
                to=(ROLE,),
                message="RoleDefinitionDoesNotExist: The specified role definition with ID {id!r}"
                " does not exist",
            ),
        ),
    ),
)
