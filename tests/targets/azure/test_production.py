"""Production with all that settings can ask for: roles, policies, and what Azure ML is sent.

What the actors' code calls is held against their roles in tests/contract/test_azure.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi_simcloud.permissions.azure_conditions import holds
from pulumi_simcloud.rules import kql
from pulumi_simcloud.rules.azure import operations

from components.targets.azure.permissions import PERMISSIONS, TYPES
from tests.clouds.azure_models import wrong
from tests.targets import clouds
from tests.targets.clouds import POLICIES, Platform

pytestmark = pytest.mark.engine

ML = "azure-native:machinelearningservices"
# The models of Azure ML's own client that the resources have to pass.
MODELS = {
    "CodeVersion": "CodeVersion",
    "ComponentVersion": "ComponentVersion",
    "Compute": "ComputeResource",
    "Datastore": "Datastore",
    "EnvironmentVersion": "EnvironmentVersion",
    "ModelContainer": "ModelContainer",
    "Registry": "Registry",
    "OnlineEndpoint": "OnlineEndpoint",
    "Schedule": "Schedule",
    "Workspace": "Workspace",
}
# What is part of an address, not of a body.
ADDRESS = ("resourceGroupName", "workspaceName", "name", "version", "computeName", "endpointName",
           "registryName")  # fmt: skip
FLAT, TOP = ("Registry", "Workspace"), {"identity", "kind", "location", "sku", "tags"}
VERBS = ("read", "write", "delete")
# learn.microsoft.com: "Submitting any type of run (V2)" in "Manage access to Azure Machine Learning
# workspaces", and "AzureML Metrics Writer (preview)" in "Azure built-in roles for AI".
WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
RUNS = {
    f"{WORKSPACES}/{operation}"
    for operation in (
        "*/read",
        "environments/write",
        "jobs/*",
        "metadata/artifacts/write",
        "environments/build/action",
        "environments/readSecrets/action",
    )
}
# learn.microsoft.com, "Manage access to Log Analytics workspaces", workspace permissions: to query
# logs, and all tables. A rule on logs has those of whoever wrote it last ("Create or edit a log
# search alert rule", identity).
QUERIES = {
    "Microsoft.OperationalInsights/workspaces/query/read",
    "Microsoft.OperationalInsights/workspaces/query/*/read",
}
WIDE = RUNS | QUERIES | {f"{WORKSPACES}/metrics/*/write"}
DEFINES = "Microsoft.Authorization/roleDefinitions/write"
ROLES = "azure-native:authorization:RoleDefinition"
# On making resources: what a role is asked for beside the resource's own operations.
BESIDE = {
    # Whoever gives a resource an identity has to be allowed to (workspace, cluster, endpoint).
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    # Whoever sends a resource's logs to a Log Analytics workspace.
    "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Production with all that the settings can ask for: two models, one with its own image."""
    with clouds.platform("azure", tmp_path_factory.mktemp("azure"), "prod") as platform:
        models = {
            "churn": {"compute": {"image": "myregistry.azurecr.io/mine:1"}},
            "late": {"compute": {"serverless": True}},
        }
        platform.configure(model=None, models=models, registry={"shared": "company-models"})
        platform.up()
        yield platform


def types(up: Platform) -> set[str]:
    """The types of what the stack is made of, as operations on them begin."""
    groups = "Microsoft.Resources/resourceGroups"
    kinds = {str(row.outputs["type"]) for row in up.created_rows()}
    return kinds - {groups} | {"Microsoft.Resources/subscriptions/resourceGroups"}


def granted(actor: str) -> set[str]:
    return {action for part in PERMISSIONS[actor].values() for action in part.actions}


def test_deploy_may_make_every_type_of_resource_there_is_and_no_other(up: Platform) -> None:
    operations = {
        f"{kind}/{verb}" for kind in types(up) for verb in VERBS if exists(f"{kind}/{verb}")
    }
    assert granted("deploy") == operations - {DEFINES} | BESIDE | RUNS | QUERIES


def exists(operation: str) -> bool:
    """Whether Azure has an operation, by its own lists."""
    return not list(operations("a", "action")({"a": operation}))


def test_the_table_s_operations_exist_and_a_wrong_one_is_found() -> None:
    kinds = {"actions": "action", "data_actions": "data"}
    missing = [
        operation
        for parts in PERMISSIONS.values()
        for part in parts.values()
        for field, kind in kinds.items()
        for operation in getattr(part, field)
        if list(operations("a", kind)({"a": operation}))
    ]
    assert not missing
    assert not exists("Microsoft.Storage/storageAccounts/blobServices/delete")


