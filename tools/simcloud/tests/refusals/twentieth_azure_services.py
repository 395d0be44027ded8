"""A twentieth round on Azure: roles, topics, workflows, boards and budgets."""

from __future__ import annotations

from pulumi_simcloud.platforms import SUBSCRIPTION
from samples.azure import NEXT_MONTH

from refusals.azure import UNLISTED
from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
ROLES = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions"
READER = f"{ROLES}/acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = f"{ROLES}/b24988ac-6180-42a0-ab88-20f7382dd24c"
FIRST = "33333333-2222-4333-8444-555555555555"
SECOND = "44444444-2222-4333-8444-555555555555"
OF_ACCOUNT = {"source": "${account.id}", "topicType": "Microsoft.Storage.StorageAccounts"}
HTTP = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}


def _workflow(**actions: object) -> dict[str, object]:
    """The definition of a workflow with actions."""
    return {"$schema": "x", "triggers": {}, "actions": actions}


def _since(start: str) -> dict[str, object]:
    """The period of a budget from a date."""
    return {"timePeriod": {"startDate": f"{start}T00:00:00Z"}}


def _threshold(value: object) -> dict[str, object]:
    """A workflow with a parameter and its value."""
    definition = {**_workflow(run=HTTP), "parameters": {"threshold": {"type": "String"}}}
    return {"definition": definition, "parameters": {"threshold": value}}


INITIALIZE = "Initialize_variable_-_Affected_Azure_AD_Users"
AFTER = {**HTTP, "runAfter": {INITIALIZE: ["Succeeded"]}}

