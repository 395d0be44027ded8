"""A fourth round: what services answer of two fields, and of what a reference points at."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.azure import SUBSCRIPTION_ID
from samples.documents import KEY_POLICY, policy, statement

from refusals.aws import QUERIES, VARIANT
from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    ORDERING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

ACCOUNT_ROOT = "arn:aws:iam::123456789012"
AZURERM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
PROVIDER = f"{GITHUB}/hashicorp/terraform-provider-google"
POLICIES = "properties.accessPolicies"
STATISTIC = "metricQueries[0].metric.stat"
NO_CAPTURE = {
    "dataCaptureConfig": REMOVED,
    f"{VARIANT}.instanceType": REMOVED,
    f"{VARIANT}.initialInstanceCount": REMOVED,
}
IMAGE = "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"
PREDEFINED = "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification"


def _key_for(principal: str) -> dict[str, Any]:
    document = json.loads(KEY_POLICY)
    document["Statement"].append(
        statement(Action="kms:Decrypt", Resource="*", Principal={"AWS": principal})
    )
    return {"policy": json.dumps(document)}


def _events(*queues: dict[str, Any]) -> dict[str, Any]:
    created = ["s3:ObjectCreated:*"]
    return {
        "eventbridge": False,
        "queues": [{"queueArn": "${told.arn}", "events": created, **queue} for queue in queues],
    }


FROM_BUCKET = policy(
    statement(
        Action="sqs:SendMessage",
        Resource="${told.arn}",
        Principal={"Service": "s3.amazonaws.com"},
    )
)
SENDS = (
    ("told", "queue", {"name": "told"}),
    ("frombucket", "queuepolicy", {"queueUrl": "${told.url}", "policy": FROM_BUCKET}),
)


def _template(text: str) -> dict[str, Any]:
    return {
        "arn": "${queue.arn}",
        "roleArn": REMOVED,
        "sagemakerPipelineTarget": REMOVED,
        "inputTransformer": {"inputPaths": {"id": "$.id"}, "inputTemplate": text},
    }


def _containers(mode: str | None = None, **more: Any) -> dict[str, Any]:
    container = {"image": IMAGE, "modelDataUrl": "s3://sim-bucket/model.tar.gz"}
    if mode:
        container["mode"] = mode
    return {
        "primaryContainer": REMOVED,
        "containers": [{**container, **{k: f"{v}{n}" for k, v in more.items()}} for n in (1, 2)],
    }


def _serverless(**more: Any) -> dict[str, Any]:
    config = {"maxConcurrency": 5, **more}
    return {
        **NO_CAPTURE,
        f"{VARIANT}.serverlessConfig": config,
        f"{VARIANT}.modelName": "${open.name}",
    }


# A model without a network, which serverless variants do not have.
OPEN = ("open", "model", {"name": "open", "vpcConfig": REMOVED})


def _expire(**more: Any) -> dict[str, Any]:
    selection = {"tagStatus": "untagged", "countNumber": 5, **more.pop("selection")}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire", **more}}
    return {"policy": json.dumps({"rules": [rule]})}


COUNT, PUSHED = "imageCountMoreThan", "sinceImagePushed"

AWS = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/19567",
        ENUM,
        "alarm",
        "the statistic of a metric query is one that there is",
        {
            **QUERIES,
            "metricQueries": [
                {
                    **QUERIES["metricQueries"][0],
                    "metric": {**QUERIES["metricQueries"][0]["metric"], "stat": "Avg"},
                }
            ],
        },
        {
            **QUERIES,
            "metricQueries": [
                {
                    **QUERIES["metricQueries"][0],
                    "metric": {**QUERIES["metricQueries"][0]["metric"], "stat": "p95"},
                }
            ],
        },
    ),
    Refusal(
        f"{GITHUB}/awslabs/minimum-viable-dataspace-on-aws/issues/6",
        REFERENCE,
        "key",
        "a role that a key's policy names has to exist",
        _key_for(f"{ACCOUNT_ROOT}:role/Nobody"),
        _key_for("${admin.arn}"),
        (("admin", "role", {"name": "Admin"}),),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-vpc-flow-logs-s3-bucket/pull/27",
        PATTERN,
        "key",
        "a principal's ARN has all its parts",
        _key_for("arn:aws::123456789012:root"),
        _key_for(f"{ACCOUNT_ROOT}:root"),
    ),
    Refusal(
        f"{GITHUB}/minio/minio/issues/2472",
        EXCLUSIVE,
        "notification",
        "two configurations share no event",
        _events({}, {}),
        _events({"filterPrefix": "a/"}, {"filterPrefix": "b/"}),
        SENDS,
    ),
    Refusal(
        f"{GITHUB}/aws-solutions/aws-waf-security-automations/issues/49",
        EXCLUSIVE,
        "notification",
        "overlapping prefixes have suffixes that do not overlap",
        _events(
            {"filterPrefix": "a/", "filterSuffix": "jpg"},
            {"filterPrefix": "a/b", "filterSuffix": ".jpg"},
        ),
        _events(
            {"filterPrefix": "a/", "filterSuffix": ".png"},
            {"filterPrefix": "a/b", "filterSuffix": ".jpg"},
        ),
        SENDS,
    ),
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/issues/5597",
        EXCLUSIVE,
        "expiry",
        "a count of images has no unit",
        _expire(selection={"countType": COUNT, "countUnit": "days"}),
        _expire(selection={"countType": COUNT}),
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/issues/158",
        TEXT,
        "expiry",
        "an action has no null in it",
        _expire(selection={"countType": COUNT}, targetStorageClass=None),
        _expire(selection={"countType": PUSHED, "countUnit": "days"}),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/7280",
        TEXT,
        "target",
        "a template is JSON: plain text has quotes",
        _template("instance <id>"),
        _template('"instance <id>"'),
    ),
    Refusal(
        f"{GITHUB}/localstack/localstack/pull/10789",
        REFERENCE,
        "target",
        "a template has the placeholders of its paths",
        _template('{"instance": <instance>}'),
        _template('{"instance": <id>, "rule": <aws.events.rule-arn>}'),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform-provider-aws/issues/31462",
        ORDERING,
        "config",
        "provisioned concurrency is at most the highest",
        _serverless(memorySizeInMb=2048, provisionedConcurrency=6),
        _serverless(memorySizeInMb=2048, provisionedConcurrency=5),
        (OPEN,),
    ),
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/pull/2831",
        ENUM,
        "config",
        "memory comes in steps of a gigabyte",
        _serverless(memorySizeInMb=2500),
        _serverless(memorySizeInMb=3072),
        (OPEN,),
    ),
    Refusal(
        f"{GITHUB}/OElesin/sagemaker-autopilot-step-functions/issues/10",
        EXCLUSIVE,
        "model",
        "of several containers none has many models",
        _containers("MultiModel"),
        _containers("SingleModel"),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/pull/37732",
        MISSING,
        "model",
        "containers that are called directly have names",
        {**_containers(), "inferenceExecutionConfig": {"mode": "Direct"}},
        {**_containers(containerHostname="c"), "inferenceExecutionConfig": {"mode": "Direct"}},
    ),
    Refusal(
        f"{GITHUB}/philschmid/terraform-aws-sagemaker-huggingface/issues/19",
        ENUM,
        "scaling",
        "a metric of one's own is no predefined one",
        {f"{PREDEFINED}.predefinedMetricType": "HasBacklogWithoutCapacity"},
        {
            f"{PREDEFINED}.predefinedMetricType": (
                "SageMakerVariantConcurrentRequestsPerModelHighResolution"
            )
        },
    ),
    Refusal(
        f"{GITHUB}/terraform-aws-modules/terraform-aws-autoscaling/issues/192",
        REFERENCE,
        "scaling",
        "a variant does not scale by requests of a load balancer",
        {f"{PREDEFINED}.predefinedMetricType": "ALBRequestCountPerTarget"},
    ),
]


def _account(kind: str, sku: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "sku": {"name": sku}, **more}


def _access(*permissions: str) -> dict[str, Any]:
    entry = {
        "tenantId": "7e4a47aa-0000-4000-8000-00000c10d000",
        "objectId": "575c7318-6fd7-41f4-b339-4cea8ac23912",
        "permissions": {"keys": ["get"], "secrets": list(permissions)},
    }
    return {"properties.enableRbacAuthorization": False, POLICIES: [entry]}


def _condition(version: str) -> dict[str, Any]:
    return {
        "condition": "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]"
        " StringEquals 'foo'",
        "conditionVersion": version,
    }


AZURE = [
    Refusal(
        f"{AZURERM}/issues/8089",
        EXCLUSIVE,
        "account",
        "StorageV2 is not replicated by zone in Premium",
        _account("StorageV2", "Premium_ZRS"),
        _account("BlockBlobStorage", "Premium_ZRS"),
    ),
    Refusal(
        f"{AZURERM}/issues/3334",
        EXCLUSIVE,
        "account",
        "BlobStorage is not Premium",
        _account("BlobStorage", "Premium_LRS", accessTier="Hot"),
        _account("BlobStorage", "Standard_LRS", accessTier="Hot"),
    ),
    Refusal(
        f"{AZURERM}/pull/24496",
        EXCLUSIVE,
        "account",
        "the first kind of account has no access tier",
        _account("Storage", "Standard_LRS", accessTier="Cool"),
        _account("StorageV2", "Standard_LRS", accessTier="Cool"),
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-azure-native/issues/2581",
        MISSING,
        "account",
        "SFTP needs a hierarchical namespace",
        {"isSftpEnabled": True},
        {"isSftpEnabled": True, "isHnsEnabled": True},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/10929",
        RANGE,
        "query",
        "a window is five minutes to two days",
        {"windowSize": "PT3M", "evaluationFrequency": "PT5M"},
        {"windowSize": "PT5M", "evaluationFrequency": "PT5M"},
    ),
    Refusal(
        f"{AZURERM}/issues/18886",
        ENUM,
        "query",
        "a window is one of the list",
        {"windowSize": "PT20M"},
        {"windowSize": "PT30M"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/119449",
        ENUM,
        "assignment",
        "a condition's version is 2.0",
        _condition("1.0"),
        _condition("2.0"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-libraries-for-net/issues/361",
        ENUM,
        "vault",
        "a permission has no space in it",
        _access("get", " list"),
        _access("get", "list"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/13247",
        EXCLUSIVE,
        "vault",
        "soft delete cannot be off",
        {"properties.enableSoftDelete": False},
        {"properties.enableSoftDelete": True},
    ),
    Refusal(
        f"{AZURERM}/issues/17210",
        REFERENCE,
        "workspace",
        "the storage of a workspace has no hierarchical namespace",
        {"storageAccount": "${lake.id}"},
        {"storageAccount": "${flat.id}"},
        (
            ("lake", "account", {"accountName": "simlake", "isHnsEnabled": True}),
            ("flat", "account", {"accountName": "simflat"}),
        ),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/pull/73788",
        REFERENCE,
        "workspace",
        "the storage of a workspace is no BlobStorage",
        {"storageAccount": "${blob2.id}"},
        {"storageAccount": "${flat.id}"},
        (
            (
                "blob2",
                "account",
                {"accountName": "simblob", "kind": "BlobStorage", "accessTier": "Hot"},
            ),
            ("flat", "account", {"accountName": "simflat"}),
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/28980",
        MISSING,
        "workspace",
        "a workspace names what it depends on",
        {"storageAccount": REMOVED, "keyVault": REMOVED, "applicationInsights": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-sdk-for-python/issues/33660",
        RANGE,
        "deployment",
        "a probe waits less than 300 seconds",
        {"properties.livenessProbe": {"timeout": "PT360S"}},
        {"properties.livenessProbe": {"timeout": "PT60S"}},
    ),
    Refusal(
        f"{GITHUB}/Azure-Samples/keyvault-rotation-storageaccountkey-powershell/issues/2",
        REFERENCE,
        "insights",
        "the workspace of a component exists",
        {
            "workspaceResourceId": f"{SUBSCRIPTION_ID}/resourceGroups/sim/providers/"
            "Microsoft.OperationalInsights/workspaces/other"
        },
    ),
]


def _bigquery(**more: Any) -> dict[str, Any]:
    return {
        "destination": "bigquery.googleapis.com/projects/sim-project/datasets/sim",
        "bigqueryOptions": {"usePartitionedTables": True},
        **more,
    }


def _columns(kind: str = "TIMESTAMP", name: str = "at", **more: Any) -> dict[str, Any]:
    columns = [{"name": "at", "type": kind}]
    columns += [{"name": letter, "type": "STRING"} for letter in "abcde"]
    return {
        "schema": json.dumps(columns),
        "timePartitioning": {"type": "DAY", "field": name},
        **more,
    }


NETWORK = "projects/123456789012/global/networks/sim"

GCP = [
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-log-export/pull/55",
        MISSING,
        "sink",
        "options of BigQuery need a writer of the sink's own",
        _bigquery(uniqueWriterIdentity=False),
        _bigquery(uniqueWriterIdentity=True),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/990",
        EXCLUSIVE,
        "sink",
        "options of BigQuery are for BigQuery",
        {"bigqueryOptions": {"usePartitionedTables": False}, "uniqueWriterIdentity": True},
        _bigquery(uniqueWriterIdentity=True),
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-ruby/pull/6314",
        RANGE,
        "subscription",
        "a message is tried 5 to 100 times",
        {"deadLetterPolicy": {"deadLetterTopic": "${topic.id}", "maxDeliveryAttempts": 3}},
        {"deadLetterPolicy": {"deadLetterTopic": "${topic.id}", "maxDeliveryAttempts": 5}},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-python/issues/10393",
        ENUM,
        "job",
        "a time zone is one of the database",
        {"timeZone": "utc+8"},
        {"timeZone": "Asia/Shanghai"},
    ),
    Refusal(
        f"{GITHUB}/memiiso/debezium-server-bigquery/issues/291",
        REFERENCE,
        "table",
        "the column of partitions is in the schema",
        _columns(name="ts"),
        _columns(name="at"),
    ),
    Refusal(
        f"{GITHUB}/data-integrations/google-cloud/pull/146",
        ENUM,
        "table",
        "the column of partitions is a date or a time",
        _columns("STRING"),
        _columns("DATE"),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/2077",
        RANGE,
        "table",
        "a table has four columns of clusters at most",
        _columns(clusterings=list("abcde")),
        _columns(clusterings=list("abcd")),
    ),
    Refusal(
        f"{PROVIDER}/issues/19413",
        EXCLUSIVE,
        "endpoint",
        "private service connect goes with no network",
        {"network": NETWORK, "privateServiceConnectConfig": {"enablePrivateServiceConnect": True}},
        {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True}},
    ),
]
FOURTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
