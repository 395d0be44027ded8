"""A small platform on Azure."""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

config = pulumi.Config()
mistake = config.get("mistake")
ml = azure.machinelearningservices
client = azure.authorization.get_client_config()
group = azure.resources.ResourceGroup("sim")
account = azure.storage.StorageAccount(
    "simstore",
    azure.storage.StorageAccountArgs(
        resource_group_name=group.name,
        account_name="sim-store" if mistake == "pattern" else None,
        kind=azure.storage.Kind.STORAGE_V2,
        sku=azure.storage.SkuArgs(name="Standard_LRS"),
    ),
)
modes = azure.keyvault.CreateMode
mode = modes.RECOVER if config.get_bool("recover") else modes.DEFAULT
vault = azure.keyvault.Vault(
    "sim",
    azure.keyvault.VaultArgs(
        resource_group_name=group.name,
        vault_name="sim-vault",
        properties=azure.keyvault.VaultPropertiesArgs(
            tenant_id=client.tenant_id,
            sku=azure.keyvault.SkuArgs(family="A", name=azure.keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            create_mode=mode,
        ),
    ),
)
workspace = ml.Workspace(
    "sim",
    ml.WorkspaceArgs(
        resource_group_name=group.name,
        storage_account=account.id,
        key_vault=vault.id,
        identity=ml.ManagedServiceIdentityArgs(type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED),
        tags={"team": config.get("team") or "ml"},
    ),
)
component = ml.ComponentVersion(
    "train",
    ml.ComponentVersionArgs(
        resource_group_name=group.name,
        workspace_name=workspace.name,
        name="train",
        version=config.get("version") or "1",
        properties=ml.ComponentVersionPropertiesArgs(
            component_spec={
                "type": "command",
                "name": "train",
                "version": config.get("version") or "1",
                "command": config.get("command") or "python -m x",
                "environment": "azureml://registries/azureml/environments/sklearn-1.5/versions/54",
            }
        ),
    ),
)
ml.Schedule(
    "weekly",
    ml.ScheduleArgs(
        resource_group_name=group.name,
        workspace_name=workspace.name,
        name="weekly",
        properties=ml.SchedulePropertiesArgs(
            # One that is on can't be deleted.
            is_enabled=False,
            trigger=ml.CronTriggerArgs(
                trigger_type="Cron",
                expression="0 3 * * 1",
                time_zone="UTC",
            ),
            action=ml.JobScheduleActionArgs(
                action_type="CreateJob",
                job_definition=ml.PipelineJobArgs(job_type="Pipeline", component_id=component.id),
            ),
        ),
    ),
)
identity = azure.managedidentity.UserAssignedIdentity("steps", resource_group_name=group.name)
azure.authorization.RoleAssignment(
    "steps",
    azure.authorization.RoleAssignmentArgs(
        scope=workspace.id,
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",
        role_definition_id=f"/subscriptions/{client.subscription_id}/providers"
        "/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
    ),
)
ml.OnlineEndpoint(
    "flights",
    ml.OnlineEndpointArgs(
        resource_group_name=group.name,
        workspace_name=workspace.name,
        endpoint_name="sim-flights",
        properties=ml.OnlineEndpointPropertiesArgs(
            auth_mode=ml.EndpointAuthMode.AAD_TOKEN, traffic={}
        ),
    ),
    pulumi.ResourceOptions(ignore_changes=["properties.traffic"]),
)

pulumi.export("workspace", workspace.id)
