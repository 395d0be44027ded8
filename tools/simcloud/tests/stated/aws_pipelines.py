"""What the parts of a SageMaker pipeline definition have to have."""

from __future__ import annotations

import json
from typing import Any

from samples.documents import definition, step

from stated.aws_beside import IMAGE
from stated.aws_together import by_value
from stated.case import Stated


def _steps(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pipelineDefinition": json.dumps({**json.loads(definition(*steps)), **more})}


def _compared(**condition: Any) -> dict[str, Any]:
    conditions = [{"Type": "Equals", "LeftValue": 1, **condition}]
    arguments = {"Conditions": conditions, "IfSteps": [step()], "ElseSteps": []}
    return _steps(step("ask", "Condition", Arguments=arguments))


def _retried(**retry: Any) -> dict[str, Any]:
    policies = [{"ExceptionType": ["Step.THROTTLING"], **retry}]
    return _steps(step("m", "Model", Arguments={}, RetryPolicies=policies))


def _read(name: str) -> dict[str, Any]:
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 9,
            }
        },
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": "${role.arn}",
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "o",
                    "S3Output": {
                        "S3Uri": "s3://sim-bucket/x",
                        "LocalPath": "/opt/ml/processing/o",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    }
    files = [{"PropertyFileName": "scores", "OutputName": "o", "FilePath": "scores.json"}]
    value = {"PropertyFile": {"Get": f"Steps.score.PropertyFiles.{name}"}, "Path": "a"}
    conditions = [{"Type": "Equals", "LeftValue": {"Std:JsonGet": value}, "RightValue": 1}]
    branches = {"Conditions": conditions, "IfSteps": [step()], "ElseSteps": []}
    return _steps(
        {"Name": "score", "Type": "Processing", "Arguments": arguments, "PropertyFiles": files},
        step("ask", "Condition", Arguments=branches),
    )


def _lambda_step(**more: Any) -> dict[str, Any]:
    return _steps({"Name": "call", "Type": "Lambda", **more})


PIPELINES = [
    Stated("pipeline", "has no Name", _steps({"Type": "Fail", "Arguments": {}}), _steps(step())),
    Stated("pipeline", "has no Arguments", _steps({"Name": "m", "Type": "Model"}), _steps(step())),
    Stated(
        "pipeline",
        "has no FunctionArn",
        _lambda_step(),
        _lambda_step(FunctionArn="${function.arn}"),
    ),
    by_value(
        "pipeline",
        "has no CheckType",
        lambda kind: _steps(step("q", "QualityCheck", Arguments={}, **kind)),
        {},
        {"CheckType": "DATA_QUALITY"},
    ),
    by_value(
        "pipeline",
        "OutputType",
        lambda kind: _lambda_step(
            FunctionArn="${function.arn}",
            OutputParameters=[{"OutputName": "o", "OutputType": kind}],
        ),
        "Number",
        "Float",
    ),
    by_value(
        "pipeline",
        "is no Boolean",
        lambda on: _steps(
            step("m", "Model", Arguments={}, CacheConfig={"Enabled": on, "ExpireAfter": "P1D"})
        ),
        "true",
        True,
    ),
    Stated("pipeline", "MaxAttempts 21", _retried(MaxAttempts=21), _retried(MaxAttempts=20)),
    by_value("pipeline", "IntervalSeconds", lambda n: _retried(IntervalSeconds=n), 43201, 43200),
    by_value("pipeline", "ExpireAfterMin", lambda n: _retried(ExpireAfterMin=n), 14401, 14400),
    Stated("pipeline", "has no RightValue", _compared(), _compared(RightValue=2)),
    Stated(
        "pipeline", "has no Type", _compared(Type="Or", Conditions=[{}]), _compared(RightValue=2)
    ),
    by_value(
        "pipeline",
        "parameter name",
        lambda name: _steps(step(), Parameters=[{"Name": name, "Type": "String"}]),
        "a b",
        "a-b_1",
    ),
    Stated("pipeline", "is not declared", _read("results"), _read("scores")),
    Stated("pipeline", "Json Array: Steps", {"pipelineDefinition": '{"Steps": {}}'}),
    Stated("pipeline", "Json Object: Steps", {"pipelineDefinition": '{"Steps": ["x"]}'}),
    Stated("pipeline", "Json Object: Arguments", _steps(step(Arguments=[])), _steps(step())),
    by_value(
        "pipeline",
        "Json Array: DependsOn",
        lambda names: _steps(step(), step("then", DependsOn=names)),
        "stop",
        ["stop"],
    ),
    by_value(
        "pipeline",
        "'ModelPackageName'",
        lambda arguments: _steps(step("r", "RegisterModel", Arguments=arguments)),
        {"ModelPackageName": "flights"},
        {"ModelPackageGroupName": "${group.modelPackageGroupName}"},
    ),
]