def test_deploy_gives_the_roles_of_models_to_others_and_none_to_itself(up: Platform) -> None:
    rows = up.cloud.resources("azure-native:authorization:RoleAssignment")
    conditions = {row.urn.rpartition("::")[2]: row.inputs.get("condition") for row in rows}
    assert {name for name, text in conditions.items() if text} == {"deploy-group"}
    text = str(conditions["deploy-group"])
    identities = {
        row.inputs["resourceName"]: row.outputs["principalId"]
        for row in up.cloud.resources("azure-native:managedidentity:UserAssignedIdentity")
    }
    deploy = identities["mlops-azure-prod-deploy"]
    steps = identities["mlops-azure-prod-churn-steps"]

    def may_give(
        role: str, principal: str, kind: str = "ServicePrincipal", verb: str = "write"
    ) -> bool:
        attributes = {"RoleDefinitionId": role, "PrincipalId": principal, "PrincipalType": kind}
        prefix = "request[microsoft.authorization/roleassignments:"
        context = {f"{prefix}{key.lower()}]": value for key, value in attributes.items()}
        return holds(text, f"Microsoft.Authorization/roleAssignments/{verb}", context)

    for row in rows:
        role = row.inputs["roleDefinitionId"].rpartition("/")[2]
        assert may_give(role, steps) == model_role(row.inputs, up)
        assert not may_give(role, deploy)
        assert not may_give(role, steps, "User")
    owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    assert not may_give(owner, steps)
    assert may_give(owner, deploy, verb="delete"), "taking away is not limited"
    assert "roleDefinitions/write" not in " ".join(granted("deploy"))


def model_role(assignment: dict[str, Any], up: Platform) -> bool:
    """Whether an assignment is of a model's own principal."""
    (name,) = (
        row.inputs["roleName"]
        for row in up.cloud.resources(ROLES)
        if row.id == assignment["roleDefinitionId"]
    )
    return "-steps-" in name or "-endpoint-" in name


def test_preview_may_read_every_type_of_resource_there_is_and_no_other(up: Platform) -> None:
    assert granted("preview") == {f"{kind}/read" for kind in types(up)}


def test_roles_are_custom_exact_and_of_the_table(up: Platform) -> None:
    rows = up.cloud.resources(ROLES)
    permissions = [part for parts in PERMISSIONS.values() for part in parts.values()]
    for row in rows:
        assert row.inputs["roleType"] == "CustomRole"
        (permission,) = row.inputs["permissions"]
        actions, data = permission["actions"], permission["dataActions"]
        assert {action for action in (*actions, *data) if "*" in action} <= WIDE
        assert any(actions == list(p.actions) and data == list(p.data_actions) for p in permissions)
    # Every assignment is of such a role: no Owner, no Contributor.
    role_ids = {row.id for row in rows}
    assignments = up.cloud.resources("azure-native:authorization:RoleAssignment")
    assert {row.inputs["roleDefinitionId"] for row in assignments} == role_ids


def test_no_type_is_named_twice() -> None:
    assert len(set(TYPES)) == len(TYPES)


def test_each_model_has_its_own_and_the_policies_have_nothing_against_it(up: Platform) -> None:
    output = up.run("preview", "--expect-no-changes", *POLICIES)
    assert not re.search(r"\[(mandatory|advisory)\]", output), output
    before = up.config
    up.restore({**before, "mlops:drift": {"schedule": None}})
    assert "drift-checked" in up.run("preview", *POLICIES, fails=True), "the policies look at Azure"
    up.restore(before)
    names = [row.inputs.get("computeName") for row in up.created_rows()]
    assert [name.rpartition("-")[0] for name in names if name] == ["churn"]


def document(up: Platform, model: str, name: str) -> dict[str, Any]:
    """A document of a model in the store."""
    (row,) = up.cloud.resources("azure-native:storage:BlobContainer")
    objects = up.cloud.objects(f"az/{row.inputs['accountName']}/{row.outputs['name']}")
    return json.loads(objects[f"models/{model}/{name}"])


