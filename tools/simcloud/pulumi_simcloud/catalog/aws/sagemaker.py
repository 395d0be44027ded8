"""SageMaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.aws.common import (
    COMPOSITE_ALARM,
    ENDPOINT,
    ENDPOINT_CONFIG,
    METRIC_ALARM,
    MODEL,
    MODEL_PACKAGE_GROUP,
    PIPELINE,
    ROLE,
    SECURITY_GROUP,
    SUBNET,
    key,
    role,
)
from pulumi_simcloud.failures import excerpt
from pulumi_simcloud.kinds import Api, Existing, Inputs, Kind, Name, Ref
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import (
    at_most_one,
    check,
    each_exactly_one,
    exactly_one,
    needs,
)
from pulumi_simcloud.rules.pipelines import pipeline_definition
from pulumi_simcloud.rules.policies import RESOURCE, policy
from pulumi_simcloud.rules.resource_policies import distinct_principals
from pulumi_simcloud.rules.trust import trusts

ARN = "arn:{partition}:sagemaker:{region}:{account}:"
SERVICE = "sagemaker.amazonaws.com"
ROUTING = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
VARIANTS = ("productionVariants", "shadowProductionVariants")


def _image_or_package(path: str) -> Any:
    def test(container: Any) -> str | None:
        sources = [name for name in ("image", "modelPackageName") if container.get(name)]
        inner = container.get("inferenceSpecificationName")
        return None if sources or inner else f"{path} needs an image or a modelPackageName"

    return check(path, test)


def _weights(value: Any) -> str | None:
    names = [variant.get("variantName") for variant in value if isinstance(variant, dict)]
    texts = [name for name in names if isinstance(name, str)]
    return (
        f"variant names {excerpt(texts)} are not unique" if len(set(texts)) < len(texts) else None
    )


ECR = re.compile(r"\d+\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/.+")


def _image_here(inputs: Inputs, world: Existing) -> Iterator[str]:
    """An image is pulled from the registry of the model's region (CreateModel's own answer).

    https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html
    """
    region = inputs.get("region") or world.variables["region"]
    for path in ("primaryContainer.image", "containers[*].image"):
        for _, image in select(inputs, path):
            match = ECR.fullmatch(str(image))
            if match and match[1] != region:
                reason = f"Region of {image!r} does not match expected region of {region}"
                yield f"{reason}. Cross region ECR image pulls are not allowed."


def _managed_scaling(value: Any) -> str | None:
    """Only the instances under inference components are scaled by SageMaker itself.

    The answer in github hashicorp/terraform-provider-aws pull requests 45926 (to none) and 48767
    (to any number), and DIAGNijmegen/rse-grand-challenge pull request 4659.
    """
    scaling = value.get("managedInstanceScaling")
    status = scaling.get("status") if isinstance(scaling, dict) else "DISABLED"
    if status != "DISABLED" and value.get("modelName") is not None:
        return "ManagedInstanceScaling is only supported for inference component endpoints"
    return None


def _half(value: Any) -> str | None:
    """At most 50 percent of the variant's instances (API_TrafficRoutingConfig, CanarySize)."""
    if value.get("type") == "CAPACITY_PERCENT" and (value.get("value") or 0) > 50:
        return f"a canary of {value['value']} percent is more than 50"
    return None


def _steps_of_half(value: Any) -> str | None:
    """10 to 50 percent of the variant's instances (API_TrafficRoutingConfig, LinearStepSize)."""
    if value.get("type") == "CAPACITY_PERCENT" and not 10 <= (value.get("value") or 0) <= 50:
        return f"a linear step of {value['value']} percent is not within 10 to 50"
    return None


