"""A second independent sample on Amazon Web Services: models and endpoints."""

from __future__ import annotations

from typing import Any

from samples.documents import definition, step

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
# An endpoint without instances, whose provisioned concurrency is scaled.
SERVERLESS = (
    ("lessmodel", "model", {"name": "less", "vpcConfig": None}),
    (
        "lessconfig",
        "config",
        {
            "name": "less",
            "productionVariants": [
                {
                    "variantName": "all",
                    "modelName": "${lessmodel.name}",
                    "serverlessConfig": {
                        "maxConcurrency": 4,
                        "memorySizeInMb": 2048,
                        "provisionedConcurrency": 1,
                    },
                }
            ],
            "dataCaptureConfig": None,
        },
    ),
    (
        "less",
        "endpoint",
        {"name": "less", "endpointConfigName": "${lessconfig.name}", "deploymentConfig": None},
    ),
    (
        "lesstarget",
        "scaled",
        {"resourceId": "endpoint/less/variant/all", "scalableDimension": CONCURRENCY},
    ),
)


def _image(**more: Any) -> dict[str, Any]:
    """A model whose image is in another registry."""
    return {
        "primaryContainer": {
            "image": "docker.example.org/model:1",
            "modelDataUrl": "s3://sim-bucket/model.tar.gz",
            **more,
        }
    }


def _processed(name: str) -> dict[str, str]:
    """A pipeline of one step that makes a job of a given name."""
    return {
        "pipelineDefinition": definition(
            step(
                "my-first-step",
                "Processing",
                Arguments={
                    "ProcessingJobName": name,
                    "ProcessingResources": {
                        "ClusterConfig": {
                            "InstanceType": "ml.m5.xlarge",
                            "InstanceCount": 1,
                            "VolumeSizeInGB": 30,
                        }
                    },
                    "AppSpecification": {"ImageUri": "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"},
                    "RoleArn": "${role.arn}",
                },
            )
        )
    }


def _managed(**more: Any) -> dict[str, Any]:
    """A configuration whose number of instances the service keeps."""
    return {
        "dataCaptureConfig": None,
        "productionVariants": [
            {
                "variantName": "all",
                "instanceType": "ml.m5.large",
                "initialInstanceCount": 1,
                "managedInstanceScaling": {
                    "status": "ENABLED",
                    "minInstanceCount": 1,
                    "maxInstanceCount": 2,
                },
                **more,
            }
        ],
    }


def _served(model: str) -> dict[str, Any]:
    """A configuration with a model of a given name."""
    return {
        "productionVariants": [
            {
                "variantName": "AllTraffic",
                "modelName": model,
                "instanceType": "ml.m5.large",
                "initialInstanceCount": 1,
            }
        ]
    }


def _followed(metric: str) -> dict[str, Any]:
    """A policy for the concurrency of the endpoint without instances."""
    return {
        "resourceId": "${lesstarget.resourceId}",
        "scalableDimension": CONCURRENCY,
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 0.7,
            "predefinedMetricSpecification": {"predefinedMetricType": metric},
        },
    }


MODELS = [
    Refusal(
        f"{GITHUB}/aws-samples/generative-ai-on-amazon-sagemaker/pull/299",
        RANGE,
        "group",
        "the name of a group of model packages does not exceed 63 characters",
        {"modelPackageGroupName": "model-" + "x" * 58},
        {"modelPackageGroupName": "model-" + "x" * 57},
    ),
    Refusal(
        f"{GITHUB}/zenml-io/zenml/issues/1500",
        PATTERN,
        "pipeline",
        "ValidationException: 'basic-zenml-project-pipeline-c.versloot-81a28c88' at "
        "'pipelineName' failed to satisfy constraint",
        {"pipelineName": "basic-zenml-project-pipeline-c.versloot-81a28c88"},
        {"pipelineName": "basic-zenml-project-pipeline-c-versloot-81a28c88"},
    ),
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/issues/5099",
        RANGE,
        "pipeline",
        "ValidationException: Unable to parse pipeline definition. Model Validation failed: "
        "string with length=91 cannot be greater than max=63.0 defined for ProcessingJobName",
        _processed("my-custom-name-" + "a" * 76),
        _processed("my-custom-name-" + "a" * 48),
    ),
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-feedback/issues/85",
        PATTERN,
        "model",
        "ValidationException: 'ssd-efficientdet-d0-512x512-coco-'17-202308' at 'modelName' "
        "failed to satisfy constraint",
        {"name": "ssd-efficientdet-d0-512x512-coco-'17-202308"},
        {"name": "ssd-efficientdet-d0-512x512-coco-17-202308"},
    ),
    Refusal(
        f"{GITHUB}/aws/sagemaker-python-sdk/pull/4700",
        EXCLUSIVE,
        "model",
        "ValidationException: Using non-ECR image without Vpc repository access mode is not "
        "supported",
        _image(),
        _image(imageConfig={"repositoryAccessMode": "Vpc"}),
    ),
    Refusal(
        f"{TERRAFORM}/pull/45926",
        EXCLUSIVE,
        "config",
        "ValidationException: ManagedInstanceScaling is only supported for inference component "
        "endpoints",
        _managed(modelName="${model.name}"),
        {**_managed(), "executionRoleArn": "${role.arn}"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/3520",
        MISSING,
        "scaling",
        "ValidationException: without a type a policy scales in steps, and has no target",
        {"policyType": None},
    ),
    Refusal(
        f"{GITHUB}/aws/aws-cdk/issues/29065",
        ENUM,
        "scaling",
        "Scalable dimension sagemaker:variant:DesiredProvisionedConcurrency only supports the "
        "following predefined metric types: SageMakerVariantProvisionedConcurrencyUtilization",
        _followed("LambdaProvisionedConcurrencyUtilization"),
        _followed("SageMakerVariantProvisionedConcurrencyUtilization"),
        SERVERLESS,
    ),
]

ENDPOINTS = [
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-examples/issues/2236",
        PATTERN,
        "config",
        "ValidationException: 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' failed "
        "to satisfy constraint",
        _served("ENTER MODEL NAME"),
        _served("${model.name}"),
    ),
    Refusal(
        f"{GITHUB}/awslabs/spot-tagging-bot-for-digital-assets/issues/2",
        EXCLUSIVE,
        "config",
        "ValidationException: Cannot create already existing endpoint configuration",
        {"name": "bert-sentiment-config"},
        {"name": "bert-sentiment-config-2"},
        (("bert", "config", {"name": "bert-sentiment-config"}),),
    ),
    Refusal(
        f"{GITHUB}/ministryofjustice/modernisation-platform-environments/pull/9383",
        EXCLUSIVE,
        "endpoint",
        "ValidationException: Cannot create already existing endpoint",
        {"name": "hmpps-probation-search-preprod-sagemaker-endpoint"},
        {"name": "hmpps-probation-search-dev-sagemaker-endpoint"},
        (("search", "endpoint", {"name": "hmpps-probation-search-preprod-sagemaker-endpoint"}),),
    ),
    Refusal(
        f"{TERRAFORM}/pull/8207",
        MISSING,
        "endpoint",
        '"endpoint_config_name": required field is not set',
        {"endpointConfigName": None},
    ),
]

MORE = [*MODELS, *ENDPOINTS]
