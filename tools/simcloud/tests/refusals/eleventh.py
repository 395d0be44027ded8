"""An eleventh round: threads read after the rules of the tenth had been written."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.documents import KEY_POLICY, policy, statement

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
from refusals.ninth import AZURERM, READER, TERRAFORM_AWS

ACCOUNT = "arn:aws:iam::123456789012"
ROOT = {"AWS": f"{ACCOUNT}:root"}
SUBJECT = {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:o/r:ref:refs/heads/m"}}
STOP = "arn:aws:automate:eu-central-1:ec2:stop"
TRANSFORMED = "metricTransformation"
OWN = {"name": "own", "policy": KEY_POLICY}


def _trusted(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"assumeRolePolicy": policy(statement(Action=action, Principal=principal, **more))}


def _keyed(principal: str) -> dict[str, Any]:
    grant = statement(Action="kms:Decrypt", Resource="*", Principal={"AWS": principal})
    owned = statement(Action="kms:*", Resource="*", Principal=ROOT)
    return {"policy": policy(owned, grant)}


def _published(action: str, **more: Any) -> dict[str, Any]:
    shared = {"Action": action, "Resource": "${topic.arn}", "Principal": ROOT}
    elements = {key: value for key, value in {**shared, **more}.items() if value is not None}
    return {"policy": policy(statement(**elements))}


def _metrics(count: int) -> dict[str, Any]:
    metric = {
        "metricName": "Invocations",
        "namespace": "AWS/SageMaker",
        "period": 60,
        "stat": "Sum",
    }
    queries: list[dict[str, Any]] = [{"id": f"m{at}", "metric": metric} for at in range(count)]
    queries.append({"id": "e1", "expression": "SUM(METRICS())", "returnData": True})
    single = ("namespace", "metricName", "dimensions", "statistic", "period")
    return {"metricQueries": queries, **dict.fromkeys(single, REMOVED)}


def _counted(pattern: str, **more: Any) -> dict[str, Any]:
    counted = {"name": "errors", "namespace": "sim", "value": "1", **more}
    return {"pattern": pattern, TRANSFORMED: counted}


def _ingress(block: str) -> dict[str, Any]:
    way = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [block]}
    return {"ingress": [way]}


def _notified(queue: str) -> dict[str, Any]:
    return {"queues": [{"queueArn": queue, "events": ["s3:ObjectCreated:*"]}]}


LET_IN = policy(
    statement(
        Action="sqs:SendMessage",
        Resource="*",
        Principal={"Service": "s3.amazonaws.com"},
    )
)
QUEUES = (
    ("shut", "queue", {"name": "shut"}),
    ("open", "queue", {"name": "open", "policy": LET_IN}),
)
DIMENSION = {"dimensions": {"service": "$.service"}}
JSON_ERRORS = '{ $.level = "ERROR" }'

AWS = [
    Refusal(
        f"{GITHUB}/Young-ook/terraform-aws-eks/issues/139",
        POLICY,
        "role",
        "who is federated is a provider, no role",
        _trusted({"Federated": f"{ACCOUNT}:role/cluster"}, "sts:AssumeRoleWithWebIdentity"),
        _trusted({"Federated": "${oidc.arn}"}, "sts:AssumeRoleWithWebIdentity", Condition=SUBJECT),
    ),
    Refusal(
        f"{GITHUB}/lyft/metadataproxy/issues/53",
        POLICY,
        "rolepolicy",
        "the policy of a role has no principal",
        {"policy": policy(statement(Action="sts:AssumeRole", Principal=ROOT))},
        {"policy": policy(statement(Action="sts:AssumeRole", Resource="*"))},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/anthos-samples/issues/357",
        POLICY,
        "key",
        "a principal of a key is there",
        _keyed(
            f"{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        ),
        _keyed("${role.arn}"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/15771",
        POLICY,
        "role",
        "a principal of a role is there",
        _trusted({"AWS": f"{ACCOUNT}:role/nodes.production"}),
        _trusted({"AWS": "${other.arn}"}),
        (("other", "role", {"name": "other"}),),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/29331",
        EXCLUSIVE,
        "alarm",
        "an instance is stopped by a metric of its own",
        {"alarmActions": [STOP]},
        {
            "alarmActions": [STOP],
            "namespace": "AWS/EC2",
            "metricName": "CPUUtilization",
            "dimensions": {"InstanceId": "i-0123456789abcdef0"},
        },
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/24509",
        RANGE,
        "alarm",
        "an alarm has at most ten metrics",
        _metrics(11),
        _metrics(10),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/28881",
        EXCLUSIVE,
        "logfilter",
        "dimensions are for patterns of fields",
        _counted("?ERROR ?WARN", **DIMENSION),
        _counted(JSON_ERRORS, **DIMENSION),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cloudformation-coverage-roadmap/issues/1839",
        PATTERN,
        "logfilter",
        "a dimension is a field",
        _counted(JSON_ERRORS, dimensions={"ClusterName": "cluster"}),
        _counted(JSON_ERRORS, dimensions={"ClusterName": "$.cluster"}),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/19608",
        EXCLUSIVE,
        "logfilter",
        "a metric with dimensions has no default",
        _counted(JSON_ERRORS, defaultValue="0", **DIMENSION),
        _counted(JSON_ERRORS, **DIMENSION),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/12740",
        POLICY,
        "topicpolicy",
        "an action is one on a topic",
        _published("sns:CreateTopic"),
        _published("sns:Publish"),
    ),
    Refusal(
        f"{GITHUB}/cdklabs/cdk-nag/issues/676",
        POLICY,
        "topicpolicy",
        "not every action is one on a topic",
        _published("sns:*"),
        _published("sns:Publish"),
    ),
    Refusal(
        f"{GITHUB}/serverless/serverless/issues/5519",
        POLICY,
        "topicpolicy",
        "a principal is written so",
        _published("sns:Publish", Principal=None, Principle={"AWS": "*"}),
        _published("sns:Publish", Principal={"AWS": "*"}),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cli/issues/3143",
        POLICY,
        "topicpolicy",
        "an action on a subscription is none on a topic",
        _published("sns:SetSubscriptionAttributes"),
        _published("sns:ListSubscriptionsByTopic"),
    ),
    Refusal(
        f"{GITHUB}/aws-controllers-k8s/community/issues/1878",
        PATTERN,
        "alias",
        "an alias begins with alias/",
        {"name": "alias-rds-dbserver-8"},
        {"name": "alias/rds-dbserver-8"},
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/12891",
        PATTERN,
        "alias",
        "an alias has no colon",
        {"name": "alias/Service:Test"},
        {"name": "alias/Service-Test"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/20127",
        REFERENCE,
        "notification",
        "a queue lets the service in",
        _notified("${shut.arn}"),
        _notified("${open.arn}"),
        QUEUES,
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/4641",
        RANGE,
        "security",
        "a block begins where its mask says",
        _ingress("92.68.201.91/29"),
        _ingress("92.68.201.88/29"),
    ),
]

SUBSCRIBED = READER.split("/providers", maxsplit=1)[0]
CALL = {"type": "Http", "inputs": {"method": "GET", "uri": "https://example.org"}}
RUNBOOK = {
    "automationAccountId": f"{SUBSCRIBED}/resourceGroups/g/providers/"
    "Microsoft.Automation/automationAccounts/a",
    "runbookName": "restart",
    "webhookResourceId": f"{SUBSCRIBED}/resourceGroups/g/providers/"
    "Microsoft.Automation/automationAccounts/a/webhooks/w",
    "isGlobalRunbook": False,
    "serviceUri": "https://example.org",
}


def _after(name: str) -> dict[str, Any]:
    actions = {"first": CALL, "second": {**CALL, "runAfter": {name: ["Succeeded"]}}}
    schema = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/"
    head = {"$schema": f"{schema}2016-06-01/workflowdefinition.json#", "contentVersion": "1.0.0.0"}
    return {"definition": {**head, "triggers": {}, "actions": actions}}


def _happened(*conditions: tuple[str, str]) -> dict[str, Any]:
    return {"condition": {"allOf": [{"field": key, "equals": value} for key, value in conditions]}}


HEALTH = ("category", "ResourceHealth")
NETWORK_RULES = {"networkRuleSet": {"defaultAction": "Deny"}}

AZURE = [
    Refusal(
        f"{GITHUB}/Azure/avdaccelerator/issues/589",
        REFERENCE,
        "logic",
        "an action runs after one that is there",
        _after("third"),
        _after("first"),
    ),
    Refusal(
        f"{AZURERM}/issues/23286",
        MISSING,
        "query",
        "a total is one of a column",
        {"criteria.allOf[0].timeAggregation": "Total"},
        {
            "criteria.allOf[0].timeAggregation": "Total",
            "criteria.allOf[0].metricMeasureColumn": "drift",
        },
    ),
    Refusal(
        f"{AZURERM}/issues/29540",
        EXCLUSIVE,
        "activity",
        "the health of a resource has no level Error",
        _happened(HEALTH, ("level", "Error")),
        _happened(HEALTH),
    ),
    Refusal(
        f"{AZURERM}/issues/17357",
        REFERENCE,
        "assignment",
        "a principal is in the directory",
        {"principalId": "727055f9-0386-4ccb-bcf1-9237237ee102"},
        {"principalId": "${identity.principalId}"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/37424",
        REFERENCE,
        "assignment",
        "a principal is no client",
        {"principalId": "${identity.clientId}"},
        {"principalId": "${identity.principalId}"},
    ),
    Refusal(
        f"{AZURERM}/issues/24838",
        EXCLUSIVE,
        "registry",
        "rules of networks are for the premium tier",
        NETWORK_RULES,
        {**NETWORK_RULES, "sku": {"name": "Premium"}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/10917",
        RANGE,
        "subnet",
        "subnets do not overlap",
        {"addressPrefix": "10.0.2.0/27"},
        {"addressPrefix": "10.0.2.32/27"},
        (("first", "subnet", {"subnetName": "first", "addressPrefix": "10.0.2.0/28"}),),
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-azure/issues/342",
        ENUM,
        "subnet",
        "a subnet is delegated to a service that takes it",
        {"delegations": [{"name": "a", "serviceName": "Microsoft.Network/managedResolvers"}]},
        {"delegations": [{"name": "a", "serviceName": "Microsoft.Network/dnsResolvers"}]},
        accepted="the provider for Terraform has it among the right ones",
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/37405",
        MISSING,
        "actions",
        "a runbook that is called has a name here",
        {"automationRunbookReceivers": [RUNBOOK]},
        {"automationRunbookReceivers": [{**RUNBOOK, "name": "restart"}]},
    ),
]

DRIFTED = 'metric.type="custom.googleapis.com/drift"'
CONDITION = "conditions[0].conditionThreshold"
DECRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


def _aggregated(**more: str) -> dict[str, Any]:
    aggregation = {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MEAN", **more}
    return {
        f"{CONDITION}.aggregations": [
            {**aggregation, "groupByFields": ["resource.label.project_id"]}
        ]
    }


def _logged(text: str) -> dict[str, Any]:
    return {
        "conditions": [{"displayName": "d", "conditionMatchedLog": {"filter": text}}],
        "alertStrategy": {"notificationRateLimit": {"period": "300s"}},
    }


GCP = [
    Refusal(
        f"{PROVIDER}/issues/28234",
        MISSING,
        "workflow",
        "a workflow has a source",
        {"sourceContents": REMOVED},
    ),
    Refusal(
        f"{PROVIDER}/issues/7179",
        MISSING,
        "policy",
        "a filter says the type of the resource",
        {f"{CONDITION}.filter": DRIFTED},
        {f"{CONDITION}.filter": f'{DRIFTED} AND resource.type="global"'},
    ),
    Refusal(
        f"{PROVIDER}/issues/16366",
        MISSING,
        "policy",
        "groups are reduced",
        _aggregated(),
        _aggregated(crossSeriesReducer="REDUCE_SUM"),
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/395",
        TEXT,
        "policy",
        "no quote is left over",
        _logged('severity=ERROR -resource.labels.backend_service_name=staging-ing-vuln"'),
        _logged('severity=ERROR -resource.labels.backend_service_name="staging-ing-vuln"'),
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-github-actions-runners/issues/261",
        MISSING,
        "provider",
        "GitHub's tokens need a condition",
        {"attributeCondition": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/4330",
        PATTERN,
        "storageagent",
        "a member says what it is",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-python/issues/10499",
        REFERENCE,
        "accountmember",
        "a role of buckets is none of accounts",
        {"role": "roles/storage.objectCreator"},
        {"role": "roles/iam.serviceAccountTokenCreator"},
    ),
    Refusal(
        f"{PROVIDER}/issues/9130",
        REFERENCE,
        "bucketmember",
        "a role is one of buckets",
        {"role": "roles/storage.viewer"},
        {"role": "roles/storage.objectViewer"},
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/10650",
        EXCLUSIVE,
        "projectmember",
        "an owner from elsewhere is invited",
        {"role": "roles/owner", "member": "user:devth@devth.com"},
        {"role": "roles/editor", "member": "user:devth@devth.com"},
        accepted="who belongs to the organization is not known",
    ),
    Refusal(
        f"{GITHUB}/ollionorg/gcp-landing-zone/pull/59",
        REFERENCE,
        "bucket",
        "the service may use the key",
        {"encryption": {"defaultKmsKeyName": "${fresh.id}"}},
        {"encryption": {"defaultKmsKeyName": "${key.id}"}},
        (("fresh", "key", {"name": "fresh"}),),
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-docs-samples/pull/334",
        REFERENCE,
        "dataset",
        "the service of the data may use the key",
        {"defaultEncryptionConfiguration": {"kmsKeyName": "${key.id}"}},
    ),
    Refusal(
        f"{PROVIDER}/issues/4085",
        MISSING,
        "dataset",
        "access is somebody's",
        {"accesses": [{"role": "OWNER"}]},
        {"accesses": [{"role": "OWNER", "specialGroup": "projectOwners"}]},
    ),
]
ELEVENTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
