"""What releases leave in the simulated cloud: packages, models, configurations, what is served.

Also the alarm of one that was killed before its end.
"""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.catalog.aws.common import METRIC_ALARM
from pulumi_simcloud.harness import SimCloud
from pulumi_simcloud.releases import CONFIG, MODEL, SageMaker

from training.endpoint.aws_fleet import Fleet

REGION = "eu-central-1"
GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


def release(cloud: SimCloud) -> None:
    """Two versions of every model, the second of them served, as a pipeline leaves them."""
    for row in cloud.resources(GROUP):
        content = SageMaker(cloud.state, REGION).content(row.outputs["modelPackageGroupName"])
        for version in ("1", "2"):
            cloud.put_object(content, version, b"")
    for row in cloud.resources(ENDPOINT):
        name = Fleet({"endpoint": row.outputs["name"]}, None, None).release_name(2)
        for token in (MODEL, CONFIG):
            first = cloud.resource(token, f"{row.outputs['name']}-bootstrap")
            _make(cloud, token, {**first.inputs, "name": name}, name)
        alarm = {
            "name": name,
            "namespace": "AWS/SageMaker",
            "metricName": "Invocation5XXErrors",
            "statistic": "Sum",
            "period": 60,
            "evaluationPeriods": 1,
            "threshold": 1,
            "comparisonOperator": "GreaterThanThreshold",
        }
        _make(cloud, METRIC_ALARM, alarm, name)
        cloud.change(ENDPOINT, row.id, endpointConfigName=name)


def _make(cloud: SimCloud, token: str, inputs: dict[str, Any], name: str) -> None:
    variants = inputs.get("productionVariants", [])
    if variants:
        inputs["productionVariants"] = [{**variant, "modelName": name} for variant in variants]
    cloud.seed(token, name, inputs, {"region": REGION}, by="release")