SAGEMAKER = (
    Kind(
        MODEL_PACKAGE_GROUP,
        id="{modelPackageGroupName}",
        api=Api("sagemaker:CreateModelPackageGroup"),
        computed={"arn": f"{ARN}model-package-group/{{modelPackageGroupName|lower}}"},
        handles=("id", "arn"),
        contents="model-packages/{region}/{modelPackageGroupName}",
        unique="{region}/{modelPackageGroupName|lower}",
    ),
    Kind(
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        id="{modelPackageGroupName}",
        api=Api("sagemaker:PutModelPackageGroupPolicy"),
        refs=(Ref("modelPackageGroupName", (MODEL_PACKAGE_GROUP,)),),
        rules=(
            policy("resourcePolicy", RESOURCE, 20480),
            distinct_principals("resourcePolicy"),
        ),
        deferred=("resourcePolicy",),
    ),
    Kind(
        PIPELINE,
        id="{pipelineName}",
        api=Api("sagemaker:CreatePipeline"),
        refs=(
            role("roleArn"),
            Ref("pipelineDefinitionS3Location.bucket", ("aws:s3/bucket:Bucket",)),
            Ref("pipelineDefinition", (ROLE,), ("arn",), key="RoleArn", own=True),
            Ref(
                "pipelineDefinition",
                (MODEL_PACKAGE_GROUP,),
                key="ModelPackageGroupName",
            ),
        ),
        rules=(
            exactly_one("pipelineDefinition", "pipelineDefinitionS3Location"),
            pipeline_definition("pipelineDefinition"),
        ),
        demands=(trusts("roleArn", SERVICE),),
        computed={"arn": f"{ARN}pipeline/{{pipelineName|lower}}"},
        handles=("id", "arn"),
        unique="{region}/{pipelineName|lower}",
    ),
    Kind(
        MODEL,
        name=Name("name", 63),
        api=Api("sagemaker:CreateModel", {"name": "ModelName"}, optional=("name",)),
        refs=(
            role("executionRoleArn"),
            Ref("vpcConfig.subnets[*]", (SUBNET,), ("id",)),
            Ref("vpcConfig.securityGroupIds[*]", (SECURITY_GROUP,), ("id",)),
        ),
        rules=(
            exactly_one("primaryContainer", "containers"),
            _image_or_package("primaryContainer"),
            _image_or_package("containers[*]"),
        ),
        demands=(trusts("executionRoleArn", SERVICE), _image_here),
        computed={"arn": f"{ARN}model/{{name|lower}}"},
        unique="{region}/{name|lower}",
    ),
    Kind(
        ENDPOINT_CONFIG,
        name=Name("name", 63, prefix="namePrefix"),
        api=Api(
            "sagemaker:CreateEndpointConfig",
            {"name": "EndpointConfigName", "kmsKeyArn": "KmsKeyId"},
            optional=("name",),
        ),
        refs=(
            *(Ref(f"{variants}[*].modelName", (MODEL,), ("name",)) for variants in VARIANTS),
            key("kmsKeyArn"),
            key("dataCaptureConfig.kmsKeyId"),
            role("executionRoleArn"),
        ),
        rules=(
            at_most_one("name", "namePrefix"),
            check("productionVariants", _weights),
            check("productionVariants[*]", _managed_scaling),
            each_exactly_one("productionVariants[*]", "instanceType", "serverlessConfig"),
            # A serverless variant supports no data capture (SageMaker guide, "Serverless").
            at_most_one("dataCaptureConfig", "productionVariants[*].serverlessConfig"),
        ),
        computed={"arn": f"{ARN}endpoint-config/{{name|lower}}"},
        unique="{region}/{name|lower}",
    ),
    Kind(
        ENDPOINT,
        name=Name("name", 63),
        api=Api("sagemaker:CreateEndpoint", {"name": "EndpointName"}, optional=("name",)),
        refs=(
            Ref("endpointConfigName", (ENDPOINT_CONFIG,), ("name",)),
            Ref(
                "deploymentConfig.autoRollbackConfiguration.alarms[*].alarmName",
                (METRIC_ALARM, COMPOSITE_ALARM),
                ("name", "alarmName"),
            ),
        ),
        rules=(
            at_most_one(
                "deploymentConfig.blueGreenUpdatePolicy", "deploymentConfig.rollingUpdatePolicy"
            ),
            check(f"{ROUTING}.canarySize", _half),
            check(f"{ROUTING}.linearStepSize", _steps_of_half),
            needs(f"{ROUTING}.type", f"{ROUTING}.canarySize", value="CANARY"),
            needs(f"{ROUTING}.type", f"{ROUTING}.linearStepSize", value="LINEAR"),
        ),
        computed={"arn": f"{ARN}endpoint/{{name|lower}}"},
        unique="{region}/{name|lower}",
    ),
    Kind(
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        name=Name("name", 63),
        api=Api(
            "sagemaker:CreateDataQualityJobDefinition",
            {"name": "JobDefinitionName"},
            optional=("name",),
        ),
        refs=(role("roleArn"),),
        computed={"arn": f"{ARN}data-quality-job-definition/{{name|lower}}"},
        unique="{region}/{name|lower}",
    ),
    Kind(
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        name=Name("name", 63),
        api=Api(
            "sagemaker:CreateMonitoringSchedule",
            {"name": "MonitoringScheduleName"},
            optional=("name",),
        ),
        refs=(
            Ref(
                "monitoringScheduleConfig.monitoringJobDefinitionName",
                ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",),
                ("name",),
            ),
        ),
        computed={"arn": f"{ARN}monitoring-schedule/{{name|lower}}"},
        unique="{region}/{name|lower}",
    ),
)