def test_a_serverless_model_names_its_identity_and_the_workspace_has_it(up: Platform) -> None:
    (space,) = up.cloud.resources("azure-native:machinelearningservices:Workspace")
    steps = {
        row.inputs["resourceName"]: row
        for row in up.cloud.resources("azure-native:managedidentity:UserAssignedIdentity")
    }
    identity = steps["mlops-azure-prod-late-steps"]
    assert identity.id in space.inputs["identity"]["userAssignedIdentities"]
    pipeline = document(up, "late", "pipelines/training.json")
    assert pipeline["settings"]["default_compute"] == "serverless"
    assert pipeline["identity"]["clientId"] == identity.outputs["clientId"]
    (component,) = (
        row
        for row in up.cloud.resources("azure-native:machinelearningservices:ComponentVersion")
        if row.id == pipeline["component"]
    )
    nodes = component.inputs["properties"]["componentSpec"]["jobs"].values()
    assert {node["identity"]["client_id"] for node in nodes} == {identity.outputs["clientId"]}
    assert {node["resources"]["instance_type"] for node in nodes} == {"Standard_DS4_v2"}
    scheduled = up.cloud.resources("azure-native:machinelearningservices:Schedule")
    jobs = [row.inputs["properties"]["action"]["jobDefinition"] for row in scheduled]
    assert {job["identity"].get("clientId") for job in jobs} == {None, identity.outputs["clientId"]}


def test_a_schedule_says_what_it_is_so_that_it_waits_for_the_cooldown(up: Platform) -> None:
    """A run that says nothing is a person's, for whom nothing waits (`retraining_admission`)."""
    scheduled = up.cloud.resources("azure-native:machinelearningservices:Schedule")
    triggers = {
        row.inputs["name"]: job["inputs"].get("trigger", {}).get("value")
        for row in scheduled
        for job in [row.inputs["properties"]["action"]["jobDefinition"]]
    }
    assert triggers == {
        "mlops-azure-prod-churn-retraining": "schedule",
        "mlops-azure-prod-churn-drift-check": None,
        "mlops-azure-prod-late-retraining": "schedule",
        "mlops-azure-prod-late-drift-check": None,
    }


def bodies(up: Platform) -> Iterator[tuple[str, dict[str, Any]]]:
    """What Azure ML is sent for each resource of its own, by the model that it is."""
    for row in up.created_rows():
        package, _, kind = row.token.rpartition(":")
        if package != ML:
            continue
        inputs = {key: value for key, value in row.inputs.items() if not key.startswith("__")}
        body = {key: value for key, value in inputs.items() if key not in ADDRESS}
        assigned = body.get("identity", {}).get("userAssignedIdentities")
        if assigned:
            # The provider makes a map of the list.
            identities = {identity: {} for identity in assigned}
            body["identity"] = {**body["identity"], "userAssignedIdentities": identities}
        if kind == "OnlineEndpoint":
            # The provider adds its own setting.
            body["location"] = up.config["azure-native:location"]
        if kind in FLAT:
            # The provider takes what is below `properties` at the top.
            below = {key: body.pop(key) for key in body.keys() - TOP}
            body["properties"] = below
        yield MODELS[kind], body


def test_azure_ml_s_own_models_take_all_that_it_is_sent(up: Platform) -> None:
    all_bodies = list(bodies(up))
    assert {model for model, _ in all_bodies} == set(MODELS.values())
    reasons = [reason for model, body in all_bodies for reason in wrong(model, body)]
    assert not reasons, "\n".join(reasons)


def _planted(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(body))
    *places, last = path.split(".")
    place = copy
    for name in places:
        place = place[name]
    place[last] = value
    return copy


@pytest.mark.parametrize(
    "model,path,value",
    [
        ("Schedule", "properties.trigger.triggerType", "Sometimes"),
        ("Schedule", "properties.action.jobDefinition.componentID", "x"),
        ("Schedule", "properties.action.jobDefinition.identity.identityType", "Nobody"),
        ("ComputeResource", "properties.properties.scaleSettings.maxNodeCount", "2"),
        ("OnlineEndpoint", "properties.authMode", "None"),
        ("Datastore", "properties.accountname", "x"),
        ("CodeVersion", "properties.codeUri", 1),
    ],
)
def test_a_planted_mistake_is_found(up: Platform, model: str, path: str, value: Any) -> None:
    body = next(body for kind, body in bodies(up) if kind == model)
    assert wrong(model, _planted(body, path, value))


def test_every_query_of_alarms_and_workbooks_is_one_that_azure_can_run(up: Platform) -> None:
    rows = up.cloud.resources("azure-native:monitor:ScheduledQueryRule")
    conditions = [row.inputs["criteria"]["allOf"][0] for row in rows]
    for condition in conditions:
        assert kql.wrong(condition["query"]) is None
        columns = kql.columns(condition["query"])
        assert columns is None or columns[condition["metricMeasureColumn"]], (
            "the column is a number"
        )
    charts = [
        item["content"]["query"]
        for row in up.cloud.resources("azure-native:applicationinsights:Workbook")
        for item in json.loads(row.inputs["serializedData"])["items"]
    ]
    assert len(charts) == 8 * 2
    assert not [reason for query in charts if (reason := kql.wrong(query))]
