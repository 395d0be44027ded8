"""A ninth round, after the references of every service had been read for limits once more."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION
from samples.documents import policy, statement, trust

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.fourth import PROVIDER

SSM = "arn:aws:ssm:eu-central-1:123456789012"
AZURERM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
TERRAFORM_AWS = f"{GITHUB}/hashicorp/terraform-provider-aws"
RULE_OF = "conditions[0].conditionThreshold"
RATE = {"notificationRateLimit": {"period": "300s"}}


def _target(arn: str, **more: Any) -> dict[str, Any]:
    return {"arn": arn, "sagemakerPipelineTarget": REMOVED, **more}


def _letters(**more: Any) -> dict[str, Any]:
    return {"redrivePolicy": json.dumps({"deadLetterTargetArn": "${queue.arn}", **more})}


AWS = [
    Refusal(
        f"{GITHUB}/awslabs/spot-tagging-bot-for-digital-assets/issues/2",
        EXCLUSIVE,
        "config",
        "a configuration is there already",
        {},
        {"name": "flights-2"},
        (("first", "config", {"name": "flights"}),),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/6461",
        REFERENCE,
        "target",
        "a document is run by commands, an automation by its own ARN",
        _target(f"{SSM}:document/reboot"),
        _target(f"{SSM}:automation-definition/reboot"),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/17619",
        REFERENCE,
        "target",
        "targets that are built in are for the console alone",
        _target("arn:aws:events:eu-central-1:123456789012:target/reboot-instance"),
        _target("${topic.arn}", roleArn=REMOVED),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/19451",
        TEXT,
        "target",
        "a log group takes a time and a message",
        _target("${loggroup.arn}", roleArn=REMOVED, input=json.dumps({"SomeParam": "x"})),
        _target("${loggroup.arn}", roleArn=REMOVED),
    ),
    Refusal(
        f"{GITHUB}/trussworks/terraform-aws-s3-anti-virus/issues/28",
        POLICY,
        "rolepolicy",
        "a statement has resources",
        {"policy": policy(statement(Resource=[]))},
        {"policy": policy(statement(Resource=["*"]))},
    ),
    Refusal(
        f"{GITHUB}/99designs/iamy/issues/74",
        POLICY,
        "policy",
        "a document is no null",
        {"policy": "null"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/10057",
        POLICY,
        "policy",
        "an effect is written with a capital letter",
        {"policy": policy(statement(Effect="allow", Resource="*"))},
        {"policy": policy(statement(Effect="Allow", Resource="*"))},
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/13709",
        PATTERN,
        "function",
        "a role is named by its ARN",
        {"role": "${role.name}"},
        {"role": "${role.arn}"},
    ),
    Refusal(
        f"{GITHUB}/highsource/bitcoin-a-day/issues/1",
        PATTERN,
        "function",
        "an ARN has no quotes around it",
        {"kmsKeyArn": '"${key.arn}"'},
        {"kmsKeyArn": "${key.arn}"},
    ),
    Refusal(
        f"{GITHUB}/Pizzaface/Alexa-Chromecast-Skill-2.0/issues/9",
        REFERENCE,
        "function",
        "the role trusts the service",
        {"role": "${other.arn}"},
        {"role": "${role.arn}"},
        (("other", "role", {"name": "other", "assumeRolePolicy": trust("ec2")}),),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/aws-service-catalog-reference-architectures/issues/108",
        REFERENCE,
        "function",
        "the code is in the bucket",
        {"s3Key": "lambda/bulkexecute_lambda.zip"},
        {"s3Key": "${object.key}"},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-sns-topic/issues/48",
        TEXT,
        "subscription",
        "a subscription counts no receives",
        _letters(maxReceiveCount=5),
        _letters(),
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/issues/8816",
        EXCLUSIVE,
        "subscription",
        "an endpoint has one subscription with its attributes",
        {},
        {"endpoint": "${other.arn}"},
        (
            ("first", "subscription", {"rawMessageDelivery": True}),
            ("other", "queue", {"name": "other"}),
        ),
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1084",
        PATTERN,
        "subscription",
        "a topic is named by its ARN",
        {"topic": "sns-topic-arn", "endpoint": "test"},
    ),
    Refusal(
        f"{GITHUB}/boto/boto3/issues/1745",
        PATTERN,
        "alarm",
        "an action is an ARN",
        {"insufficientDataActions": ["notBreaching"]},
        {"insufficientDataActions": ["${topic.arn}"]},
    ),
    Refusal(
        f"{GITHUB}/aws-samples/amazon-cloudwatch-auto-alarms/issues/61",
        REFERENCE,
        "alarm",
        "an action is in the partition",
        {"alarmActions": ["arn:aws-us-gov:sns:eu-central-1:123456789012:alarms"]},
        {"alarmActions": ["${topic.arn}"]},
    ),
]


def _role_id(text: str) -> dict[str, Any]:
    return {"roleDefinitionId": text}


ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
READER = f"{ROLES}/acdd72a7-3385-48ef-bd42-f606fba81ae7"

AZURE = [
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs-cli/issues/4467",
        MISSING,
        "workspace",
        "a workspace has what it depends on",
        {"storageAccount": REMOVED, "keyVault": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/1336",
        PATTERN,
        "lifecycle",
        "a policy is called default",
        {"managementPolicyName": "ManagementPolicy"},
        {"managementPolicyName": "default"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/20534",
        ENUM,
        "diagnostics",
        "a category is one of the resource's",
        {"logs": [{"category": "WorkflowRuntime", "enabled": True}]},
        {"logs": [{"category": "AmlComputeClusterEvent", "enabled": True}]},
    ),
    Refusal(
        f"{AZURERM}/issues/8547",
        PATTERN,
        "assignment",
        "a role is named by its id and no more",
        _role_id(f"{READER}|"),
        _role_id(READER),
    ),
    Refusal(
        f"{AZURERM}/issues/20398",
        PATTERN,
        "assignment",
        "a role is not named by its name",
        _role_id("Virtual Machine Contributor"),
        _role_id(READER),
    ),
    Refusal(
        f"{GITHUB}/Azure/terraform-azurerm-caf-enterprise-scale/issues/37",
        PATTERN,
        "role",
        "custom roles are not for the root",
        {"assignableScopes": ["/"]},
        {"assignableScopes": ["${group.id}"]},
    ),
    Refusal(
        f"{AZURERM}/issues/10728",
        EXCLUSIVE,
        "role",
        "no two roles have one name",
        {},
        {"roleName": "others"},
        (("first", "role", {"roleDefinitionId": "11111111-2222-4333-8444-555555555556"}),),
    ),
    Refusal(
        f"{AZURERM}/issues/9150",
        ENUM,
        "logs",
        "the free tier is gone",
        {"sku": {"name": "Free"}},
        {"sku": {"name": "PerGB2018"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/18259",
        MISSING,
        "query",
        "an average is one of a column",
        {"criteria.allOf[0].timeAggregation": "Average"},
        {
            "criteria.allOf[0].timeAggregation": "Average",
            "criteria.allOf[0].metricMeasureColumn": "drift",
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/22744",
        MISSING,
        "lifecycle",
        "a policy has rules",
        {"policy": {}},
    ),
]


def _logged(*filters: str) -> dict[str, Any]:
    conditions = [
        {"displayName": f"d{index}", "conditionMatchedLog": {"filter": text}}
        for index, text in enumerate(filters)
    ]
    return {"conditions": conditions, "alertStrategy": RATE}


def _query(**more: Any) -> dict[str, Any]:
    query = {
        "query": "fetch global::custom.googleapis.com/drift | condition val() > 1",
        **more,
    }
    return {"conditions": [{"displayName": "d", "conditionMonitoringQueryLanguage": query}]}


GCP = [
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/384",
        EXCLUSIVE,
        "policy",
        "a condition on logs is the only one",
        _logged("severity>=ERROR", "severity>=CRITICAL"),
        _logged("severity>=ERROR"),
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/211",
        TEXT,
        "policy",
        "quotes are in pairs",
        _logged(
            'resource.type="cloud_run_revision" resource.labels.service_name=api" severity=ERROR'
        ),
        _logged('resource.type="cloud_run_revision" resource.labels.service_name="api"'),
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/401",
        RANGE,
        "policy",
        "missing data needs a time, in a query",
        _query(duration="0s", evaluationMissingData="EVALUATION_MISSING_DATA_INACTIVE"),
        _query(duration="60s", evaluationMissingData="EVALUATION_MISSING_DATA_INACTIVE"),
    ),
    Refusal(
        f"{PROVIDER}/issues/16892",
        RANGE,
        "policy",
        "missing data needs a time",
        {
            f"{RULE_OF}.duration": "0s",
            f"{RULE_OF}.evaluationMissingData": "EVALUATION_MISSING_DATA_NO_OP",
        },
        {
            f"{RULE_OF}.duration": "60s",
            f"{RULE_OF}.evaluationMissingData": "EVALUATION_MISSING_DATA_NO_OP",
        },
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/352",
        EXCLUSIVE,
        "policy",
        "a rate is limited for logs alone",
        {"alertStrategy": RATE},
        {"alertStrategy": {"autoClose": "1800s"}},
    ),
    Refusal(
        f"{GITHUB}/googleapis/nodejs-pubsub/issues/1111",
        MISSING,
        "subscription",
        "a token goes with an address",
        {
            "pushConfig": {
                "pushEndpoint": "",
                "oidcToken": {"serviceAccountEmail": "${account.email}"},
            }
        },
        {
            "pushConfig": {
                "pushEndpoint": "https://example.org",
                "oidcToken": {"serviceAccountEmail": "${account.email}"},
            }
        },
    ),
    Refusal(
        f"{GITHUB}/brendanhay/gogol/issues/140",
        MISSING,
        "table",
        "partitions have a type",
        {"timePartitioning": {"field": "logging_time"}},
        {"timePartitioning": {"field": "logging_time", "type": "DAY"}},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/1080",
        PATTERN,
        "provider",
        "a pool is named by its last part",
        {"workloadIdentityPoolId": "${pool.id}"},
        {"workloadIdentityPoolId": "${pool.workloadIdentityPoolId}"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-kubernetes-engine/issues/916",
        REFERENCE,
        "accountmember",
        "the pool of a cluster is there",
        {"member": "serviceAccount:sim-project.svc.id.goog[argo/events]"},
    ),
]
NINTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
