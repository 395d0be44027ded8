"""A nineteenth round on Azure: events, workflows, budgets, networks and roles."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import SUBSCRIPTION
from samples.azure import NEXT_MONTH

from refusals.azure import UNLISTED
from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
CLI = f"{GITHUB}/Azure/azure-cli"
DOCS = f"{GITHUB}/MicrosoftDocs/azure-docs"
TOPIC = (("other", "topic", {"systemTopicName": "other"}),)
NEIGHBOUR = (("other", "subnet", {"subnetName": "other", "addressPrefix": "10.0.0.0/28"}),)


def _actions(name: str, *after: str) -> dict[str, Any]:
    step = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
    later = {**step, "runAfter": {other: ["Succeeded"] for other in after}}
    return {"definition.actions": {"run": step, name: later}}


def _values(count: int) -> dict[str, Any]:
    values = [f"value{number}" for number in range(count)]
    filters = [{"operatorType": "StringIn", "key": "subject", "values": values}]
    return {"filter": {"advancedFilters": filters}}


def _notice(kind: str) -> dict[str, Any]:
    notice = {
        "enabled": True,
        "operator": "GreaterThan",
        "threshold": 90,
        "thresholdType": kind,
        "contactEmails": ["a@example.org"],
    }
    return {"notifications": {"late": notice}}


def _delegations(*services: str) -> dict[str, Any]:
    return {
        "delegations": [
            {"name": f"to{number}", "serviceName": service}
            for number, service in enumerate(services)
        ]
    }


SERVICES = [
    Refusal(
        f"{TERRAFORM}/pull/11352",
        ENUM,
        "topic",
        "Unrecognized topic type justtesting in system topic properties",
        {"topicType": "justtesting"},
        {"topicType": "Microsoft.MachineLearningServices.Workspaces"},
    ),
    Refusal(
        f"{DOCS}/pull/97986",
        REFERENCE,
        "topic",
        "Only one system topic is allowed per source",
        {},
        {"source": "${account.id}", "topicType": "Microsoft.Storage.StorageAccounts"},
        TOPIC,
    ),
    Refusal(
        f"{CLI}/issues/11627",
        PATTERN,
        "events",
        "Supplied URL is invalid. It cannot be null or empty and should be a proper HTTPS URL",
        {"destination.endpointUrl": ""},
        {"destination.endpointUrl": "https://www.example.com"},
    ),
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/issues/4669",
        RANGE,
        "events",
        "more values than an advanced filter may have (25)",
        _values(26),
        _values(25),
    ),
    Refusal(
        f"{TERRAFORM}/issues/24839",
        ENUM,
        "events",
        "event types that the topic does not have",
        {"filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"]}},
        {"filter": {"includedEventTypes": ["Microsoft.MachineLearningServices.ModelRegistered"]}},
    ),
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/589",
        REFERENCE,
        "logic",
        "The 'runAfter' property of template action contains non-existent action",
        _actions("HTTP_-_Authenticate", "Initialize_variable_-_Affected_Azure_AD_Users"),
        _actions("HTTP_-_Authenticate", "run"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-quickstart-templates/issues/5781",
        PATTERN,
        "logic",
        "an action's name cannot end in a period",
        _actions("Send_message.", "run"),
        _actions("Send_message", "run"),
    ),
    Refusal(
        f"{DOCS}/issues/48272",
        TEXT,
        "logic",
        "Unexpected initial token 'String' when populating object",
        {"definition.parameters": {"p": {"type": "String"}}, "parameters": {"p": "x"}},
        {"definition.parameters": {"p": {"type": "String"}}, "parameters": {"p": {"value": "x"}}},
    ),
    Refusal(
        f"{TERRAFORM}/issues/15467",
        PATTERN,
        "budget",
        "start_date must be first of the month, got day 18",
        {"timePeriod": {"startDate": f"{NEXT_MONTH}-18T00:00:00Z"}},
        {"timePeriod": {"startDate": f"{NEXT_MONTH}-01T00:00:00Z"}},
    ),
    Refusal(
        f"{TERRAFORM}/pull/12121",
        RANGE,
        "budget",
        "start_date for monthly time grain should not be prior to the current month",
        {"timePeriod": {"startDate": "2020-11-01T00:00:00Z"}},
        {"timePeriod": {"startDate": f"{NEXT_MONTH}-01T00:00:00Z"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/1286",
        ENUM,
        "budget",
        "thresholdType is 'Forecasted', not 'Forecast'",
        _notice("Forecast"),
        _notice("Forecasted"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-service-operator/issues/997",
        PATTERN,
        "network",
        "InvalidAddressPrefixFormat: It should follow CIDR notation, for example 10.0.0.0/24",
        {"subnets": [{"name": "test1", "addressPrefix": "10.0.0.0"}]},
        {"subnets": [{"name": "test1", "addressPrefix": "10.0.0.0/24"}]},
    ),
    Refusal(
        f"{CLI}/issues/10917",
        REFERENCE,
        "subnet",
        "Subnet 'private-dmz' is not valid in virtual network 'dmz': it overlaps another",
        {"addressPrefix": "10.0.0.0/27"},
        {"addressPrefix": "10.0.0.32/27"},
        NEIGHBOUR,
    ),
    Refusal(
        f"{DOCS}/issues/91214",
        REFERENCE,
        "subnet",
        "The subnet address range is not contained in this virtual network's address spaces",
        {"addressPrefix": "10.1.0.0/24"},
        {"addressPrefix": "10.0.0.0/24"},
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-azure/issues/342",
        ENUM,
        "subnet",
        "InvalidServiceNameOnDelegation: Microsoft.Network/managedResolvers is not valid",
        _delegations("Microsoft.Network/managedResolvers"),
        _delegations("Microsoft.Network/dnsResolvers"),
        accepted="the provider for Terraform has it among the right ones",
    ),
    Refusal(
        f"{DOCS}/issues/28698",
        RANGE,
        "subnet",
        "only one delegation is applied to one subnet",
        _delegations("Microsoft.Web/serverFarms", "Microsoft.ContainerInstance/containerGroups"),
        _delegations("Microsoft.Web/serverFarms"),
    ),
]
ROLES = [
    Refusal(
        f"{CLI}/issues/10641",
        PATTERN,
        "role",
        "an assignable scope does not end with an asterisk",
        {"assignableScopes": [f"/subscriptions/{SUBSCRIPTION}/*"]},
        {"assignableScopes": [f"/subscriptions/{SUBSCRIPTION}"]},
    ),
    Refusal(
        f"{GITHUB}/LeanerCloud/CUDly/pull/1800",
        ENUM,
        "role",
        "InvalidActionOrNotAction: Microsoft.Capacity/reservationOrders/purchase/action",
        {"permissions[0].actions": ["Microsoft.Capacity/reservationOrders/purchase/action"]},
        {"permissions[0].actions": ["Microsoft.Capacity/reservationOrders/write"]},
        accepted=UNLISTED,
    ),
    Refusal(
        f"{TERRAFORM}/issues/24576",
        EXCLUSIVE,
        "role",
        "InvalidDataActionOrNotDataAction: Microsoft.DocumentDB/databaseAccounts/delete",
        {"permissions": [{"dataActions": ["Microsoft.DocumentDB/databaseAccounts/delete"]}]},
        {"permissions": [{"actions": ["Microsoft.DocumentDB/databaseAccounts/delete"]}]},
    ),
    Refusal(
        f"{GITHUB}/Azure/modern-web-app-pattern-dotnet/pull/129",
        REFERENCE,
        "assignment",
        "UnmatchedPrincipalType: has type 'ServicePrincipal', different from 'User'",
        {"principalType": "User"},
        {"principalType": "ServicePrincipal"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-rest-api-specs/issues/11830",
        ENUM,
        "assignment",
        "principalType MSI is refused",
        {"principalType": "MSI"},
        {"principalType": "ServicePrincipal"},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep/issues/8737",
        PATTERN,
        "assignment",
        "InvalidRoleAssignmentId: The role assignment ID must be a GUID",
        {"roleAssignmentName": "test-ra"},
        {"roleAssignmentName": "6390e1c9-6574-4ba5-9332-26a8ef84bbbb"},
    ),
]
