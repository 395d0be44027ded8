"""A thirteenth round: threads read after the rules that the twelfth asked for, and their kinds."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement, trust

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.thirteenth_measured import LAMBDA

VARIANT = "productionVariants[0]"
STEP = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
KEYED = {
    "keySource": "Microsoft.Keyvault",
    "keyVaultProperties": {
        "keyName": "sim",
        "keyVaultUri": "https://sim-vault.vault.azure.net/",
    },
}
IDENTIFIED = {
    "type": "SystemAssigned,UserAssigned",
    "userAssignedIdentities": ["${identity.id}"],
}


def _role(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"assumeRolePolicy": policy(*statements)}


def _rate(text: str) -> dict[str, Any]:
    return {"scheduleExpression": text, "eventPattern": REMOVED}


def _flow(**actions: Any) -> dict[str, Any]:
    return {"definition": {"$schema": "x", "triggers": {}, "actions": actions}}


def _stored(action: dict[str, Any]) -> dict[str, Any]:
    return {"lifecycleRules": [{"action": action, "condition": {"age": 42}}]}


AWS = [
    Refusal(
        f"{GITHUB}/localstack/localstack/pull/11828",
        TEXT,
        "composite",
        "a rule is about states of alarms",
        {"alarmRule": 'ALERT("errors")'},
        {"alarmRule": 'ALARM("errors")'},
    ),
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/issues/1623",
        ENUM,
        "config",
        "an endpoint has no machines of the type t3",
        {f"{VARIANT}.instanceType": "ml.t3.medium"},
        {f"{VARIANT}.instanceType": "ml.t2.medium"},
    ),
    Refusal(
        f"{GITHUB}/nozaq/terraform-aws-lambda-auto-package/pull/9",
        REFERENCE,
        "function",
        "the role has to make network interfaces",
        {"vpcConfig": {"subnetIds": ["${subnet.id}"], "securityGroupIds": ["${security.id}"]}},
        {"vpcConfig": {"subnetIds": [], "securityGroupIds": []}},
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-lambda/issues/182",
        PATTERN,
        "function",
        "a subnet is named by its id",
        {"vpcConfig": {"subnetIds": ["10.0.1.0/27"], "securityGroupIds": ["sg-123456789"]}},
    ),
    Refusal(
        f"{GITHUB}/stackshy/cloudemu/pull/1120",
        TEXT,
        "rule",
        "one minute is singular",
        _rate("rate(1 minutes)"),
        _rate("rate(1 minute)"),
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/issues/9284",
        TEXT,
        "schedule",
        "a rate has a unit",
        {"scheduleExpression": "rate(24h0m0s)"},
        {"scheduleExpression": "rate(24 hours)"},
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/pull/7688",
        PATTERN,
        "target",
        "an id has 64 characters of some kinds",
        {"targetId": "!@#$@!#$"},
        {"targetId": "a-b.c_1"},
    ),
    Refusal(
        "https://www.terraformpilot.com/articles/"
        "fix-terraform-error-error-creating-iam-role-malformedpolicydocument/",
        POLICY,
        "role",
        "a service has a domain",
        _role(statement(Action="sts:AssumeRole", Principal={"Service": "lambda"})),
        {"assumeRolePolicy": trust("lambda", "sagemaker", "scheduler", "events")},
    ),
    Refusal(
        "https://openillumi.com/en/en-terraform-iam-malformed-policy-document-fix",
        TEXT,
        "rolepolicy",
        "a policy begins with its bracket",
        {"policy": "  " + policy(statement(Resource="*"))},
        {"policy": policy(statement(Resource="*"))},
    ),
    Refusal(
        "https://openillumi.com/en/en-terraform-iam-role-malformed-resource-fix",
        POLICY,
        "role",
        "a trust policy has no resource",
        _role(statement(Action="s3:GetObject", Resource="arn:aws:s3:::sim-bucket/*")),
    ),
    Refusal(
        "https://taourl.com/read-2219318.html",
        POLICY,
        "rolepolicy",
        "an action has a name",
        {"policy": policy(statement(Action=[""], Resource="*"))},
        {"policy": policy(statement(Action=["*"], Resource="*"))},
    ),
]

AZURE = [
    Refusal(
        f"{GITHUB}/Azure/azure-quickstart-templates/issues/5781",
        PATTERN,
        "logic",
        "an action's name does not end with a dot",
        _flow(**{"Send_message.": STEP}),
        _flow(Send_message=STEP),
    ),
    Refusal(
        f"{GITHUB}/Azure/Azure-Sentinel/issues/887",
        REFERENCE,
        "logic",
        "an action runs after one that is there",
        _flow(For_each={**STEP, "runAfter": {"Alert_-_Get_accounts_2": ["Succeeded"]}}),
        _flow(For_each={**STEP, "runAfter": {}}),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/108584",
        REFERENCE,
        "workspace",
        "a key is in a vault that keeps what is purged",
        {
            "encryption": {
                "status": "Enabled",
                "keyVaultProperties": {
                    "keyVaultArmId": "${vault.id}",
                    "keyIdentifier": "${key.keyUriWithVersion}",
                },
            }
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/12346",
        REFERENCE,
        "account",
        "a key is in a vault that keeps what is purged",
        {
            "accountName": "simkeyed",
            "identity": IDENTIFIED,
            "encryption": {
                **KEYED,
                "encryptionIdentity": {"encryptionUserAssignedIdentity": "${identity.id}"},
            },
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-docs-bicep-samples/pull/62",
        ENUM,
        "diagnostics",
        "metrics are no category of logs",
        {"logs": [{"category": "AllMetrics", "enabled": True}]},
        {"logs": REMOVED, "metrics": [{"category": "AllMetrics", "enabled": True}]},
    ),
    Refusal(
        f"{GITHUB}/Azure/ResourceModules/issues/4550",
        EXCLUSIVE,
        "alert",
        "the scopes of an alert are of one type",
        {"scopes": ["${endpoint.id}", "${insights.id}"]},
        {"scopes": ["${endpoint.id}"]},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-monitor-baseline-alerts/issues/476",
        ENUM,
        "alert",
        "a metric is one of the resource",
        {"criteria.allOf[0].metricName": "dtu_used"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-monitor-baseline-alerts/issues/705",
        PATTERN,
        "alert",
        "an action group has an id",
        {"actions": [{"actionGroupId": ""}]},
        {"actions": [{"actionGroupId": "${actions.id}"}]},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/1651",
        PATTERN,
        "assignment",
        "a principal is named by its own id",
        {"principalId": "${identity.id}"},
        {"principalId": "${identity.principalId}"},
    ),
    Refusal(
        f"{GITHUB}/microsoft/MCW-Security-baseline-on-Azure/issues/23",
        PATTERN,
        "vault",
        "a policy is for an object's id",
        {
            "properties.enableRbacAuthorization": False,
            "properties.accessPolicies": [
                {
                    "tenantId": "7e4a47aa-0000-4000-8000-00000c10d000",
                    "objectId": "",
                    "permissions": {"keys": ["get"]},
                }
            ],
        },
    ),
]

GCP = [
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/stackdriver-metrics-export/issues/7",
        ENUM,
        "projectmember",
        "a role exists",
        {"role": "roles/compute.browser"},
        {"role": "roles/browser"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/25623",
        ENUM,
        "accountmember",
        "a role is one of service accounts",
        {"role": "roles/appengine.deployer"},
        {"role": "roles/iam.serviceAccountUser"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-google/pull/859",
        ENUM,
        "projectmember",
        "a project is not for everybody",
        {"member": "allAuthenticatedUsers"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-kubernetes-engine/issues/894",
        ENUM,
        "projectmember",
        "a role has small letters",
        {"role": "roles/compute.Admin"},
        {"role": "roles/compute.admin"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-python/pull/5877",
        MISSING,
        "bucket",
        "a change of the class has a class",
        _stored({"type": "SetStorageClass"}),
        _stored({"type": "SetStorageClass", "storageClass": "COLDLINE"}),
    ),
    Refusal(
        f"{GITHUB}/floci-io/floci-gcp/pull/174",
        PATTERN,
        "bucket",
        "a name has no two dots",
        {"name": "sim..bucket"},
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/672",
        MISSING,
        "provider",
        "an issuer of many tenants has a condition",
        {"attributeCondition": REMOVED},
    ),
]

THIRTEENTH: dict[str, list[Refusal]] = {"aws": [*AWS, *LAMBDA], "azure-native": AZURE, "gcp": GCP}
__all__ = ["THIRTEENTH"]
