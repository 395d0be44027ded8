"""A sixth round, over roles, budgets, functions, buckets and what looks at them."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from samples.azure import NEXT_MONTH

from refusals.aws import QUERIES, VARIANT
from refusals.azure import UNLISTED
from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)
from refusals.fourth import AZURERM, PROVIDER

MODULES = f"{GITHUB}/terraform-google-modules"
TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
BY_IMAGE = {
    "packageType": "Image",
    **dict.fromkeys(("s3Bucket", "s3Key", "handler", "runtime"), REMOVED),
}


def _receivers(*topics: str) -> dict[str, Any]:
    return {
        "notifications[0].subscriberSnsTopicArns": list(topics),
        "notifications[0].subscriberEmailAddresses": REMOVED,
    }


def _instances(least: int) -> dict[str, Any]:
    scaling = {"status": "ENABLED", "minInstanceCount": least, "maxInstanceCount": 2}
    return {f"{VARIANT}.managedInstanceScaling": scaling}


def _insight(**more: Any) -> dict[str, Any]:
    expression = 'INSIGHT_RULE_METRIC("rule", "UniqueContributors")'
    query = {"id": "e1", "returnData": True, "expression": expression, **more}
    return {**QUERIES, "metricQueries": [query]}


def _rules(count: int) -> dict[str, Any]:
    rule = {"status": "Enabled", "filter": {"prefix": "a/"}, "expiration": {"days": 9}}
    return {"rules": [{"id": f"r{n}", **rule} for n in range(count)]}


AWS = [
    Refusal(
        f"{GITHUB}/aprin-labs/archimedes/pull/1712",
        RANGE,
        "budget",
        "a notification has one topic at most",
        _receivers("${topic.arn}", "${second.arn}"),
        _receivers("${topic.arn}"),
        (("second", "topic", {"name": "second"}),),
    ),
    Refusal(
        f"{GITHUB}/aws-cloudformation/cfn-lint/pull/820",
        RANGE,
        "budget",
        "a threshold is more than nothing",
        {"notifications[0].threshold": 0},
        {"notifications[0].threshold": 0.1},
    ),
    Refusal(
        f"{TERRAFORM}/pull/45926",
        EXCLUSIVE,
        "config",
        "variants that scale to nothing have no model",
        _instances(0),
        {**_instances(0), f"{VARIANT}.modelName": REMOVED, "executionRoleArn": "${role.arn}"},
    ),
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-examples/issues/2236",
        PATTERN,
        "model",
        "a model's name has no spaces",
        {"name": "ENTER MODEL NAME"},
        {"name": "ENTER-MODEL-NAME"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/7155",
        MISSING,
        "alarm",
        "an expression that reads no metric has a period",
        _insight(),
        _insight(period=60),
    ),
    Refusal(
        f"{GITHUB}/flightstats/hub/issues/529",
        RANGE,
        "lifecycle",
        "a bucket has 1000 rules at most",
        _rules(1001),
        _rules(1000),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform-environments/pull/9383",
        EXCLUSIVE,
        "endpoint",
        "an endpoint's name is taken once",
        {"name": "twin"},
        {"name": "other"},
        (("twin", "endpoint", {"name": "twin"}),),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform/pull/2419",
        PATTERN,
        "function",
        "an image is one of ECR",
        {**BY_IMAGE, "imageUri": "instance-scheduler-ecr-repo:latest"},
        {**BY_IMAGE, "imageUri": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sim:latest"},
    ),
    Refusal(
        f"{GITHUB}/cloudposse/terraform-aws-datadog-lambda-forwarder/pull/76",
        ENUM,
        "function",
        "a runtime that ended runs no new functions",
        {"runtime": "python3.7"},
        {"runtime": "python3.13"},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/pull/16845",
        PATTERN,
        "parameter",
        "a parameter's name has no spaces",
        {"name": "/sim/a b"},
        {"name": "/sim/a-b"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi/issues/5078",
        PATTERN,
        "function",
        "a role is told by its ARN",
        {"role": "${role.id}"},
        {"role": "${role.arn}"},
    ),
]


def _granted(*actions: str, **more: Any) -> dict[str, Any]:
    return {"permissions": [{"actions": list(actions), **more}]}


def _filtered(operator: str) -> dict[str, Any]:
    advanced_filter = {"operatorType": operator, "key": "subject", "values": ["drift"]}
    return {"filter": {"advancedFilters": [advanced_filter]}}


AZURE = [
    Refusal(
        f"{GITHUB}/Azure/azure-powershell/issues/9800",
        REFERENCE,
        "role",
        "an action is one of a provider that there is",
        _granted("Microsoft.Insight/alertRules/*"),
        _granted("Microsoft.Insights/alertRules/*"),
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/10641",
        PATTERN,
        "role",
        "a scope has no star",
        {"assignableScopes": [f"{'${group.id}'}/*"]},
        {"assignableScopes": ["${group.id}"]},
    ),
    Refusal(
        f"{GITHUB}/Microsoft365DSC/Microsoft365DSC/issues/7077",
        EXCLUSIVE,
        "role",
        "a role of one's own is not for all of the tenant",
        {"assignableScopes": ["/"]},
        {"assignableScopes": ["${group.id}"]},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/31926",
        REFERENCE,
        "role",
        "an action is one of its provider's",
        _granted("Microsoft.App/managedEnvironments/PrivateEndpointConnectionsApproval/action"),
        _granted("Microsoft.App/managedEnvironments/read"),
        accepted=UNLISTED,
    ),
    Refusal(
        f"{GITHUB}/LeanerCloud/CUDly/pull/1800",
        REFERENCE,
        "role",
        "an action is one of its provider's",
        _granted("Microsoft.Capacity/reservationOrders/purchase/action"),
        _granted("Microsoft.Capacity/reservationOrders/read"),
        accepted=UNLISTED,
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/pipelines-azureml/issues/19",
        PATTERN,
        "compute",
        "an instance's name does not end in a minus and a number",
        {
            "computeName": "cpu-cluster-1",
            "properties.computeType": "ComputeInstance",
            "properties.properties": {"vmSize": "Standard_DS3_v2"},
        },
        {
            "computeName": "cpu-cluster1",
            "properties.computeType": "ComputeInstance",
            "properties.properties": {"vmSize": "Standard_DS3_v2"},
        },
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/issues/31598",
        RANGE,
        "federated",
        "a credential has one audience",
        {"audiences": []},
        {"audiences": ["api://AzureADTokenExchange"]},
    ),
    Refusal(
        f"{GITHUB}/zioproto/istio-aks-example/issues/6",
        MISSING,
        "federated",
        "a credential has an issuer",
        {"issuer": ""},
        {"issuer": "https://example.org/"},
    ),
    Refusal(
        f"{GITHUB}/Azure/azure-cli/pull/9511",
        ENUM,
        "events",
        "an operator is one of the list",
        _filtered("StringMatches"),
        _filtered("StringContains"),
    ),
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/27024",
        EXCLUSIVE,
        "logs",
        "the cap of the free tier does not change",
        {
            "sku": {"name": "Free"},
            "retentionInDays": 7,
            "workspaceCapping": {"dailyQuotaGb": 0.6},
        },
        {
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "workspaceCapping": {"dailyQuotaGb": 0.6},
        },
    ),
    Refusal(
        f"{AZURERM}/issues/15467",
        PATTERN,
        "budget",
        "a budget begins with a month",
        {"timePeriod": {"startDate": f"{NEXT_MONTH}-18T00:00:00Z"}},
        {"timePeriod": {"startDate": f"{NEXT_MONTH}-01T00:00:00Z"}},
    ),
]


def _deleted(**condition: Any) -> dict[str, Any]:
    return {"lifecycleRules": [{"action": {"type": "Delete"}, "condition": condition}]}


def _retention(seconds: int) -> dict[str, Any]:
    return {"softDeletePolicy": {"retentionDurationSeconds": seconds}}


GCP = [
    Refusal(
        f"{PROVIDER}/issues/12585",
        MISSING,
        "bucket",
        "a rule has a condition",
        _deleted(),
        _deleted(age=1),
    ),
    Refusal(
        f"{GITHUB}/googleapis/storage-testbench/pull/593",
        RANGE,
        "bucket",
        "what is deleted is kept for seven days at least",
        _retention(6 * 86_400),
        _retention(7 * 86_400),
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-node/pull/2240",
        RANGE,
        "subscription",
        "messages are kept for ten minutes at least",
        {"messageRetentionDuration": "300s"},
        {"messageRetentionDuration": "600s"},
    ),
    Refusal(
        f"{PROVIDER}/issues/10184",
        ENUM,
        "registry",
        "a place is one that there is",
        {"location": "eu-west3"},
        {"location": "europe-west3"},
    ),
    Refusal(
        f"{PROVIDER}/issues/3408",
        REFERENCE,
        "role",
        "a permission is one that there is, in its letters",
        {"permissions": ["iam.serviceaccountkeys.get"]},
        {"permissions": ["iam.serviceAccountKeys.get"]},
    ),
    Refusal(
        f"{MODULES}/terraform-google-iam/issues/158",
        EXCLUSIVE,
        "role",
        "a project's role has no permission of organizations",
        {"permissions": ["resourcemanager.projects.list"]},
        {"permissions": ["resourcemanager.projects.get"]},
    ),
    Refusal(
        f"{MODULES}/terraform-google-service-accounts/issues/31",
        REFERENCE,
        "projectmember",
        "a permission is no role",
        {"role": "roles/cloudsql.instances.connect"},
        {"role": "roles/cloudsql.client"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-iam/issues/219",
        REFERENCE,
        "projectmember",
        "a role of one's own is told with its project",
        {"role": "roles/custom.vertex.prediction"},
        {"role": "${role.name}"},
    ),
]
SIXTH = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
