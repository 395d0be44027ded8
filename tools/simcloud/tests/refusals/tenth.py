"""A tenth round: threads read after the rules of the ninth had been written."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import policy, statement

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
from refusals.ninth import AZURERM, TERRAFORM_AWS

HOST = "huggingface/text-generation-inference:1"
ORIGIN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity"
VPC_ONLY = {"repositoryAccessMode": "Vpc"}
SECURE = {"Bool": {"aws:SecureTransport": "false"}}
STEPS = "stepScalingPolicyConfiguration"
VERSIONS = {"newerNoncurrentVersions": 2, "noncurrentDays": 1}


def _denied(**more: Any) -> dict[str, Any]:
    shared = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": SECURE}
    return {"policy": policy(statement(**{**shared, "Resource": "${bucket.arn}/*", **more}))}


def _steps(*steps: dict[str, Any]) -> dict[str, Any]:
    configuration = {"adjustmentType": "ChangeInCapacity", "stepAdjustments": list(steps)}
    return {
        "policyType": "StepScaling",
        STEPS: configuration,
        "targetTrackingScalingPolicyConfiguration": REMOVED,
    }


def _step(lower: int, upper: int | None = None) -> dict[str, Any]:
    step = {"metricIntervalLowerBound": str(lower), "scalingAdjustment": 1}
    return step if upper is None else {**step, "metricIntervalUpperBound": str(upper)}


def _staircase(count: int) -> dict[str, Any]:
    return _steps(*[_step(at, at + 1) for at in range(count - 1)], _step(count - 1))


def _variables(**variables: str) -> dict[str, Any]:
    return {"environment": {"variables": variables}}


def _rule(**more: Any) -> dict[str, Any]:
    return {"rules": [{"id": "old", "status": "Enabled", **more}]}


def _redrive(**more: Any) -> dict[str, Any]:
    return {"redrivePolicy": json.dumps(more)}


LETTERS = _redrive(deadLetterTargetArn="${other.arn}", maxReceiveCount=3)
OTHER = (("other", "queue", {"name": "other"}),)
TRANSITION = {"days": 30, "storageClass": "GLACIER"}

AWS = [
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/pull/4700",
        PATTERN,
        "model",
        "an image from elsewhere is got through the network",
        {"primaryContainer.image": HOST},
        {"primaryContainer.image": HOST, "primaryContainer.imageConfig": VPC_ONLY},
    ),
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-examples/issues/3925",
        REFERENCE,
        "model",
        "an image for many models has a label that says so",
        {
            "primaryContainer.mode": "MultiModel",
            "primaryContainer.modelDataUrl": "s3://sim-bucket/m/",
        },
        {"primaryContainer.mode": "SingleModel"},
        accepted="the labels of images are not known",
    ),
    Refusal(
        f"{GITHUB}/aws-samples/sagemaker-ml-workflow-with-apache-airflow/issues/3",
        PATTERN,
        "model",
        "a name has letters, digits and hyphens",
        {"name": "{{ ti.xcom_pull(task_ids='model') }}"},
        {"name": "ti-xcom-pull"},
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform-environments/pull/590",
        POLICY,
        "policy",
        "a resource is an ARN or a star",
        {"policy": policy(statement(Resource=["${bucket.bucket}/*"]))},
        {"policy": policy(statement(Resource=["${bucket.arn}/*"]))},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-cloudfront-s3-cdn/issues/50",
        POLICY,
        "bucketpolicy",
        "an origin access identity has an id",
        _denied(Principal={"AWS": f"{ORIGIN} "}),
        _denied(Principal={"AWS": "${role.arn}"}),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/645",
        POLICY,
        "bucketpolicy",
        "an action on objects is on no bucket",
        _denied(Action="s3:PutObject", Resource="${bucket.arn}"),
        _denied(Action="s3:PutObject", Resource="${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/versity/versitygw/issues/649",
        POLICY,
        "bucketpolicy",
        "a principal is an account or an ARN",
        _denied(Principal={"AWS": "grt1"}),
        _denied(Principal={"AWS": "123456789012"}),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/10419",
        POLICY,
        "policy",
        "the policy of an identity has no principal",
        {"policy": policy(statement(Resource="*", Principal="*"))},
        {"policy": policy(statement(Resource="*"))},
    ),
    Refusal(
        f"{GITHUB}/rubyonjets/jets/pull/101",
        TEXT,
        "queue",
        "the keys of a redrive policy begin small",
        _redrive(DeadLetterTargetArn="${other.arn}", MaxReceiveCount=3),
        LETTERS,
        OTHER,
    ),
    Refusal(
        f"{GITHUB}/crossplane/provider-aws/pull/444",
        TEXT,
        "queue",
        "the target of dead letters has one name",
        _redrive(deadLetterQueueARN="${other.arn}", maxReceiveCount=3),
        LETTERS,
        OTHER,
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-php/issues/1952",
        PATTERN,
        "parameter",
        "a name has letters, digits and .-_/",
        {"name": "/sim/user@example"},
        {"name": "/sim/user-example"},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-ecr/issues/2",
        TEXT,
        "expiry",
        "a policy has rules",
        {"policy": json.dumps({"rules": []})},
    ),
    Refusal(
        f"{GITHUB}/awslabs/aws-appsync-app/issues/4",
        POLICY,
        "bucketpolicy",
        "the policy of a bucket is about this bucket",
        _denied(Resource="arn:aws:s3:::other-bucket/*"),
        _denied(Resource="${bucket.arn}/*"),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/27020",
        RANGE,
        "scaling",
        "a policy has at most 20 steps",
        _staircase(22),
        _staircase(20),
    ),
    Refusal(
        f"{TERRAFORM_AWS}/issues/9077",
        MISSING,
        "scaling",
        "the last step has no end",
        _steps(_step(1, 2)),
        _steps(_step(1)),
    ),
    Refusal(
        f"{GITHUB}/aws-amplify/amplify-backend/pull/2290",
        PATTERN,
        "function",
        "a variable has two letters, digits or underscores at least",
        _variables(A="x"),
        _variables(AB="x"),
    ),
    Refusal(
        f"{GITHUB}/mattermost/mattermost-cloud-monitoring/pull/264",
        EXCLUSIVE,
        "function",
        "the region is said by the service",
        _variables(AWS_REGION="eu-central-1"),
        _variables(REGION="eu-central-1"),
    ),
    Refusal(
        f"{GITHUB}/spring-cloud/spring-cloud-function/pull/659",
        PATTERN,
        "function",
        "a variable has no dots",
        _variables(**{"spring.cloud.function.definition": "uppercase"}),
        _variables(spring_cloud_function_definition="uppercase"),
    ),
    Refusal(
        f"{GITHUB}/apptension/saas-boilerplate/issues/624",
        RANGE,
        "function",
        "a name has at most 64 letters",
        {"name": "a" * 66},
        {"name": "a" * 64},
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-upjet-aws/issues/1731",
        MISSING,
        "lifecycle",
        "versions are counted where there is a filter",
        _rule(noncurrentVersionExpiration=VERSIONS),
        _rule(noncurrentVersionExpiration=VERSIONS, filter={"prefix": ""}),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-go/issues/105",
        EXCLUSIVE,
        "lifecycle",
        "a transition has days or a date",
        _rule(filter={}, transitions=[{**TRANSITION, "date": "2027-01-01T00:00:00Z"}]),
        _rule(filter={}, transitions=[TRANSITION]),
    ),
]


def _workflow(more: dict[str, Any], actions: dict[str, Any] | None = None) -> dict[str, Any]:
    address = {"method": "GET", "uri": "https://example.org"}
    standard = {"run": {"type": "Http", "inputs": address}}
    definition = {"triggers": {}, "actions": actions or standard, **more}
    return {"definition": definition}


SCHEMA = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/"
    "2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
}
LIMIT = {"parameters": {"limit": {"type": "String"}}}


def _composed(text: str) -> dict[str, Any]:
    return _workflow(SCHEMA, {"compose": {"type": "Compose", "inputs": text}})


HIERARCHY = {"isHnsEnabled": True}

AZURE = [
    Refusal(
        f"{AZURERM}/issues/22210",
        ENUM,
        "alert",
        "a metric is one of the resource's",
        {"criteria.allOf[0].metricName": "AppConnections"},
        {"criteria.allOf[0].metricName": "RequestLatency_P95"},
    ),
    Refusal(
        f"{AZURERM}/issues/10826",
        RANGE,
        "subnet",
        "a subnet is in the network",
        {"addressPrefix": "10.1.1.0/24"},
        {"addressPrefix": "10.0.2.0/24"},
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/48272",
        PATTERN,
        "logic",
        "a parameter has its value in an object",
        {**_workflow({**SCHEMA, **LIMIT}), "parameters": {"limit": "0.3"}},
        {**_workflow({**SCHEMA, **LIMIT}), "parameters": {"limit": {"value": "0.3"}}},
    ),
    Refusal(
        f"{AZURERM}/issues/4731",
        REFERENCE,
        "logic",
        "a parameter is one that the definition has",
        {**_workflow(SCHEMA), "parameters": {"noidea": {"value": "x"}}},
        {**_workflow({**SCHEMA, **LIMIT}), "parameters": {"limit": {"value": "x"}}},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/13125",
        MISSING,
        "logic",
        "a definition says its schema",
        _workflow({}),
        _workflow(SCHEMA),
    ),
    Refusal(
        f"{GITHUB}/Azure/LogicAppsUX/issues/2886",
        TEXT,
        "logic",
        "an expression can be read",
        _composed("@concat('a', 'b'"),
        _composed("@concat('a', 'b')"),
    ),
    Refusal(
        f"{AZURERM}/issues/24839",
        ENUM,
        "events",
        "a type of event is one of the topic's",
        {"filter": {"includedEventTypes": ["DatasetDriftDetected"]}},
        {
            "filter": {
                "includedEventTypes": ["Microsoft.MachineLearningServices.DatasetDriftDetected"]
            }
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/25748",
        EXCLUSIVE,
        "account",
        "a premium account of version 2 has no hierarchy",
        {"sku": {"name": "Premium_LRS"}, **HIERARCHY},
        {"sku": {"name": "Premium_LRS"}, "kind": "BlockBlobStorage", **HIERARCHY},
    ),
]

DISTRIBUTION = {"metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION"}}
COUNTER = {"metricKind": "DELTA", "valueType": "INT64"}
EXTRACTED = {"valueExtractor": "EXTRACT(jsonPayload.latency)", **DISTRIBUTION}
STEP = {"growthFactor": 2, "scale": 1}


def _labelled(*names: str) -> dict[str, Any]:
    labels = [{"key": name, "valueType": "STRING"} for name in names]
    return {
        "metricDescriptor": {**COUNTER, "labels": labels},
        "labelExtractors": {"service": "EXTRACT(resource.labels.service_name)"},
    }


def _labels(count: int) -> dict[str, Any]:
    return {"labels": [{"key": f"k{at}", "valueType": "STRING"} for at in range(count)]}


def _letters(topic: str) -> dict[str, Any]:
    return {"deadLetterPolicy": {"deadLetterTopic": topic, "maxDeliveryAttempts": 5}}


def _aged(**action: str) -> dict[str, Any]:
    return {"lifecycleRules": [{"action": action, "condition": {"age": 30}}]}


def _sunk(**more: Any) -> dict[str, Any]:
    destination = "bigquery.googleapis.com/projects/other-project/datasets/audit"
    return {"destination": destination, **more}


GCP = [
    Refusal(
        f"{GITHUB}/google/analytics-settings-database/issues/2",
        PATTERN,
        "job",
        "a job calls an address",
        {"httpTarget.uri": ""},
        {"httpTarget.uri": "https://example.org"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-cloud-storage/issues/347",
        MISSING,
        "bucket",
        "a class is set to something",
        _aged(type="SetStorageClass"),
        _aged(type="SetStorageClass", storageClass="NEARLINE"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/6531",
        REFERENCE,
        "bucket",
        "a name that is a domain belongs to who owns the domain",
        {"name": "sim.example.com"},
        {"name": "sim-example-com"},
        accepted="who owns a domain is not known",
    ),
    Refusal(
        f"{GITHUB}/googleapis/nodejs-logging/issues/684",
        REFERENCE,
        "sink",
        "a sink to elsewhere has its own writer",
        _sunk(uniqueWriterIdentity=False),
        {"uniqueWriterIdentity": False},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/berglas/issues/30",
        RANGE,
        "key",
        "a key is rotated after a day or more",
        {"rotationPeriod": "2592s"},
        {"rotationPeriod": "2592000s"},
    ),
    Refusal(
        f"{PROVIDER}/issues/5107",
        REFERENCE,
        "projectmember",
        "a custom role is named with its project",
        {"role": "roles/${role.roleId}"},
        {"role": "${role.name}"},
    ),
    Refusal(
        f"{PROVIDER}/issues/15209",
        REFERENCE,
        "trigger",
        "a trigger is where its workflow is",
        {"location": "global"},
        {"location": "europe-west4"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/831",
        ENUM,
        "trigger",
        "an attribute is one of the event's",
        {
            "transport": REMOVED,
            "matchingCriterias": [
                {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"},
                {"attribute": "bucket", "value": "${bucket.name}"},
                {
                    "attribute": "resourceName",
                    "value": "/projects/_/buckets/bucket-1/objects/*",
                    "operator": "match-path-pattern",
                },
            ],
        },
        {
            "transport": REMOVED,
            "matchingCriterias": [
                {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"},
                {"attribute": "bucket", "value": "${bucket.name}"},
            ],
        },
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/470",
        MISSING,
        "metric",
        "a label has an extractor",
        _labelled("service", "team"),
        _labelled("service"),
    ),
    Refusal(
        f"{PROVIDER}/issues/12964",
        MISSING,
        "metric",
        "there is a number of buckets",
        {**EXTRACTED, "bucketOptions": {"exponentialBuckets": STEP}},
        {**EXTRACTED, "bucketOptions": {"exponentialBuckets": {**STEP, "numFiniteBuckets": 8}}},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/2134",
        MISSING,
        "metric",
        "a descriptor has a kind and a type",
        {"metricDescriptor": {"labels": []}},
        {"metricDescriptor": COUNTER},
    ),
    Refusal(
        f"{GITHUB}/algoan/nestjs-components/issues/515",
        PATTERN,
        "subscription",
        "a topic of dead letters has its full name",
        _letters("dead_letter"),
        _letters("${letters.id}"),
        (("letters", "topic", {"name": "letters"}),),
    ),
    Refusal(
        f"{PROVIDER}/issues/6899",
        PATTERN,
        "role",
        "an id has no hyphens",
        {"roleId": "mesh-replicator-tf"},
        {"roleId": "mesh_replicator_tf"},
    ),
]
TENTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
