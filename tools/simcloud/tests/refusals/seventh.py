"""A seventh round, over policies, alarms, dashboards, log alerts and members."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.azure import SUBSCRIPTION_ID
from samples.documents import policy, statement

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

CHAINGUARD = f"{GITHUB}/chainguard-dev/terraform-infra-common"
PROVIDER = f"{GITHUB}/hashicorp/terraform-provider-google"
ROOT = "arn:aws:iam::123456789012:root"
FOR_LOGS = statement(
    Action="kms:Decrypt", Resource="*", Principal={"Service": "delivery.logs.amazonaws.com"}
)
FOR_ALL = statement(Action="kms:*", Resource="*", Principal={"AWS": ROOT})
RECOVER = "arn:aws:automate:eu-central-1:ec2:recover"


def _bucket_policy(resource: str, before: str = "") -> dict[str, Any]:
    allowed = statement(Action="s3:GetObject", Resource=resource, Principal={"AWS": ROOT})
    return {"policy": before + policy(allowed)}


def _topic_policy(**principal: Any) -> dict[str, Any]:
    return {"policy": policy(statement(Action="sns:Publish", Resource="${topic.arn}", **principal))}


def _alarms(*arns: str) -> dict[str, Any]:
    widget = {"type": "alarm", "width": 6, "height": 6, "properties": {"alarms": list(arns)}}
    return {"dashboardBody": json.dumps({"widgets": [widget]})}


AWS = [
    Refusal(
        f"{GITHUB}/claranet/terraform-aws-lambda/pull/67",
        PATTERN,
        "loggroup",
        "names that begin with the provider's are reserved",
        {"name": "AWS/sagemaker/x", "kmsKeyId": REMOVED},
        {"name": "/aws/sagemaker/x", "kmsKeyId": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-vpc-flow-logs-s3-bucket/issues/3",
        MISSING,
        "key",
        "somebody can change a key's policy",
        {"policy": policy(FOR_LOGS)},
        {"policy": policy(FOR_LOGS, FOR_ALL)},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/5217",
        REFERENCE,
        "bucketpolicy",
        "a bucket's policy is about the bucket",
        _bucket_policy("arn:aws:s3:::google.com/*"),
        _bucket_policy("${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/cloud-gov/terraform-provision/pull/574",
        TEXT,
        "bucketpolicy",
        "the first byte of a policy is a brace",
        _bucket_policy("${bucket.arn}/*", "policy = "),
        _bucket_policy("${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/trussworks/terraform-aws-s3-anti-virus/issues/21",
        PATTERN,
        "rolepolicy",
        "a resource is an ARN",
        {"policy": policy(statement(Action="sns:Publish", Resource="sns-topic-name"))},
        {"policy": policy(statement(Action="sns:Publish", Resource="${topic.arn}"))},
        (("told", "topic", {"name": "told"}),),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-sns-topic/pull/44",
        MISSING,
        "topicpolicy",
        "a topic's policy has principals",
        _topic_policy(),
        _topic_policy(Principal={"AWS": ROOT}),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/31538",
        PATTERN,
        "topicpolicy",
        "an account has twelve digits",
        _topic_policy(Principal={"AWS": "arn:aws:iam::123:root"}),
        _topic_policy(Principal={"AWS": ROOT}),
    ),
    Refusal(
        f"{GITHUB}/sysdiglabs/terraform-aws-secure-for-cloud/issues/105",
        REFERENCE,
        "subscription",
        "a topic is in the region",
        {"topic": "arn:aws:sns:us-east-1:123456789012:alarms"},
        {"topic": "${topic.arn}"},
    ),
    Refusal(
        f"{GITHUB}/triggermesh/triggermesh/issues/1306",
        PATTERN,
        "target",
        "a rule is told by its name",
        {"rule": "rule/drift"},
        {"rule": "drift"},
    ),
    Refusal(
        f"{GITHUB}/marklogic/cloud-enablement-aws/issues/82",
        EXCLUSIVE,
        "alarm",
        "an EC2 action is for a metric of an instance",
        {"alarmActions": [RECOVER]},
        {
            "alarmActions": [RECOVER],
            "namespace": "AWS/EC2",
            "metricName": "StatusCheckFailed_System",
            "dimensions": {"InstanceId": "i-0123456789abcdef0"},
        },
    ),
    Refusal(
        f"{GITHUB}/aws-solutions-library-samples/"
        "guidance-for-automating-network-monitoring-and-alerting-on-aws/issues/7",
        RANGE,
        "dashboard",
        "a widget of alarms has alarms",
        _alarms(),
        _alarms("${alarm.arn}"),
    ),
]


def _to_hub(rule: str) -> dict[str, Any]:
    space = f"{SUBSCRIPTION_ID}/resourceGroups/sim/providers/Microsoft.EventHub/namespaces/sim"
    return {"eventHubAuthorizationRuleId": f"{space}/{rule}"}


AZURE = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/2601",
        PATTERN,
        "diagnostics",
        "a rule of an event hub is its namespace's",
        _to_hub("eventhubs/sim/authorizationRules/send"),
        _to_hub("authorizationRules/send"),
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep/issues/17199",
        ENUM,
        "lifecycle",
        "the policy of an account is called default",
        {"managementPolicyName": "notDefault"},
        {"managementPolicyName": "default"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/issues/302",
        EXCLUSIVE,
        "account",
        "BlobStorage is not replicated by zone",
        {"kind": "BlobStorage", "accessTier": "Hot", "sku": {"name": "Standard_ZRS"}},
        {"kind": "BlobStorage", "accessTier": "Hot", "sku": {"name": "Standard_GRS"}},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-azurerm/pull/19342",
        MISSING,
        "query",
        "a log alert runs every so often",
        {"evaluationFrequency": REMOVED},
        {"evaluationFrequency": "PT5M"},
    ),
    Refusal(
        f"{GITHUB}/Azure/ai-hub/issues/241",
        ENUM,
        "vault",
        "purge protection cannot be off",
        {"properties.enablePurgeProtection": False},
        {"properties.enablePurgeProtection": True},
    ),
]


def _logs(*texts: str) -> dict[str, Any]:
    return {
        "conditions": [
            {"displayName": f"log {n}", "conditionMatchedLog": {"filter": text}}
            for n, text in enumerate(texts)
        ],
        "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
    }


MEMBER = "sim-steps@sim-project.iam.gserviceaccount.com"

GCP = [
    Refusal(
        f"{CHAINGUARD}/pull/352",
        EXCLUSIVE,
        "policy",
        "a policy about metrics has no rate of notifications",
        {"alertStrategy": {"notificationRateLimit": {"period": "3600s"}}},
        {"alertStrategy": {"autoClose": "3600s"}},
    ),
    Refusal(
        f"{CHAINGUARD}/pull/384",
        RANGE,
        "policy",
        "a policy about logs has one condition",
        _logs("severity>=ERROR", "severity>=WARNING"),
        _logs("severity>=ERROR"),
    ),
    Refusal(
        f"{CHAINGUARD}/pull/395",
        TEXT,
        "policy",
        "a filter has no quote too many",
        _logs('severity=ERROR\n-resource.labels.backend_service_name=enforce"'),
        _logs('severity=ERROR\n-resource.labels.backend_service_name="enforce"'),
    ),
    Refusal(
        f"{GITHUB}/premisedata/gcp-tutorials/pull/13",
        ENUM,
        "job",
        "a time zone is a place's",
        {"timeZone": "EST"},
        {"timeZone": "America/New_York"},
    ),
    Refusal(
        f"{GITHUB}/kestra-io/plugin-gcp/issues/318",
        PATTERN,
        "bucketmember",
        "a member has its type in front",
        {"member": MEMBER},
        {"member": f"serviceAccount:{MEMBER}"},
    ),
    Refusal(
        f"{PROVIDER}/issues/865",
        EXCLUSIVE,
        "projectmember",
        "a project is not for all",
        {"member": "allUsers"},
        {"member": f"serviceAccount:{MEMBER}"},
    ),
]
SEVENTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
