"""Limits on Amazon Web Services that no reference states, from answers to users."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.documents import definition, policy, statement, step, trust

from stated.aws_beside import IMAGE
from stated.aws_together import by_value
from stated.case import Stated

MANAGED = (
    "arn:aws:iam::aws:policy/AWSLambdaFullAccess",
    "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
)
OTHER, THIRD = (f"arn:aws:iam::{number}:root" for number in (210987654321, 310987654321))
FORWARDED = {"arn": "${queue.arn}", "sagemakerPipelineTarget": REMOVED}
ENABLED = {"status": "ENABLED", "minInstanceCount": 1, "maxInstanceCount": 2}
COMPONENTS = {
    "productionVariants[0].modelName": REMOVED,
    "executionRoleArn": "${role.arn}",
}
SCALING = "productionVariants[0].managedInstanceScaling"


def _tagged(*values: str) -> dict[str, Any]:
    return {"costFilters": [{"name": "TagKeyValue", "values": list(values)}]}


def _logged(role: Any) -> dict[str, Any]:
    return {"arn": "${loggroup.arn}", "sagemakerPipelineTarget": REMOVED, "roleArn": role}


def _sending(**document: str) -> dict[str, Any]:
    send = statement(Action="sqs:SendMessage", Resource="*", Principal={"AWS": "${role.arn}"})
    return {"policy": json.dumps({**document, "Statement": [send]})}


def _listed(principal: str) -> dict[str, Any]:
    actions = ["sqs:ListQueues", "sqs:SendMessage"]
    resource = "arn:aws:sqs:eu-central-1:123456789012:dead"
    return {
        "policy": policy(statement(Action=actions, Resource=resource, Principal={"AWS": principal}))
    }


def _modelled(**container: Any) -> dict[str, Any]:
    arguments = {
        "ExecutionRoleArn": "${role.arn}",
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://sim-bucket/x", **container},
    }
    return {"pipelineDefinition": definition(step("model", "Model", Arguments=arguments))}


def _shared(*principals: str) -> dict[str, Any]:
    read = statement(
        Principal={"AWS": list(principals)}, Resource="*", Action="sagemaker:DescribeModelPackage"
    )
    return {"resourcePolicy": policy(read)}


def _watched(endpoint: str) -> dict[str, Any]:
    job = {
        "roleArn": "${role.arn}",
        "monitoringAppSpecification": {"imageUri": IMAGE},
        "monitoringInputs": {
            "endpointInput": {
                "endpointName": endpoint,
                "localPath": "/opt/ml/processing/input",
            }
        },
        "monitoringOutputConfig": {
            "monitoringOutputs": {
                "s3Output": {
                    "s3Uri": "s3://sim-bucket/quality",
                    "localPath": "/opt/ml/processing/output",
                }
            }
        },
        "monitoringResources": {
            "clusterConfig": {
                "instanceCount": 1,
                "instanceType": "ml.m5.large",
                "volumeSizeInGb": 20,
            }
        },
    }
    return {
        "monitoringScheduleConfig.monitoringJobDefinitionName": REMOVED,
        "monitoringScheduleConfig.monitoringJobDefinition": job,
    }


DEFINITIONS = tuple(
    (name, "quality", {"name": name, "dataQualityJobInput.endpointInput.endpointName": endpoint})
    for name, endpoint in (("lost", "gone"), ("kept", "flights"))
)


def _defined(name: str) -> dict[str, Any]:
    return {"monitoringScheduleConfig.monitoringJobDefinitionName": f"${{{name}.name}}"}


QUERY = {"id": "m1", "metric": {"metricName": "a", "namespace": "b", "period": 60, "stat": "Sum"}}
WITH_BAND = {
    **dict.fromkeys(("metricName", "namespace", "statistic", "period", "dimensions"), REMOVED),
    "threshold": REMOVED,
    "thresholdMetricId": "e1",
    "comparisonOperator": "GreaterThanUpperThreshold",
}


def _band(returned: tuple[bool | None, bool | None]) -> dict[str, Any]:
    band = {"id": "e1", "expression": "ANOMALY_DETECTION_BAND(m1, 2)", "label": "band"}
    queries = [
        query if answer is None else {**query, "returnData": answer}
        for query, answer in zip((QUERY, band), returned, strict=True)
    ]
    return {**WITH_BAND, "metricQueries": queries}


REGISTRY = "dkr.ecr.eu-central-1.amazonaws.com"
PREBUILT = f"763104351884.{REGISTRY}"
IMAGES = (
    f"210987654321.{REGISTRY}/a:1",
    f"123456789012.{REGISTRY}/a:1",
    f"{PREBUILT}/pytorch-inference:2.1-cpu",
)
MODELS = tuple(
    (f"m{n}", "model", {"name": f"m{n}", "vpcConfig": REMOVED, "primaryContainer.image": image})
    for n, image in enumerate(IMAGES)
)
INSTANCES = {"productionVariants[0].modelName": "${m0.name}"}


def _serverless(model: str) -> dict[str, Any]:
    variant = {
        "variantName": "all",
        "modelName": f"${{{model}.name}}",
        "serverlessConfig": {"maxConcurrency": 5, "memorySizeInMb": 2048},
    }
    return {"productionVariants": [variant], "dataCaptureConfig": REMOVED}


def _many_models(image: tuple[str, str]) -> dict[str, Any]:
    name, mode = image
    data = "s3://sim-bucket/models/" if mode == "MultiModel" else "s3://sim-bucket/model.tar.gz"
    return {"image": f"{PREBUILT}/{name}", "mode": mode, "modelDataUrl": data}


ANSWERS = [
    *(
        by_value(
            "role",
            "Invalid principal in policy",
            lambda service: {"assumeRolePolicy": trust(service)},
            bad,
            good,
        )
        for bad, good in (
            ("tagging", "tag"),
            ("stepfunctions", "states"),
            ("cloudwatch-events", "events"),
            ("flow-logs", "vpc-flow-logs"),
            ("replication-dynamodb", "replication.dynamodb"),
        )
    ),
    by_value(
        "permission",
        "which is no service",
        lambda service: {"principal": f"{service}.amazonaws.com", "sourceArn": REMOVED},
        "cloudwatch-events",
        "iot",
    ),
    *(
        by_value(sample, "does not exist or is not attachable", make, *MANAGED)
        for sample, make in (
            ("attachment", lambda policy: {"policyArn": policy}),
            ("role", lambda policy: {"managedPolicyArns": [policy]}),
        )
    ),
    Stated(
        "budget",
        "is more than one tag",
        _tagged("user:App$a,user:App$b"),
        _tagged("user:App$a", "user:App$b"),
    ),
    by_value("target", "RoleArn is not supported for target", _logged, "${role.arn}", REMOVED),
    Stated(
        "target",
        "RoleArn is not supported for target",
        _logged("${role.arn}"),
        FORWARDED,
    ),
    Stated("queuepolicy", "it has no Version", _sending(), _sending(Version="2012-10-17")),
    Stated("queue", "it has no Version", _sending(), _sending(Version="2012-10-17")),
    *(
        by_value(
            sample,
            "another account has no sqs:ListQueues",
            lambda account: _listed(f"arn:aws:iam::{account}:root"),
            "210987654321",
            "123456789012",
        )
        for sample in ("queue", "queuepolicy")
    ),
    by_value(
        "composite",
        "must not contain leading or trailing whitespace",
        lambda rule: {"alarmRule": rule},
        ' ALARM("errors")',
        'NOT  ALARM("errors")',
    ),
    Stated(
        "pipeline",
        "Unknown Argument member 'AdditionalModelDataSources'",
        _modelled(AdditionalModelDataSources=[]),
        _modelled(Environment={"A": "1"}),
    ),
    Stated(
        "config",
        "only supported for inference component endpoints",
        {SCALING: ENABLED},
        {SCALING: ENABLED, **COMPONENTS},
    ),
    by_value(
        "config",
        "only supported for inference component endpoints",
        lambda status: {SCALING: {**ENABLED, "status": status}},
        "ENABLED",
        "DISABLED",
    ),
    Stated("grouppolicy", "Duplicate principal", _shared(OTHER, OTHER), _shared(OTHER, THIRD)),
    by_value("monitoring", "Could not find endpoint 'gone'", _watched, "gone", "flights"),
    Stated(
        "monitoring",
        "Could not find endpoint 'gone'",
        _defined("lost"),
        _defined("kept"),
        DEFINITIONS,
    ),
    *(
        by_value(
            "alarm",
            f"Exactly two elements of the metrics list should return data, {number}",
            _band,
            bad,
            (True, True),
        )
        for number, bad in ((1, (False, True)), (1, (True, False)), (0, (None, None)))
    ),
    Stated(
        "alarm",
        "Threshold metric expression must use ANOMALY_DETECTION_BAND function",
        {**_band((False, True)), "metricQueries[1].expression": "m1 * 2"},
        _band((True, True)),
    ),
    by_value(
        "function",
        "Key Aliases are not supported for this operation",
        lambda key: {"kmsKeyArn": key},
        "${alias.arn}",
        "${key.arn}",
    ),
    *(
        Stated(
            "config",
            "neither prebuilt by SageMaker nor in ECR of the endpoint's account",
            _serverless("m0"),
            _serverless(good),
            MODELS,
        )
        for good in ("m1", "m2")
    ),
    Stated("config", "neither prebuilt by SageMaker", _serverless("m0"), INSTANCES, MODELS),
    *(
        by_value(
            "model",
            "does not contain required com.amazonaws.sagemaker.capabilities.multi-models=true",
            make,
            ("tensorflow-inference:2.1.0-gpu", "MultiModel"),
            good,
        )
        for make, good in (
            (
                lambda image: {"primaryContainer": _many_models(image)},
                ("tensorflow-inference:2.1.0-cpu", "MultiModel"),
            ),
            (
                lambda image: {"primaryContainer": REMOVED, "containers": [_many_models(image)]},
                ("tensorflow-inference:2.1.0-gpu", "SingleModel"),
            ),
        )
    ),
]
