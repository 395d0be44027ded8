"""Managed identities, federated credentials, roles."""

from __future__ import annotations

from pulumi_simcloud.catalog.azure.common import arm, principal
from pulumi_simcloud.kinds import Name
from pulumi_simcloud.rules.basic import count, pattern

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
ACTION = r"(\*|[A-Za-z.]+)(/[A-Za-z0-9*.]+)*"
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

IDENTITY = (
    arm(
        IDENTITY_TOKEN,
        USER_ASSIGNED,
        Name("resourceName", 128),
        allowed=(r"[A-Za-z0-9][\w-]{2,127}", "3-128 letters, digits, - and _"),
        computed={
            "principalId": lambda context: context.uuid("principal"),
            "clientId": lambda context: context.uuid("client"),
            "tenantId": "{tenant}",
        },
        handles=("id", "principalId", "clientId"),
    ),
    arm(
        "managedidentity:FederatedIdentityCredential",
        f"{USER_ASSIGNED}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}",
        Name("federatedIdentityCredentialResourceName", 120),
        allowed=(r"[A-Za-z0-9][\w-]{2,119}", "3-120 letters, digits, - and _"),
        rules=(
            count("audiences", 1, 1),
            pattern("issuer", r"https://\S+", "an https address"),
            pattern("subject", r"[^*]+", "an exact subject, no wildcards"),
        ),
    ),
    arm(
        "authorization:RoleDefinition",
        "Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
        Name("roleDefinitionId", 36, uuid=True),
        allowed=(GUID, "a GUID"),
        root="{scope}",
        parent="{scope}",
        rules=(
            count("assignableScopes", 1, 2000),
            pattern("permissions[*].actions[*]", ACTION, "such as Microsoft.Storage/*/read"),
            pattern("permissions[*].dataActions[*]", ACTION, "such as Microsoft.Storage/*/read"),
            pattern("roleName", r".{1,128}", "at most 128 characters"),
        ),
        handles=("id", "name"),
    ),
    arm(
        "authorization:RoleAssignment",
        "Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        Name("roleAssignmentName", 36, uuid=True),
        allowed=(GUID, "a GUID"),
        root="{scope}",
        parent="{scope}",
        unique="{scope}/{principalId}/{roleDefinitionId|lower}",
        refs=(principal("principalId", *PRINCIPALS),),
    ),
)
