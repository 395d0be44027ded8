"""A nineteenth round on AWS, taken blind: models, endpoints, pipelines."""

from __future__ import annotations

from typing import Any

from samples.documents import definition, policy, statement, step

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    PATTERN,
    POLICY,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-aws"
SDK = f"{GITHUB}/aws/sagemaker-python-sdk"
CLUSTER = {"instanceCount": 1, "instanceType": "ml.m5.large", "volumeSizeInGb": 20}
OTHER_ACCOUNT = "arn:aws:iam::210987654321:root"


def _processing(groups: Any) -> dict[str, Any]:
    """A pipeline with one step that runs in a network."""
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 20,
            }
        },
        "AppSpecification": {"ImageUri": "1.dkr.ecr.eu-central-1.amazonaws.com/a:1"},
        "NetworkConfig": {
            "VpcConfig": {"SecurityGroupIds": groups, "Subnets": ["${subnet.id}"]},
        },
        "RoleArn": "${role.arn}",
    }
    group = {"Name": "Group", "Type": "String", "DefaultValue": "sg-0a1b2c3d4e5f60718"}
    return {
        "pipelineDefinition": definition(
            step("prepare", "Processing", Arguments=arguments), Parameters=[group]
        )
    }


def _registered(**more: Any) -> dict[str, Any]:
    arguments = {"ModelPackageGroupName": "${group.modelPackageGroupName}", **more}
    return {
        "pipelineDefinition": definition(step("register", "RegisterModel", Arguments=arguments))
    }


def _created(**more: Any) -> dict[str, Any]:
    container = {"ModelDataUrl": "s3://sim-bucket/x", **more}
    arguments = {"ExecutionRoleArn": "${role.arn}", "PrimaryContainer": container}
    return {"pipelineDefinition": definition(step("model", "Model", Arguments=arguments))}


def _variant(**more: Any) -> dict[str, Any]:
    variant = {
        "variantName": "all",
        "modelName": "${model.name}",
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 1,
    }
    return {"productionVariants": [{**variant, **more}]}


def _watched(endpoint: str) -> dict[str, Any]:
    """A schedule with its job inside it."""
    job = {
        "monitoringAppSpecification": {"imageUri": "1.dkr.ecr.eu-central-1.amazonaws.com/a"},
        "monitoringInputs": {
            "endpointInput": {
                "endpointName": endpoint,
                "localPath": "/opt/ml/processing/endpointdata",
            }
        },
        "monitoringOutputConfig": {
            "monitoringOutputs": {
                "s3Output": {"localPath": "/opt/ml/output", "s3Uri": "s3://sim-bucket/quality"}
            }
        },
        "monitoringResources": {"clusterConfig": CLUSTER},
        "roleArn": "${role.arn}",
    }
    return {
        "monitoringScheduleConfig": {
            "monitoringType": "DataQuality",
            "monitoringJobDefinition": job,
            "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
        }
    }


def _shared(*accounts: str) -> dict[str, Any]:
    return {
        "resourcePolicy": policy(
            statement(
                Principal={"AWS": list(accounts)},
                Resource="*",
                Action="sagemaker:DescribeModelPackage",
            )
        )
    }


MODELS = [
    Refusal(
        f"{GITHUB}/aws-samples/generative-ai-on-amazon-sagemaker/pull/299",
        RANGE,
        "group",
        "a group's name of more than 63 characters",
        {"modelPackageGroupName": "m" * 64},
        {"modelPackageGroupName": "m" * 63},
    ),
    Refusal(
        f"{GITHUB}/awslabs/aiops-modules/pull/397",
        POLICY,
        "grouppolicy",
        "Invalid policy provided: Duplicate principal",
        _shared(OTHER_ACCOUNT, OTHER_ACCOUNT),
        _shared(OTHER_ACCOUNT, "arn:aws:iam::310987654321:root"),
    ),
    Refusal(
        f"{SDK}/issues/2345",
        TEXT,
        "pipeline",
        "Unable to parse pipeline definition. Expecting start of Json Array",
        _processing({"Get": "Parameters.Group"}),
        _processing([{"Get": "Parameters.Group"}]),
    ),
    Refusal(
        f"{SDK}/pull/3472",
        TEXT,
        "pipeline",
        "Unable to parse pipeline definition. Unknown Argument member 'ModelPackageName'",
        _registered(ModelPackageName="flights"),
        _registered(),
    ),
    Refusal(
        f"{SDK}/issues/4994",
        TEXT,
        "pipeline",
        "Unable to parse pipeline definition. Unknown Argument member 'AdditionalModelDataSources'",
        _created(AdditionalModelDataSources=[]),
        _created(),
    ),
    Refusal(
        f"{GITHUB}/aws-samples/sagemaker-ml-workflow-with-apache-airflow/issues/3",
        PATTERN,
        "model",
        "Value '{{ ti.xcom_pull(...) }}' at 'modelName' failed to satisfy constraint",
        {"name": "{{ ti.xcom_pull(task_ids='model_training')['Training']['TrainingJobName'] }}"},
        {"name": "model-training"},
    ),
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-feedback/issues/85",
        PATTERN,
        "model",
        "Value 'ssd-efficientdet-d0-512x512-coco-'17-202308' at 'modelName' failed",
        {"name": "ssd-efficientdet-d0-512x512-coco-'17-202308"},
        {"name": "ssd-efficientdet-d0-512x512-coco-17-202308"},
    ),
    Refusal(
        f"{GITHUB}/mlflow/mlflow/issues/12418",
        PATTERN,
        "model",
        "a name of a model that ends in -",
        {"name": "flights-model-"},
        {"name": "flights-model"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/45926",
        EXCLUSIVE,
        "config",
        "ManagedInstanceScaling is only supported for inference component endpoints",
        _variant(
            managedInstanceScaling={
                "status": "ENABLED",
                "minInstanceCount": 0,
                "maxInstanceCount": 2,
            }
        ),
        _variant(),
    ),
    Refusal(
        f"{GITHUB}/aws/aws-sdk-go/issues/5229",
        ENUM,
        "config",
        "expected production_variants.0.instance_type to be one of, got ml.t3.medium",
        _variant(instanceType="ml.t3.medium"),
        _variant(instanceType="ml.t2.medium"),
    ),
    Refusal(
        f"{GITHUB}/aws/amazon-sagemaker-examples/issues/2236",
        PATTERN,
        "config",
        "Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' failed",
        _variant(modelName="ENTER MODEL NAME"),
        _variant(),
    ),
    Refusal(
        f"{SDK}/issues/101",
        EXCLUSIVE,
        "endpoint",
        "Cannot create already existing endpoint",
        {},
        {"name": "iris"},
        (("first", "endpoint", {}),),
    ),
    Refusal(
        f"{SDK}/issues/4873",
        REFERENCE,
        "monitoring",
        "SageMaker verifies that an endpoint exists in the same account",
        _watched("elsewhere"),
        _watched("${endpoint.name}"),
    ),
]