ACCESS = [
    Refusal(
        f"{GITHUB}/LeanerCloud/CUDly/pull/1800",
        REFERENCE,
        "role",
        "InvalidActionOrNotAction: does not match any of the actions of the providers",
        {"permissions": [{"actions": ["Microsoft.Capacity/reservationOrders/purchase/action"]}]},
        {"permissions": [{"actions": ["Microsoft.Capacity/reservationOrders/write"]}]},
        accepted=UNLISTED,
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/10641",
        PATTERN,
        "role",
        "an assignable scope with /* is not valid",
        {"scope": SCOPE, "assignableScopes": [f"{SCOPE}/*"]},
        {"scope": SCOPE, "assignableScopes": [SCOPE]},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/4365",
        EXCLUSIVE,
        "role",
        "RoleDefinitionWithSameNameExists",
        {"roleName": "steps"},
        {"roleName": "steps2"},
        (("earlier", "role", {"roleDefinitionId": "22222222-2222-4333-8444-555555555555"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/azure-search-openai-demo-java/pull/94",
        EXCLUSIVE,
        "assignment",
        "UnmatchedPrincipalType: the principal has type ServicePrincipal, not User",
        {"principalType": "User"},
        {"principalType": "ServicePrincipal"},
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-azurerm-avm-res-authorization-roleassignment/issues/120",
        EXCLUSIVE,
        "assignment",
        "RoleAssignmentExists: The role assignment already exists",
        {"roleDefinitionId": READER},
        {"roleDefinitionId": CONTRIBUTOR},
        (("earlier", "assignment", {}),),
    ),
    Refusal(
        f"{GITHUB}/Azure/CanadaPubSecALZ/issues/181",
        EXCLUSIVE,
        "assignment",
        "RoleAssignmentUpdateNotPermitted: tenant, application, principal and scope are fixed",
        {"roleAssignmentName": FIRST, "principalId": "${other.principalId}"},
        {"roleAssignmentName": SECOND, "principalId": "${other.principalId}"},
        (
            ("other", "identity", {"resourceName": "other"}),
            ("earlier", "assignment", {"roleAssignmentName": FIRST}),
        ),
    ),
]

EVENTS = [
    Refusal(
        f"{GITHUB}/Azure/arm-template-whatif/issues/424",
        EXCLUSIVE,
        "topic",
        "Only one system topic is allowed per source",
        {"source": "${workspace.id}"},
        OF_ACCOUNT,
        (("earlier", "topic", {"systemTopicName": "earlier-topic"}),),
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/AzureMapsCodeSamples/issues/75",
        EXCLUSIVE,
        "topic",
        "the location of a system topic must match its source's",
        {"location": "northeurope"},
        {"location": "westeurope"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-quickstart-templates/issues/13688",
        EXCLUSIVE,
        "topic",
        "System topic source cannot be modified",
        {"systemTopicName": "sim-topic"},
        {"systemTopicName": "sim-topic2"},
        (("earlier", "topic", OF_ACCOUNT),),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/11627",
        PATTERN,
        "events",
        "The destination endpoint URL is null or empty; it should be a proper HTTPS URL",
        {"destination": {"endpointType": "WebHook", "endpointUrl": ""}},
        {"destination": {"endpointType": "WebHook", "endpointUrl": "https://www.example.com"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/589",
        REFERENCE,
        "logic",
        "InvalidTemplate: 'runAfter' of an action contains a non-existent action",
        {"definition": _workflow(**{"HTTP_-_Authenticate": AFTER})},
        {"definition": _workflow(**{INITIALIZE: HTTP, "HTTP_-_Authenticate": AFTER})},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-quickstart-templates/issues/5781",
        PATTERN,
        "logic",
        "the name 'Send_message.' of an action is not valid",
        {"definition": _workflow(**{"Send_message.": HTTP})},
        {"definition": _workflow(Send_message=HTTP)},
    ),
    Refusal(
        f"{DOCS}/issues/48272",
        TEXT,
        "logic",
        "InvalidRequestContent: the value of a parameter is an object, not a string",
        _threshold("0.5"),
        _threshold({"value": "0.5"}),
    ),
]

BOARDS = [
    Refusal(
        f"{DOCS}/issues/52844",
        PATTERN,
        "workbook",
        "Invalid Workbook resource name: 'nginxtst'; it should be a GUID",
        {"resourceName": "nginxTst"},
        {"resourceName": FIRST},
    ),
    Refusal(
        f"{GITHUB}/microsoft/ApplicationInsights-Home/issues/476",
        EXCLUSIVE,
        "workbook",
        "a workbook with the same display name exists in the group",
        {"resourceName": SECOND, "displayName": "flights"},
        {"resourceName": SECOND, "displayName": "flights2"},
        (("earlier", "workbook", {"resourceName": FIRST}),),
    ),
    Refusal(
        f"{TERRAFORM}/pull/16406",
        RANGE,
        "dashboard",
        "400: the name of a dashboard is longer than 160 characters",
        {"dashboardName": f"hel{'l' * 160}o"},
        {"dashboardName": "hello-board"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/15467",
        PATTERN,
        "budget",
        "the start date of a budget must be the first of a month",
        _since(f"{NEXT_MONTH}-18"),
        _since(f"{NEXT_MONTH}-01"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/12121",
        RANGE,
        "budget",
        "the start date of a monthly budget cannot be before the current month",
        _since("2020-11-01"),
        _since(f"{NEXT_MONTH}-01"),
    ),
    Refusal(
        f"{TERRAFORM}/pull/12121",
        RANGE,
        "budget",
        "the start date of a budget cannot be more than a year ahead",
        _since(f"{int(NEXT_MONTH[:4]) + 2}-01-01"),
        _since(f"{NEXT_MONTH}-01"),
    ),
]

AUTOMATION = f"{SCOPE}/resourceGroups/sim/providers/Microsoft.Automation/automationAccounts/sim"
RUNBOOK = {
    "automationAccountId": AUTOMATION,
    "runbookName": "run",
    "webhookResourceId": f"{AUTOMATION}/webhooks/run",
    "isGlobalRunbook": False,
}

ACTIONS = [
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/2840",
        RANGE,
        "actions",
        "GroupShortNameIsTooLong: at most 12 characters",
        {"groupShortName": "simpleActionGr"},
        {"groupShortName": "simpleAction"},
    ),
    Refusal(
        f"{DOCS}/issues/37405",
        MISSING,
        "actions",
        "AutomationRunbookReceiverNameIsNullOrEmpty",
        {"automationRunbookReceivers": [RUNBOOK]},
        {"automationRunbookReceivers": [{**RUNBOOK, "name": "run"}]},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/8732",
        MISSING,
        "activity",
        "UnsupportedCondition: Specify additional conditions for this category: Administrative",
        {"condition": {"allOf": [{"field": "category", "equals": "Administrative"}]}},
        {
            "condition": {
                "allOf": [
                    {"field": "category", "equals": "Administrative"},
                    {
                        "field": "operationName",
                        "equals": "Microsoft.MachineLearningServices/workspaces/delete",
                    },
                ]
            }
        },
    ),
]

SERVICES = [*ACCESS, *EVENTS, *BOARDS, *ACTIONS]
