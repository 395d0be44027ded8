"""What Azure answers: ids of versions, identities that others are given, who the caller is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud.cloud import Cloud
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.platforms import CLIENT, variables
from pulumi_simcloud.rules import kql
from pulumi_simcloud.state import Row
from samples import SETTINGS

ML = "azure-native:machinelearningservices"
GROUP = {"resourceGroupName": "sim"}
SPACE = {**GROUP, "workspaceName": "sim"}
READER = (
    "/subscriptions/5ca1ab1e-0000-4000-8000-00000c10d000/providers/Microsoft.Authorization"
    "/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
)


@pytest.fixture
def cloud(tmp_path: Path) -> SimCloud:
    """A cloud with a workspace."""
    cloud = SimCloud(tmp_path / "cloud")
    seed(cloud, "azure-native:resources:ResourceGroup", **GROUP)
    sku = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    account = seed(
        cloud, "azure-native:storage:StorageAccount", **GROUP, accountName="simaccount", **sku
    )
    properties = {
        "tenantId": "7e4a47aa-0000-4000-8000-00000c10d000",
        "enableRbacAuthorization": True,
        "sku": {"family": "A", "name": "standard"},
    }
    vault = seed(
        cloud, "azure-native:keyvault:Vault", **GROUP, vaultName="sim-vault", properties=properties
    )
    seed(
        cloud,
        f"{ML}:Workspace",
        **SPACE,
        storageAccount=account.id,
        keyVault=vault.id,
        identity={"type": "SystemAssigned"},
    )
    return cloud


def seed(cloud: SimCloud, token: str, **inputs: Any) -> Row:
    return cloud.seed(token, f"seed-{token}", inputs, SETTINGS["azure-native"])


def test_the_id_of_a_version_has_the_name_of_the_asset(cloud: SimCloud) -> None:
    uri = {"codeUri": "https://simaccount.blob.core.windows.net/store/code"}
    code = seed(cloud, f"{ML}:CodeVersion", **SPACE, name="code", version="7", properties=uri)
    assert code.id.endswith("/workspaces/sim/codes/code/versions/7")


def test_a_component_s_name_has_no_hyphen(cloud: SimCloud) -> None:
    spec = {
        "type": "pipeline",
        "name": "a_b",
        "version": "1",
        "jobs": {"x": {"component": "azureml:train:1"}},
    }
    inputs = {**SPACE, "version": "1", "properties": {"componentSpec": spec}}
    seed(cloud, f"{ML}:ComponentVersion", name="a_b", **inputs)
    with pytest.raises(CloudError, match="name"):
        seed(cloud, f"{ML}:ComponentVersion", name="a-b", **inputs)


def test_identities_that_were_given_are_answered_by_their_ids(cloud: SimCloud) -> None:
    identity = seed(
        cloud, "azure-native:managedidentity:UserAssignedIdentity", **GROUP, resourceName="steps"
    )
    identity_inputs = {"type": "UserAssigned", "userAssignedIdentities": [identity.id]}
    endpoint = seed(
        cloud,
        f"{ML}:OnlineEndpoint",
        **SPACE,
        endpointName="sim",
        identity=identity_inputs,
        properties={"authMode": "AADToken"},
    )
    (assigned,) = endpoint.outputs["identity"]["userAssignedIdentities"].items()
    assert assigned[0] == identity.id and assigned[1].keys() == {"principalId", "clientId"}


def test_an_operation_on_resource_groups_is_no_id(cloud: SimCloud) -> None:
    scope = cloud.resource(f"{ML}:Workspace", f"seed-{ML}:Workspace").id
    inputs = {"roleName": "reader", "scope": scope, "assignableScopes": [scope]}
    actions = ["Microsoft.Resources/subscriptions/resourceGroups/read"]
    seed(
        cloud,
        "azure-native:authorization:RoleDefinition",
        **inputs,
        permissions=[{"actions": actions}],
    )


def test_a_role_can_be_given_to_the_caller_but_not_to_a_stranger(cloud: SimCloud) -> None:
    scope = cloud.resource(f"{ML}:Workspace", f"seed-{ML}:Workspace").id
    inputs = {"scope": scope, "roleDefinitionId": READER}
    seed(cloud, "azure-native:authorization:RoleAssignment", **inputs, principalId=CLIENT)
    stranger = CLIENT.replace("c11e47aa", "00000000")
    with pytest.raises(CloudError, match="does not exist"):
        seed(cloud, "azure-native:authorization:RoleAssignment", **inputs, principalId=stranger)


def test_assets_go_with_their_workspace_and_others_keep_it(cloud: SimCloud) -> None:
    uri = {"codeUri": "https://simaccount.blob.core.windows.net/store/code"}
    seed(cloud, f"{ML}:CodeVersion", **SPACE, name="code", version="7", properties=uri)
    (space,) = cloud.resources(f"{ML}:Workspace")
    criterion = {
        "criterionType": "StaticThresholdCriterion",
        "name": "failed",
        "metricName": "Failed Runs",
        "operator": "GreaterThan",
        "threshold": 0,
        "timeAggregation": "Total",
    }
    kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
    alert = seed(
        cloud,
        "azure-native:monitor:MetricAlert",
        **GROUP,
        ruleName="failed",
        location="global",
        enabled=True,
        severity=2,
        evaluationFrequency="PT5M",
        windowSize="PT1H",
        scopes=[space.id],
        criteria={"odataType": kind, "allOf": [criterion]},
    )
    real = Cloud(cloud.state, variables("azure-native", SETTINGS["azure-native"]))
    with pytest.raises(CloudError, match="is used by MetricAlert"):
        real.delete(space.urn, space.id)
    real.delete(alert.urn, alert.id)
    real.delete(space.urn, space.id)
    assert not [row for row in cloud.resources() if row.token.startswith(ML)]


def test_a_workspace_asks_an_account_without_keys_as_an_identity(cloud: SimCloud) -> None:
    sku = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "allowSharedKeyAccess": False}
    token = "azure-native:storage:StorageAccount"
    seed(cloud, token, **GROUP, accountName="keyless", **sku)
    (keyless,) = (row for row in cloud.resources(token) if row.inputs["accountName"] == "keyless")
    (vault,) = cloud.resources("azure-native:keyvault:Vault")
    inputs = {
        **GROUP,
        "workspaceName": "keyless",
        "storageAccount": keyless.id,
        "keyVault": vault.id,
        "identity": {"type": "SystemAssigned"},
    }
    with pytest.raises(CloudError, match="set systemDatastoresAuthMode to Identity"):
        seed(cloud, f"{ML}:Workspace", **inputs)
    seed(cloud, f"{ML}:Workspace", **inputs, systemDatastoresAuthMode="Identity")


def test_an_endpoint_s_name_is_taken_in_its_region(cloud: SimCloud) -> None:
    properties = {"authMode": "AADToken"}
    inputs = {"endpointName": "sim", "properties": properties, "identity": {"type": "None"}}
    (space,) = cloud.resources(f"{ML}:Workspace")
    other = {**space.inputs, "workspaceName": "other"}
    seed(cloud, f"{ML}:Workspace", **other)
    seed(cloud, f"{ML}:OnlineEndpoint", **SPACE, **inputs)
    with pytest.raises(CloudError, match="already exists"):
        seed(cloud, f"{ML}:OnlineEndpoint", **{**SPACE, "workspaceName": "other"}, **inputs)


def test_a_role_is_given_within_its_scopes(cloud: SimCloud) -> None:
    scope = cloud.resource(f"{ML}:Workspace", f"seed-{ML}:Workspace").id
    actions = ["Microsoft.MachineLearningServices/workspaces/jobs/read"]
    role = seed(
        cloud,
        "azure-native:authorization:RoleDefinition",
        roleName="jobs",
        scope=scope,
        assignableScopes=[scope],
        permissions=[{"actions": actions}],
    )
    inputs = {"roleDefinitionId": role.id, "principalId": CLIENT}
    group = scope.partition("/providers/")[0]
    with pytest.raises(CloudError, match="is no scope of the role"):
        seed(cloud, "azure-native:authorization:RoleAssignment", **inputs, scope=group)
    seed(cloud, "azure-native:authorization:RoleAssignment", **inputs, scope=scope)


@pytest.mark.skipif(not kql.AVAILABLE, reason="duckdb-kql needs Python 3.11")
@pytest.mark.parametrize(
    "query",
    [
        # learn.microsoft.com, "Monitor online endpoints", sample queries.
        'AmlOnlineEndpointTrafficLog | where TimeGenerated > ago(1h) | where ResponseCode != "200"',
        "Heartbeat | summarize count() by bin(TimeGenerated, 5m), Computer",
        "AppMetrics | where Properties.stack == 'a' | extend name = Name | where name == 'x'",
        # github microsoft/AzureMonitorCommunity: comments, parse, serialize, the operator count.
        "// By computer, a VM's name\nHeartbeat | where Computer == 'a' // computer\n| count",
        'AzureMetrics | parse _ResourceId with * "/servers/" resource | summarize by resource',
        "Heartbeat | sort by TimeGenerated asc | serialize // rows\n| extend newest = 1",
        "AppRequests | summarize sum(ItemCount) by PerformanceBucket | count",
        'SecurityEvent | extend user = replace_regex(Account, @"CORP\\", "") | take 1',
    ],
)
def test_right_queries_are_accepted(query: str) -> None:
    assert kql.wrong(query) is None


def test_a_schedule_that_is_on_is_not_deleted(cloud: SimCloud) -> None:
    spec = {
        "type": "pipeline",
        "name": "a_b",
        "version": "1",
        "jobs": {"x": {"component": "azureml:train:1"}},
    }
    component = seed(
        cloud,
        f"{ML}:ComponentVersion",
        **SPACE,
        name="a_b",
        version="1",
        properties={"componentSpec": spec},
    )
    job = {"jobType": "Pipeline", "componentId": component.id}
    properties = {
        "trigger": {"triggerType": "Cron", "expression": "0 3 * * 1"},
        "action": {"actionType": "CreateJob", "jobDefinition": job},
    }
    schedule = seed(cloud, f"{ML}:Schedule", **SPACE, name="weekly", properties=properties)
    real = Cloud(cloud.state, variables("azure-native", SETTINGS["azure-native"]))
    with pytest.raises(CloudError, match="is protected from deletion"):
        real.delete(schedule.urn, schedule.id)
    off = {**schedule.inputs, "properties": {**properties, "isEnabled": False}}
    real.update(schedule.urn, schedule.id, off, schedule.outputs)
    real.delete(schedule.urn, schedule.id)
