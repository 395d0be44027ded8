"""What a platform made by itself on AWS is taken away, however often the service refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud.catalog.aws.common import METRIC_ALARM
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.releases import CONFIG, MODEL, SageMaker

from tools.destroy.aws import GROUP, take
from tools.destroy.exports import STACK
from training.clients.aws import client
from training.errors import UserError

REGION = "eu-central-1"
NAME, RELEASE = "mlops-dev-churn", "mlops-dev-churn-v2-0a1b2c"
OUTPUTS = {
    "target": "aws",
    "registry": f"sagemaker://{REGION}/mlops-dev",
    "models": {"churn": {"endpoint": NAME}},
}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
# The endpoint is gone, the group could not be deleted.
EXPORT: dict[str, Any] = {"deployment": {"resources": [{"type": STACK, "outputs": OUTPUTS}]}}
FAILED = {f"urn:pulumi:dev::mlops::{GROUP}::churn-entry"}


def test_a_refused_destroy_goes_on_at_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SimCloud(tmp_path) as cloud:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        client.cache_clear()
        service = SageMaker(cloud.state, REGION)
        _release(cloud, service.content(NAME))
        cloud.fail("delete", f"{CONFIG}::{RELEASE}")
        with pytest.raises(UserError, match=r"registered and released is left: .*injected"):
            take(EXPORT, EXPORT, FAILED)
        assert len(service.packages(NAME)) == 2, "as long as there are any, the group is known"
        assert take(EXPORT, EXPORT, FAILED) == [
            f"deleted what releases made for endpoint {NAME}",
            "deleted all versions of churn",
        ]
        assert not cloud.resources(CONFIG) and not cloud.resources(MODEL)
        assert not cloud.resources(METRIC_ALARM)
        assert not service.packages(NAME)
        assert take(EXPORT, EXPORT, FAILED) == []
    client.cache_clear()


def _release(cloud: SimCloud, content: str) -> None:
    """Two versions, the second of them released."""
    for version in ("1", "2"):
        cloud.put_object(content, version, b"")
    settings = {"region": REGION}
    role = cloud.seed("aws:iam/role:Role", "endpoint", {"assumeRolePolicy": TRUST}, settings)
    model = {
        "name": RELEASE,
        "executionRoleArn": role.outputs["arn"],
        "primaryContainer": {"image": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/mine:1"},
    }
    variant = {"variantName": "main", "modelName": RELEASE, "instanceType": "ml.m5.large"}
    config = {
        "name": RELEASE,
        "productionVariants": [{**variant, "initialInstanceCount": 1}],
    }
    # The first attempt deletes it, so the second finds a release without one.
    alarm = {
        "name": RELEASE,
        "namespace": "AWS/SageMaker",
        "metricName": "Invocation5XXErrors",
        "statistic": "Sum",
        "period": 60,
        "evaluationPeriods": 1,
        "threshold": 1,
        "comparisonOperator": "GreaterThanThreshold",
    }
    for token, inputs in ((MODEL, model), (CONFIG, config), (METRIC_ALARM, alarm)):
        cloud.seed(token, RELEASE, inputs, settings, by="release")
